#include "language/dialogue/user_prompt.h"

#include <fmt/format.h>

#include "base/util/error.h"
#include "language/dialogue/user_simulator.h"

namespace latentcrs {

PromptTemplate load_user_prompt(const std::filesystem::path& path) {
  PromptTemplate prompt = PromptTemplate::load(path, kUserPromptFields);
  if (!prompt.has_field("target_info") && !prompt.has_field("target_facts"))
    throw config_error(
        fmt::format("{}: has neither {{target_info}} nor {{target_facts}}: the user would not know what "
                    "to ask for",
                    path.string()));
  return prompt;
}

std::string user_prompt(const PromptTemplate& prompt, const SplitRecord& record, const ItemCatalogue& catalogue,
                        const DatasetOptions& dataset) {
  std::string history;
  for (int32_t item : record.history) history += (history.empty() ? "" : "; ") + catalogue.at(item).name;
  const Item& target = catalogue.at(record.target);
  const std::string facts = describe_facts(target);
  return prompt.render({{"item_noun", dataset.item_noun},
                        {"history", history},
                        {"target", target.name},
                        {"target_info", describe(target)},
                        {"target_facts", facts.empty() ? "nothing more is known" : facts},
                        {"end_marker", std::string(kEndMarker)}});
}

}  // namespace latentcrs
