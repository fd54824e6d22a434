#include "compose.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "nearest.h"

namespace latentcrs {

namespace fs = std::filesystem;

namespace {

/// What the command line or an `override` entry says about a group.
struct Choice {
  std::vector<std::string> names;  // none: the group is left out
  std::string origin;
  bool appended = false;
  bool used = false;
};

/// An entry `override datasets: cds` of a defaults list.
struct GroupEntry {
  std::string group;
  Node value;
  bool overrides = false;
  bool optional = false;
};

/// One name, a list of names, or null for none; nullopt for anything else.
std::optional<std::vector<std::string>> choice_names(const Node& value) {
  std::vector<std::string> names;
  if (value.kind == Node::Kind::scalar) names.push_back(value.text);
  if (value.kind == Node::Kind::map) return std::nullopt;
  for (const Node& item : value.items) {
    if (item.kind != Node::Kind::scalar) return std::nullopt;
    names.push_back(item.text);
  }
  return names;
}

/// `group` as an entry of a file of the group `parent` writes it; a leading slash means from the top.
std::string absolute_group(const std::string& group, const std::string& parent) {
  if (group.starts_with('/')) return group.substr(1);
  return parent.empty() ? group : parent + "/" + group;
}

GroupEntry parse_entry(const NodeEntry& entry, const std::string& parent) {
  GroupEntry parsed;
  std::string name = entry.key;
  const auto take = [&](const std::string& word) {
    if (!name.starts_with(word + " ")) return false;
    name.erase(0, word.size() + 1);
    return true;
  };
  parsed.overrides = take("override");
  parsed.optional = take("optional");
  parsed.group = absolute_group(name, parent);
  parsed.value = entry.value;
  return parsed;
}

class Composer {
 public:
  Composer(const ConfigTree& tree, Problems& problems) : tree_(tree), problems_(problems) {}

  std::vector<Source> compose(const fs::path& main_file, const std::vector<Override>& overrides) {
    for (const Override& override : overrides) choose(override);
    include(main_file, "");
    for (auto& [group, choice] : choices_) {
      if (choice.appended && !choice.used) include_choices(group, choice.names, choice.origin);
      if (choice.appended || choice.used) continue;
      problems_.add(choice.origin, group, "no defaults list chooses this group",
                    choice.names.empty() ? "" : fmt::format("+{}={} adds it", group, choice.names.front()));
    }
    return std::move(sources_);
  }

 private:
  void choose(const Override& override) {
    const auto names = choice_names(override.value);
    if (!names) return problems_.add(override.origin, override.key, "expected the name of a file of the group");
    Choice& choice = choices_[override.key];  // a later override replaces an earlier one
    choice.names = *names;
    choice.origin = override.origin;
    choice.appended = choice.appended || override.kind == Override::Kind::append;
  }

  void include(const fs::path& file, const std::string& group) {
    const std::string shown = shown_path(file);
    if (std::find(open_files_.begin(), open_files_.end(), file) != open_files_.end())
      return problems_.add(shown, "defaults", "the file includes itself");
    open_files_.push_back(file);
    YamlFile yaml = read_yaml_file(file, shown, problems_);
    if (yaml.root.kind == Node::Kind::scalar || yaml.root.kind == Node::Kind::list)
      problems_.add(shown, "", "expected keys and values, got " + describe(yaml.root));

    Source self{yaml.root, package_of(yaml, group)};
    std::erase_if(self.tree.entries, [](const NodeEntry& entry) { return entry.key == "defaults"; });
    const Node* defaults = yaml.root.find("defaults");
    const bool self_listed = defaults != nullptr && include_defaults(*defaults, group, self);
    if (!self_listed) sources_.push_back(self);
    open_files_.pop_back();
  }

  static std::string package_of(const YamlFile& yaml, const std::string& group) {
    if (yaml.package == "_global_") return "";
    if (!yaml.package.empty() && yaml.package != "_group_") return yaml.package;
    std::string package = group;
    std::replace(package.begin(), package.end(), '/', '.');
    return package;
  }

  /// True if the list says where the file itself stands.
  bool include_defaults(const Node& defaults, const std::string& group, const Source& self) {
    bool self_listed = false;
    collect_overrides(defaults, group);
    for (const Node& item : defaults.items) {
      if (item.kind == Node::Kind::scalar && item.text == "_self_") {
        sources_.push_back(self);
        self_listed = true;
      } else if (item.kind == Node::Kind::scalar) {
        include_file(item, group);
      } else if (item.kind == Node::Kind::map && item.entries.size() == 1) {
        include_group(parse_entry(item.entries.front(), group));
      } else {
        problems_.add(item.origin, "defaults", "expected a file name, _self_ or group: choice, got " + describe(item));
      }
    }
    if (defaults.kind != Node::Kind::list)
      problems_.add(defaults.origin, "defaults", "expected a list, got " + describe(defaults));
    return self_listed;
  }

  /// What an outer file or the command line says about a group goes before what an inner file says.
  void collect_overrides(const Node& defaults, const std::string& group) {
    for (const Node& item : defaults.items) {
      if (item.kind != Node::Kind::map || item.entries.size() != 1) continue;
      const GroupEntry entry = parse_entry(item.entries.front(), group);
      const auto names = choice_names(entry.value);
      if (entry.overrides && names) choices_.try_emplace(entry.group, Choice{*names, entry.value.origin});
    }
  }

  void include_file(const Node& item, const std::string& group) {
    const std::string stem = absolute_group(item.text, group);
    const size_t slash = stem.rfind('/');
    const std::string folder = slash == std::string::npos ? "" : stem.substr(0, slash);
    if (const auto file = tree_.find(stem)) return include(*file, folder);
    report_missing(item.origin, folder, stem.substr(slash + 1));
  }

  void include_group(const GroupEntry& entry) {
    if (entry.overrides) return;
    auto names = choice_names(entry.value);
    if (!names) return problems_.add(entry.value.origin, entry.group, "expected a name, got " + describe(entry.value));
    std::string origin = entry.value.origin;
    if (const auto [first, is_new] = chosen_at_.try_emplace(entry.group, origin); !is_new)
      return problems_.add(origin, entry.group, "the group is chosen twice",
                           fmt::format("first at {}; replace it with `override {}: …`", first->second, entry.group));
    if (const auto choice = choices_.find(entry.group); choice != choices_.end()) {
      choice->second.used = true;
      names = choice->second.names;
      origin = choice->second.origin;
    } else if (entry.optional) {
      std::erase_if(*names, [&](const std::string& name) { return !tree_.find(entry.group + "/" + name); });
    }
    include_choices(entry.group, *names, origin);
  }

  void include_choices(const std::string& group, const std::vector<std::string>& names, const std::string& origin) {
    for (const std::string& name : names) {
      if (const auto file = tree_.find(group + "/" + name))
        include(*file, group);
      else
        report_missing(origin, group, name);
    }
  }

  void report_missing(const std::string& origin, const std::string& group, const std::string& name) {
    const std::vector<std::string> known = tree_.choices(group);
    const std::string what = group.empty() ? "defaults" : group;
    if (known.empty()) return problems_.add(origin, what, "there is no such group of files");
    const std::string choices = fmt::format("choices: {}", fmt::join(known, ", "));
    if (name == "???") return problems_.add(origin, what, fmt::format("choose one with {}=…; {}", what, choices));
    problems_.add(origin, what, fmt::format("no choice '{}'; {}", name, choices), did_you_mean(name, known));
  }

  const ConfigTree& tree_;
  Problems& problems_;
  std::vector<Source> sources_;
  std::map<std::string, Choice> choices_;
  std::map<std::string, std::string> chosen_at_;  // group -> where a defaults list chose it
  std::vector<fs::path> open_files_;
};

}  // namespace

bool chooses_group(const Override& override, const ConfigTree& tree) {
  return override.value.kind != Node::Kind::map && override.key.find('.') == std::string::npos &&
         tree.is_group(override.key);
}

std::vector<Source> compose(const fs::path& main_file, const ConfigTree& tree, const std::vector<Override>& overrides,
                            Problems& problems) {
  return Composer(tree, problems).compose(main_file, overrides);
}

}  // namespace latentcrs
