#include "datasets/setup/new_config.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/config/load_config.h"
#include "base/util/error.h"
#include "base/util/files.h"
#include "base/util/text.h"

namespace latentcrs {
namespace {

bool is_of_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '-' || c == '_';
}

bool same_folder(const fs::path& a, const fs::path& b) { return fs::weakly_canonical(a) == fs::weakly_canonical(b); }

/// The file that --config finds before one of `folder`; empty if there is none.
fs::path found_before(const fs::path& folder, const std::string& name) {
  for (const std::string& file : {name, name + ".yaml"}) {
    if (fs::is_regular_file(file)) return file;
  }
  for (const fs::path& searched : config_search_path()) {
    if (same_folder(searched, folder)) return {};
    for (const std::string& file : {name, name + ".yaml"}) {
      if (fs::is_regular_file(searched / file)) return searched / file;
    }
  }
  return {};
}

bool is_searched(const fs::path& folder) {
  const std::vector<fs::path> searched = config_search_path();
  return std::any_of(searched.begin(), searched.end(),
                     [&](const fs::path& other) { return same_folder(other, folder); });
}

}  // namespace

std::string config_name_of(const fs::path& file) {
  const fs::path whole = fs::weakly_canonical(file);
  std::string stem = whole.filename().string();
  if (!fs::is_directory(whole)) stem = stem.substr(0, stem.find('.', 1));
  std::string name;
  for (const char c : lower_case(stem)) {
    if (is_of_name(c))
      name += c;
    else if (!name.empty() && name.back() != '-')
      name += '-';
  }
  name = trimmed(name, "-");
  return name.empty() ? "data" : name;
}

NewConfig::NewConfig(const fs::path& folder, std::string name, IfThere if_there)
    : name_(std::move(name)), main_(folder / (name_ + ".yaml")), dataset_(folder / "datasets" / (name_ + ".yaml")) {
  if (name_.empty() || name_ == "base" || !std::all_of(name_.begin(), name_.end(), is_of_name))
    throw usage_error(fmt::format("--name {}: a name has letters, digits, - and _, and is not `base`", name_));
  for (const fs::path& file : {main_, dataset_}) {
    if (fs::exists(file) && if_there == IfThere::refuse)
      throw usage_error(
          fmt::format("{} is there already: --name gives another name, --force writes over it", file.string()));
  }
  if (const fs::path other = found_before(folder, name_); !other.empty() && is_searched(folder))
    throw usage_error(fmt::format("--config {} would find {} and not {}: give another --name", name_, other.string(),
                                  main_.string()));
}

std::string NewConfig::argument() const { return is_searched(main_.parent_path()) ? name_ : main_.string(); }

void NewConfig::write(const ConfigDraft& draft) const {
  write_file_atomically(dataset_, draft.dataset);
  write_file_atomically(main_, draft.main);
}

}  // namespace latentcrs
