#include "base/config/load_config.h"

#include <algorithm>

#include "base/config/check_config.h"
#include "base/config/compose.h"
#include "base/config/config_tree.h"
#include "base/config/derived_defaults.h"
#include "base/config/field_value.h"
#include "base/config/interpolation.h"
#include "base/config/overrides.h"
#include "base/config/schema.h"
#include "base/config/settings.h"
#include "base/config/tree_update.h"

namespace latentcrs {

namespace {

/// Reads one configuration and collects its mistakes.
class Loader {
 public:
  explicit Loader(const std::filesystem::path& file) : file_(file), tree_(file) {}

  LoadedConfig load(const std::vector<std::string>& overrides) {
    read(overrides);
    LoadedConfig loaded;
    loaded.file = file_;
    Interpolation interpolation(settings_.root(), problems_, Settings::key_rules());
    std::vector<std::string> unresolved;
    for (const Field& field : schema(loaded.config)) {
      const bool is_wrong_elsewhere =
          !field.same_as.empty() && problems_.concern(field.same_as) && settings_.find(field.key)->origin == "default";
      const std::optional<Node> node = interpolation.value(field.key);
      if (node && !is_wrong_elsewhere) store(field, *node);
      if (!node) unresolved.push_back(field.key);
    }
    set_derived_defaults(loaded.config,
                         [&](const std::string& key) { return settings_.find(key)->origin != "default"; });
    for (const Field& field : schema(loaded.config))
      loaded.values.push_back({field.key, to_yaml_text(to_json(field)), settings_.find(field.key)->origin});
    // The value that is left open is reported by itself, unless it is an entry of a free map.
    if (problems_.count() == 0)
      for (const std::string& key : unresolved)
        problems_.add(place(settings_.find(key)->origin), key, "an interpolation refers to a value that is left open",
                      "give that value, or leave the entry out");
    if (complete_) report_conflicts(loaded.config);
    problems_.throw_if_any();
    return loaded;
  }

 private:
  void read(const std::vector<std::string>& overrides) {
    std::vector<Override> groups, values;
    for (const Override& override : parse_single_overrides(overrides, problems_))
      (chooses_group(override, tree_) ? groups : values).push_back(override);

    const size_t before = problems_.count();
    const std::vector<Source> sources = compose(file_, tree_, groups, problems_);
    complete_ = problems_.count() == before;
    for (const Source& source : sources) settings_.merge(source.tree, source.package, problems_);
    for (const Override& override : values) settings_.apply(override, problems_);
  }

  void store(const Field& field, const Node& node) {
    const bool left_open = node.is_text(kMissing);
    if (!left_open) assign(field, node, problems_);
    const nlohmann::ordered_json value = to_json(field);
    const bool empty = value == "" || (value.is_array() && value.empty());
    const bool missing = left_open || (field.rule.required && empty && !problems_.concern(field.key));
    if (missing && complete_)
      problems_.add(place(node.origin), field.key, "required, but it has no value",
                    "set it in the file or as " + field.key + "=…");
  }

  /// Checks rules between settings of which each is right by itself.
  void report_conflicts(const Config& config) {
    std::vector<Conflict> conflicts = check_config(config);
    std::erase_if(conflicts, [&](const Conflict& conflict) {
      return std::any_of(conflict.keys.begin(), conflict.keys.end(),
                         [&](const std::string& key) { return problems_.concern(key); });
    });
    for (const auto& [keys, problem, hint] : conflicts)
      problems_.add(place(settings_.find(keys.front())->origin), keys.front(), problem, hint);
  }

  /// A mistake in a default has to be corrected in the main file.
  std::string place(const std::string& origin) const { return origin == "default" ? shown_path(file_) : origin; }

  std::filesystem::path file_;
  ConfigTree tree_;
  Settings settings_;
  Problems problems_;
  bool complete_ = true;  // every file was found and read, so a missing value is set nowhere
};

}  // namespace

LoadedConfig load_config(const std::string& name, const std::vector<std::string>& overrides) {
  return Loader(find_main_config(name)).load(overrides);
}

}  // namespace latentcrs
