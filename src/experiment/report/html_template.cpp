#include "experiment/report/html_template.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/util/error.h"
#include "experiment/report/assets.h"

namespace latentcrs {

std::string fill_template(std::string_view name,
                          std::initializer_list<std::pair<std::string_view, std::string_view>> values) {
  std::string_view rest = report_asset(name);
  std::string out;
  std::vector<std::string_view> used;
  for (size_t begin = 0; (begin = rest.find("{{")) != std::string_view::npos;) {
    const size_t end = rest.find("}}", begin);
    const std::string_view blank = rest.substr(begin + 2, end - begin - 2);
    const auto* value =
        std::find_if(values.begin(), values.end(), [blank](const auto& entry) { return entry.first == blank; });
    if (value == values.end()) throw internal_error(fmt::format("{}: no value for {}", name, blank));
    out += rest.substr(0, begin);
    out += value->second;
    used.push_back(blank);
    rest.remove_prefix(end + 2);
  }
  for (const auto& [blank, value] : values)
    if (std::find(used.begin(), used.end(), blank) == used.end())
      throw internal_error(fmt::format("{}: no blank named {}", name, blank));
  return out + std::string(rest);
}

}  // namespace latentcrs
