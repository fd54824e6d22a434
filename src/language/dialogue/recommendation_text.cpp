#include "language/dialogue/recommendation_text.h"

#include <fmt/format.h>

namespace latentcrs {

std::string recommendation_text(const std::vector<int64_t>& items, const ItemCatalogue& catalogue) {
  std::string text = "The recommended items are:";
  for (size_t i = 0; i < items.size(); ++i)
    text += fmt::format("{} {}. {}", i == 0 ? "" : ";", i + 1, catalogue.at(items[i]).name);
  return text + ".";
}

}  // namespace latentcrs
