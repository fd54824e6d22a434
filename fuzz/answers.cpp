// Files of answers, of turns and of entities, and the titles and labels in them.
#include <nlohmann/json.hpp>

#include "base/util/error.h"
#include "fuzz.h"
#include "language/answers/answer_lines.h"
#include "language/answers/entity_labels.h"
#include "language/answers/label_search.h"
#include "language/answers/listed_titles.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace latentcrs;
  static const LabelSearch search({U"heat", U"casino", U"the empire strikes back", U"\u00E9lodie"});
  const std::string_view text = fuzz::text_of(data, size);
  for (const std::string& title : listed_titles(text)) (void)search.nearest(std::u32string(title.begin(), title.end()));
  (void)entity_label(text);
  const nlohmann::json line = nlohmann::json::parse(text, nullptr, false);
  if (!line.is_object()) return 0;
  try {
    (void)parse_answer(line, "line");
  } catch (const nlohmann::json::exception&) {  // for_each_json_line() makes an Error of it
  }
  return 0;
}
