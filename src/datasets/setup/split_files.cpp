#include "datasets/setup/split_files.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

#include "base/util/text.h"

namespace latentcrs {
namespace {

/// 0: training, 1: validation, 2: test; -1: the word is none of them.
int part_of(std::string_view word) {
  const auto is_one_of = [&](std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), word) != names.end();
  };
  if (is_one_of({"train", "training", "base"})) return 0;
  if (is_one_of({"valid", "validation", "val", "dev"})) return 1;
  return is_one_of({"test", "testing"}) ? 2 : -1;
}

struct PartName {
  int part = -1;
  std::string rest;  ///< the other words of the file's name
};

PartName part_name(const std::filesystem::path& file) {
  PartName name;
  const std::string text = lower_case(file.filename().string());
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find_first_of("._-", begin), text.size());
    const std::string_view word = std::string_view(text).substr(begin, end - begin);
    if (const int part = part_of(word); part >= 0 && name.part < 0)
      name.part = part;
    else
      name.rest += std::string(word) + ".";
    begin = end + 1;
  }
  return name;
}

}  // namespace

SplitFiles find_split(const std::vector<std::filesystem::path>& files) {
  SplitFiles split;
  std::map<int, size_t> parts;
  std::vector<std::string> rests;
  std::vector<size_t> wholes, others;
  for (size_t i = 0; i < files.size(); ++i) {
    const PartName name = part_name(files[i]);
    if (name.part < 0) {
      wholes.push_back(i);
      continue;
    }
    others.push_back(i);
    parts[name.part] = i;
    rests.push_back(name.rest);
  }
  if (wholes.size() == 1 && !others.empty()) return {.parts = others, .whole = wholes[0]};
  const bool one_name =
      std::all_of(rests.begin(), rests.end(), [&](const std::string& rest) { return rest == rests[0]; });
  if (!wholes.empty() || !one_name || parts.size() != files.size()) return {};
  for (const auto& [part, index] : parts) split.parts.push_back(index);
  return split;
}

}  // namespace latentcrs
