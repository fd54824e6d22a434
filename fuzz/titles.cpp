// Answers of language models as lists of titles, as wishes, and as utterances that may give a title away.
#include "language/text/titles.h"

#include "fuzz.h"
#include "language/dialogue/remote_extractor.h"
#include "language/text/leak_check.h"
#include "language/text/title_list.h"
#include "language/text/title_match.h"

namespace {

using namespace latentcrs;

Item item(int64_t id, std::string title, std::string name, int year) {
  return {.id = id, .title = std::move(title), .name = std::move(name), .year = year};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const TitleIndex index(
      ItemCatalogue({item(1, "Star Wars: Episode V - The Empire Strikes Back (1980)",
                          "Star Wars: Episode V - The Empire Strikes Back", 1980),
                     item(2, "Heat (1995)", "Heat", 1995), item(3, "Postman, The (1997)", "Postman, The", 1997),
                     item(4, "Terminator 2: Judgment Day (1991)", "Terminator 2: Judgment Day", 1991)}),
      0.85);
  const std::string_view text = fuzz::text_of(data, size);
  constexpr size_t kCount = 10;
  for (const std::string& title :
       read_title_list(text, kCount, [&](std::string_view said) { return index.find(said).has_value(); }))
    (void)index.find(title);
  (void)read_title_list(text, kCount);
  (void)read_said_title(text);
  (void)title_names(text);
  (void)leaks_title(text, "Star Wars: Episode V - The Empire Strikes Back (1980)", 0.85);
  (void)leaks_title("I would like the second Terminator, or Heat.", text, 0.85);
  (void)parse_extraction(text, {"Sci-Fi", "Children's", "War"});
  return 0;
}
