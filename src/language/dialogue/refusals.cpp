#include "language/dialogue/refusals.h"

#include <algorithm>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "language/text/genre_words.h"
#include "language/text/name_finder.h"

namespace latentcrs {

namespace {

/// What an utterance says about a feature; of several mentions one that asks counts, and then one that refuses.
Stance stronger(Stance a, Stance b) {
  if (a == Stance::asked || b == Stance::asked) return Stance::asked;
  return a == Stance::refused || b == Stance::refused ? Stance::refused : Stance::allowed;
}

/// A feature that was mentioned, with what the utterances from the newest on say about it.
class Mentioned {
 public:
  void add_older(Stance stance) {
    if (decided_) return;
    decided_ = stance != Stance::allowed;
    lifted_ = lifted_ || !decided_;
    if (stance != Stance::refused || !lifted_) stance_ = stance;
  }
  Stance stance() const { return stance_; }

 private:
  Stance stance_ = Stance::allowed;
  bool decided_ = false, lifted_ = false;
};

using StanceByFeature = std::vector<std::pair<std::string, Stance>>;  // in the order in which features are listed

class HearingRefusals : public IntentExtractor {
 public:
  HearingRefusals(std::unique_ptr<IntentExtractor> extractor, const ItemCatalogue& catalogue,
                  const RefusalOptions& options)
      : extractor_(std::move(extractor)),
        facets_(catalogue.all_facets()),
        matcher_(facets_, options.item_noun),
        options_(options) {
    if (options.names) names_.emplace(catalogue);
  }

  Answers<Extraction> extract(const std::vector<std::vector<DialogueTurn>>& dialogues) override {
    Answers<Extraction> extractions = extractor_->extract(dialogues);
    for (size_t i = 0; i < extractions.all.size(); ++i) hear(dialogues[i], extractions.all[i]);
    return extractions;
  }

 private:
  void hear(const std::vector<DialogueTurn>& turns, Extraction& extraction) const {
    std::vector<std::string> order;
    std::unordered_map<std::string, Mentioned> mentioned;
    for (auto turn = turns.rbegin(); turn != turns.rend(); ++turn)
      for (const auto& [feature, stance] : stances_in(turn->user)) {
        const auto [place, is_new] = mentioned.try_emplace(feature);
        place->second.add_older(stance);
        if (is_new) order.push_back(feature);
      }
    for (const std::string& feature : order) set_stance(feature, mentioned.at(feature).stance(), extraction);
    if (options_.decides_wishes) sort_as_facets(extraction.features);
    sort_as_facets(extraction.refused);
  }

  void set_stance(const std::string& feature, Stance stance, Extraction& extraction) const {
    std::vector<std::string>& features = extraction.features;
    const bool is_listed = std::find(features.begin(), features.end(), feature) != features.end();
    const bool decides = options_.decides_wishes;
    if (is_listed && (stance == Stance::refused || (stance == Stance::allowed && decides)))
      features.erase(std::find(features.begin(), features.end(), feature));
    if (!is_listed && stance == Stance::asked && decides) features.push_back(feature);
    if (stance == Stance::refused) extraction.refused.push_back(feature);
  }

  /// Facets in the order of the catalogue, then the others as they are.
  void sort_as_facets(std::vector<std::string>& features) const {
    const auto place = [&](const std::string& feature) {
      return std::find(facets_.begin(), facets_.end(), feature) - facets_.begin();
    };
    std::stable_sort(features.begin(), features.end(),
                     [&](const std::string& a, const std::string& b) { return place(a) < place(b); });
  }

  /// What one utterance says about the features that it names, each once.
  StanceByFeature stances_in(const std::string& text) const {
    const std::vector<Stance> stances = stances_in_talk(text, split_words(text));
    StanceByFeature found;
    const auto add = [&](const std::string& feature, Stance stance) {
      const auto known =
          std::find_if(found.begin(), found.end(), [&](const auto& entry) { return entry.first == feature; });
      if (known == found.end())
        found.emplace_back(feature, stance);
      else
        known->second = stronger(known->second, stance);
    };
    for (const FacetMention& mention : matcher_.mentions(text))
      if (!is_heard_as_genre(facets_[mention.facet])) add(facets_[mention.facet], stances[mention.word]);
    for (const GenreMention& mention : find_genres(text, stances)) {
      const std::string genre(genre_name(mention.genre));
      if (is_heard_as_genre(genre)) add(genre, mention.stance);
    }
    if (!names_) return found;
    for (const NameMention& mention : names_->find(text, stances))
      add(std::string(mention.name), mention.asked      ? Stance::asked
                                     : mention.rejected ? Stance::refused
                                                        : Stance::allowed);
    return found;
  }

  /// Whether the words of find_genres() name the facet, in place of its own name.
  bool is_heard_as_genre(const std::string& facet) const {
    if (options_.wording != GenreWording::people || std::find(facets_.begin(), facets_.end(), facet) == facets_.end())
      return false;
    for (size_t genre = 0; genre < kNumGenres; ++genre)
      if (facet == genre_name(genre)) return true;
    return false;
  }

  std::unique_ptr<IntentExtractor> extractor_;
  std::vector<std::string> facets_;
  FacetMatcher matcher_;
  RefusalOptions options_;
  std::optional<NameFinder> names_;
};

}  // namespace

std::unique_ptr<IntentExtractor> hearing_refusals(std::unique_ptr<IntentExtractor> extractor,
                                                  const ItemCatalogue& catalogue, const RefusalOptions& options) {
  return std::make_unique<HearingRefusals>(std::move(extractor), catalogue, options);
}

}  // namespace latentcrs
