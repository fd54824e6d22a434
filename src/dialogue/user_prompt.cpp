#include "dialogue/user_prompt.h"

#include "dialogue/user_simulator.h"

namespace latentcrs {

std::string user_prompt(const PromptTemplate& prompt, const SplitRecord& record, const ItemCatalogue& catalogue,
                        const DatasetOptions& dataset) {
  std::string history;
  for (int32_t item : record.history) history += (history.empty() ? "" : "; ") + catalogue.at(item).name;
  const Item& target = catalogue.at(record.target);
  return prompt.render({{"item_noun", dataset.item_noun},
                        {"history", history},
                        {"target", target.name},
                        {"target_info", describe(target)},
                        {"end_marker", std::string(kEndMarker)}});
}

}  // namespace latentcrs
