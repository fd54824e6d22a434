#include "language/dialogue/named_features.h"

#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "language/text/name_finder.h"

namespace latentcrs {

namespace {

class NamedFeatures : public IntentExtractor {
 public:
  NamedFeatures(std::unique_ptr<IntentExtractor> extractor, const ItemCatalogue& catalogue)
      : extractor_(std::move(extractor)), finder_(catalogue) {}

  Answers<Extraction> extract(const std::vector<std::vector<DialogueTurn>>& dialogues) override {
    Answers<Extraction> extractions = extractor_->extract(dialogues);
    for (size_t i = 0; i < extractions.all.size(); ++i) add_names(dialogues[i], extractions.all[i].features);
    return extractions;
  }

 private:
  void add_names(const std::vector<DialogueTurn>& turns, std::vector<std::string>& features) const {
    std::unordered_set<std::string> decided;
    for (auto turn = turns.rbegin(); turn != turns.rend(); ++turn)
      for (const NameMention& mention : finder_.find(turn->user)) {
        std::string name(mention.name);
        if (decided.insert(name).second && mention.asked) features.push_back(std::move(name));
      }
  }

  std::unique_ptr<IntentExtractor> extractor_;
  NameFinder finder_;
};

}  // namespace

std::unique_ptr<IntentExtractor> with_names(std::unique_ptr<IntentExtractor> extractor,
                                            const ItemCatalogue& catalogue) {
  return std::make_unique<NamedFeatures>(std::move(extractor), catalogue);
}

}  // namespace latentcrs
