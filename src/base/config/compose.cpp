#include "base/config/compose.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

#include "base/config/defaults_list.h"
#include "base/config/interpolation.h"
#include "base/config/nearest.h"
#include "base/config/tree_update.h"
#include "base/config/yaml_file.h"

namespace latentcrs {

namespace fs = std::filesystem;

namespace {

using Names = std::vector<std::string>;

/// The choice that the command line or an `override` entry makes for a group.
struct Choice {
  Names names;         // empty: the group is left out
  std::string origin;  // of the override
  bool used = false;
};

/// `~group` or `~group=choice` of the command line.
struct Removal {
  std::string name;  // empty: any choice is removed
  std::string origin;
  bool used = false;
};

/// The file that was chosen for a group, and the place that chose it.
struct ChosenFile {
  std::string name;
  std::string origin;
};

/// The group and the package of a file with a defaults list.
struct FilePlace {
  std::string group;
  std::string package;
};

std::string without_slash(const std::string& path) { return path.starts_with('/') ? path.substr(1) : path; }

std::string join_path(const std::string& a, const std::string& b) {
  if (a.empty() || b.empty()) return a + b;
  return a + "/" + b;
}

std::string folder_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

std::string as_package(std::string group) {
  std::replace(group.begin(), group.end(), '/', '.');
  return group;
}

/// `package` below `parent`, unless it says that it counts from the root.
std::string absolute_package(const std::string& parent, const std::string& package) {
  static const std::string global = "_global_";
  const std::string joined = join_key(parent, package);
  const size_t at = joined.rfind(global);
  if (at == std::string::npos) return joined;
  return joined.substr(std::min(at + global.size() + 1, joined.size()));
}

class Composer {
 public:
  Composer(const ConfigTree& tree, Problems& problems) : tree_(tree), problems_(problems) {}

  std::vector<Source> compose(const fs::path& main_file, const std::vector<Override>& overrides) {
    for (const Override& override : overrides) take(override);
    std::vector<Source> sources = include(main_file, {}, std::nullopt, "", appended_);
    for (const auto& [key, choice] : choices_)
      if (!choice.used) report_unused(key, choice);
    for (const auto& [key, removal] : removals_)
      if (!removal.used)
        problems_.add(removal.origin, key,
                      removal.name.empty() ? "no defaults list chooses this group"
                                           : "no defaults list chooses " + removal.name + " of this group");
    return sources;
  }

 private:
  static std::string key_of(const Override& override) {
    return override.key + (override.package ? "@" + *override.package : "");
  }

  void take(const Override& override) {
    const Node value = override.node();
    const std::string key = key_of(override);
    if (override.kind == Override::Kind::remove) {
      if (value.kind == Node::Kind::null || value.kind == Node::Kind::text)
        removals_[key] = {value.kind == Node::Kind::null ? "" : value.text, override.origin};
      else
        problems_.add(override.origin, key, "expected the name of a file of the group");
      return;
    }
    const bool is_name = value.kind == Node::Kind::text || value.kind == Node::Kind::list;
    const std::optional<Names> names = is_name ? choice_names(value) : std::nullopt;
    if (!names)
      return problems_.add(override.origin, key, "expected the name of a file of the group, got " + describe(value),
                           value.kind == Node::Kind::null ? "~" + key + " leaves the group out" : "");
    if (override.kind == Override::Kind::force_add)
      return problems_.add(override.origin, key, "++ means nothing for a group",
                           fmt::format("write {0} or +{0}", override.text.substr(2)));
    if (override.kind == Override::Kind::add)
      appended_.push_back({false, true, override.key, override.package, value, false, false, true, override.origin});
    else
      choices_[key] = {*names, override.origin};  // a later override replaces an earlier one
  }

  void report_unused(const std::string& key, const Choice& choice) {
    const std::string group = key.substr(0, key.find('@'));
    Names others;
    for (const auto& [other, chosen] : chosen_)
      if (other != key && other.substr(0, other.find('@')) == group) others.push_back(other);
    const std::string value =
        choice.names.size() == 1 ? choice.names.front() : fmt::format("[{}]", fmt::join(choice.names, ","));
    std::string hint = fmt::format("+{}={} adds it", key, value);
    if (!others.empty()) hint = fmt::format("{} is chosen; {}", fmt::join(others, " and "), hint);
    problems_.add(choice.origin, key, "no defaults list chooses this group", hint);
  }

  /// The sources that a file stands for: those of its defaults list, itself among them. `relative_group` is its group
  /// as the including file writes it, `package` that of `group@package`.
  std::vector<Source> include(const fs::path& file, const FilePlace& parent, std::optional<std::string> package,
                              const std::string& relative_group, const std::vector<DefaultsEntry>& appended,
                              const std::string& group = {}) {
    const std::string shown = shown_path(file);
    if (std::find(open_files_.begin(), open_files_.end(), file) != open_files_.end()) {
      problems_.add(shown, "defaults", "the file includes itself");
      return {};
    }
    open_files_.push_back(file);
    YamlFile yaml = read_yaml_file(file, shown, problems_);
    if (yaml.root.is_scalar() || yaml.root.kind == Node::Kind::list)
      problems_.add(shown, "", "expected keys and values, got " + describe(yaml.root));

    if (!package && yaml.package && *yaml.package != "_group_") package = absolute_header(*yaml.package);
    const FilePlace place{group, absolute_package(parent.package, package.value_or(as_package(relative_group)))};
    Source self{yaml.root, place.package};
    std::erase_if(self.tree.entries, [](const NodeEntry& entry) { return entry.key == "defaults"; });
    std::vector<DefaultsEntry> entries;
    if (const Node* defaults = yaml.root.find("defaults")) entries = parse_defaults_list(*defaults, problems_);
    std::vector<Source> sources = include_entries(std::move(entries), appended, place, self);
    open_files_.pop_back();
    return sources;
  }

  /// A `# @package x` always counts from the root.
  static std::string absolute_header(const std::string& package) {
    return package.starts_with("_global_") ? package : join_key("_global_", package);
  }

  std::vector<Source> include_entries(std::vector<DefaultsEntry> entries, const std::vector<DefaultsEntry>& appended,
                                      const FilePlace& place, const Source& self) {
    check_order(entries);
    const auto num_selves =
        std::count_if(entries.begin(), entries.end(), [](const DefaultsEntry& e) { return e.is_self; });
    if (num_selves > 1) problems_.add(self.tree.origin, "defaults", "_self_ stands twice");
    if (num_selves == 0) {
      entries.push_back({});
      entries.back().is_self = true;
    }
    entries.insert(entries.end(), appended.begin(), appended.end());
    // A choice of the command line or of an outer file goes before one of an inner file.
    for (const DefaultsEntry& entry : entries)
      if (entry.overrides) take_override(entry, place);

    // As in Hydra the last entry comes first, so that the others know its choices; names that refer to another choice
    // come last of all.
    std::vector<std::vector<Source>> parts(entries.size());
    for (const bool with_interpolation : {false, true})
      for (size_t i = entries.size(); i-- > 0;)
        if (has_interpolation(chosen_value(entries[i], place)) == with_interpolation)
          parts[i] = include_entry(entries[i], place, self);
    std::vector<Source> sources;
    for (std::vector<Source>& part : parts)
      sources.insert(sources.end(), std::make_move_iterator(part.begin()), std::make_move_iterator(part.end()));
    return sources;
  }

  void check_order(const std::vector<DefaultsEntry>& entries) {
    const auto first = std::find_if(entries.begin(), entries.end(), [](const DefaultsEntry& e) { return e.overrides; });
    const auto late =
        std::find_if(first, entries.end(), [](const DefaultsEntry& e) { return !e.overrides && !e.is_self; });
    if (late != entries.end())
      problems_.add(late->origin, late->path, "it stands behind an override", "overrides stand at the end of the list");
  }

  static std::string group_of(const DefaultsEntry& entry, const FilePlace& place) {
    const std::string path = entry.is_group ? entry.path : folder_of(entry.path);
    return entry.path.starts_with('/') ? without_slash(path) : join_path(place.group, path);
  }

  /// The name under which the command line knows the group: with its package if that is not the group's own.
  static std::string override_key(const DefaultsEntry& entry, const FilePlace& place) {
    const std::string group = group_of(entry, place);
    const std::string package =
        absolute_package(place.package, entry.package.value_or(as_package(without_slash(entry.path))));
    if (package == as_package(group)) return group;
    return group + "@" + (package.empty() ? "_global_" : package);
  }

  void take_override(const DefaultsEntry& entry, const FilePlace& place) {
    const std::optional<Names> names = choice_names(entry.value);
    if (!names) return problems_.add(entry.origin, entry.path, "expected a name, got " + describe(entry.value));
    choices_.try_emplace(override_key(entry, place), Choice{*names, entry.origin});
  }

  /// The entry's value, unless something outside replaces it.
  Node chosen_value(const DefaultsEntry& entry, const FilePlace& place) const {
    if (!entry.is_group) return entry.value;
    const auto choice = choices_.find(override_key(entry, place));
    if (choice == choices_.end() || entry.appended) return entry.value;
    const Names& names = choice->second.names;
    if (names.size() == 1) return text_node(names.front(), choice->second.origin);
    return names.empty() ? null_node(choice->second.origin) : list_node({}, choice->second.origin);
  }

  std::vector<Source> include_entry(const DefaultsEntry& entry, const FilePlace& place, const Source& self) {
    if (entry.is_self) return {self};
    if (entry.overrides) return {};
    return entry.is_group ? include_group(entry, place) : include_file(entry, place);
  }

  std::vector<Source> include_file(const DefaultsEntry& entry, const FilePlace& place) {
    const std::string group = group_of(entry, place);
    std::optional<std::string> name = with_choices(entry.path.substr(entry.path.rfind('/') + 1), entry);
    if (!name) return {};
    if (const auto file = tree_.find(join_path(group, *name)))
      return include(*file, place, entry.package, folder_of(without_slash(entry.path)), {}, group);
    if (!entry.optional) report_missing(entry.origin, group, *name);
    return {};
  }

  std::vector<Source> include_group(const DefaultsEntry& entry, const FilePlace& place) {
    std::optional<Names> names = choice_names(entry.value);
    if (!names) {
      problems_.add(entry.origin, entry.path, "expected a name, got " + describe(entry.value));
      return {};
    }
    const std::string key = override_key(entry, place);
    std::string origin = entry.origin;
    bool is_optional = entry.optional;
    if (const auto choice = choices_.find(key); choice != choices_.end() && !entry.appended) {
      choice->second.used = true;
      names = choice->second.names;
      origin = choice->second.origin;
      is_optional = false;
    }
    if (is_removed(key, *names)) return {};
    if (names->size() == 1 && entry.value.kind != Node::Kind::list && !remember(key, names->front(), origin)) return {};

    std::vector<Source> sources;
    const std::string group = group_of(entry, place);
    for (const std::string& written : *names) {
      const std::optional<std::string> name = with_choices(written, entry);
      if (!name) continue;
      if (const auto file = tree_.find(join_path(group, *name))) {
        std::vector<Source> part = include(*file, place, entry.package, without_slash(entry.path), {}, group);
        sources.insert(sources.end(), part.begin(), part.end());
      } else if (!is_optional) {
        report_missing(origin, group, *name);
      }
    }
    return sources;
  }

  bool is_removed(const std::string& key, const Names& names) {
    const auto removal = removals_.find(key);
    if (removal == removals_.end()) return false;
    if (!removal->second.name.empty() && names != Names{removal->second.name}) return false;
    removal->second.used = true;
    return true;
  }

  /// False after reporting that the group was chosen before.
  bool remember(const std::string& key, const std::string& name, const std::string& origin) {
    const auto [first, is_new] = chosen_.try_emplace(key, ChosenFile{name, origin});
    if (is_new) return true;
    const auto is_added = [](const std::string& place) { return place.starts_with("override "); };
    if (is_added(first->second.origin) && !is_added(origin))
      problems_.add(first->second.origin, key, "the group is chosen already, at " + origin,
                    fmt::format("{}={} replaces that choice", key, first->second.name));
    else
      problems_.add(origin, key, "the group is chosen twice",
                    fmt::format("first at {}; replace it with `override {}: …`", first->second.origin, key));
    return false;
  }

  /// The name with `${group}` replaced by that group's choice; nullopt after reporting.
  std::optional<std::string> with_choices(const std::string& name, const DefaultsEntry& entry) {
    if (name.find("${") == std::string::npos) return name;
    Node known = map_node();
    for (const auto& [group, chosen] : chosen_) known.set(group, text_node(chosen.name, chosen.origin));
    const std::optional<Node> resolved =
        Interpolation(known, problems_).value(text_node(name, entry.origin), entry.path);
    if (!resolved) return std::nullopt;
    return python_text(*resolved);
  }

  void report_missing(const std::string& origin, const std::string& group, const std::string& name) {
    const Names known = tree_.choices(group);
    const std::string what = group.empty() ? "defaults" : group;
    if (known.empty()) return problems_.add(origin, what, "there is no such group of files");
    const std::string choices = fmt::format("choices: {}", fmt::join(known, ", "));
    if (name == kMissing) return problems_.add(origin, what, fmt::format("choose one with {}=…; {}", what, choices));
    problems_.add(origin, what, fmt::format("no choice '{}'; {}", name, choices), did_you_mean(name, known));
  }

  const ConfigTree& tree_;
  Problems& problems_;
  std::map<std::string, Choice> choices_;
  std::map<std::string, Removal> removals_;
  std::map<std::string, ChosenFile> chosen_;
  std::vector<DefaultsEntry> appended_;
  std::vector<fs::path> open_files_;
};

}  // namespace

bool chooses_group(const Override& override, const ConfigTree& tree) {
  const bool is_map = !override.is_sweep() && override.node().kind == Node::Kind::map;
  return !is_map && override.key.find('.') == std::string::npos && tree.is_group(override.key);
}

std::vector<Source> compose(const fs::path& main_file, const ConfigTree& tree, const std::vector<Override>& overrides,
                            Problems& problems) {
  return Composer(tree, problems).compose(main_file, overrides);
}

}  // namespace latentcrs
