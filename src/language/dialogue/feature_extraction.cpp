#include "language/dialogue/feature_extraction.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <utility>

#include "base/util/error.h"
#include "language/text/genre_words.h"
#include "language/text/words.h"

namespace latentcrs {

namespace {

/// Words in the singular, with the place of each in split_words(). An empty word, which no pattern matches, stands for
/// a word of a title and for the end of a sentence.
struct PlacedWords {
  std::vector<std::string> words;
  std::vector<size_t> places;
};

PlacedWords unquoted_words(std::string_view text) {
  const auto quoted = quoted_ranges(text);
  const std::vector<Word> all = split_words(text);
  PlacedWords unquoted;
  const auto add = [&](std::string word, size_t place) {
    unquoted.words.push_back(std::move(word));
    unquoted.places.push_back(place);
  };
  for (size_t i = 0; i < all.size(); ++i) {
    const size_t previous_end = i == 0 ? 0 : all[i - 1].end;
    if (text.substr(previous_end, all[i].begin - previous_end).find_first_of(".!?;\n") != std::string_view::npos)
      add({}, i);
    const bool in_quotes = std::any_of(quoted.begin(), quoted.end(), [&](const auto& range) {
      return range.first < all[i].begin && all[i].begin < range.second;
    });
    add(in_quotes ? std::string() : without_plural(all[i].text), i);
  }
  return unquoted;
}

/// For each genre of genre_name(): whether the newest utterance that names it asks for it; nullopt where none does.
using AskedGenres = std::array<std::optional<bool>, kNumGenres>;

AskedGenres asked_genres(const std::vector<DialogueTurn>& turns) {
  AskedGenres asked;
  for (auto turn = turns.rbegin(); turn != turns.rend(); ++turn) {
    AskedGenres now;
    for (const GenreMention& mention : find_genres(turn->user))
      now[mention.genre] = now[mention.genre].value_or(false) || mention.stance == Stance::asked;
    for (size_t genre = 0; genre < kNumGenres; ++genre)
      if (!asked[genre]) asked[genre] = now[genre];
  }
  return asked;
}

class OfflineExtractor : public IntentExtractor {
 public:
  OfflineExtractor(std::vector<std::string> facets, const std::string& item_noun, GenreWording wording)
      : facets_(facets), matcher_(std::move(facets), item_noun), wording_(wording) {}

  Answers<Extraction> extract(const std::vector<std::vector<DialogueTurn>>& dialogues) override {
    std::vector<Extraction> extractions;
    for (const auto& turns : dialogues) {
      if (turns.empty()) throw internal_error("extract: a dialogue without turns");
      Extraction& extraction = extractions.emplace_back();
      std::string lines;
      for (auto turn = turns.rbegin(); turn != turns.rend(); ++turn) {
        extraction.intents += (extraction.intents.empty() ? "" : " ") + turn->user;
        lines += turn->user + "\n";
      }
      extraction.features = matcher_.find(lines);
      if (wording_ == GenreWording::people) extraction.features = with_genres(extraction.features, asked_genres(turns));
    }
    return extractions;
  }

 private:
  /// In the order of the facets: the genres that are asked for, and of `found` the facets that are no genres.
  std::vector<std::string> with_genres(const std::vector<std::string>& found, const AskedGenres& asked) const {
    std::vector<std::string> features;
    std::copy_if(facets_.begin(), facets_.end(), std::back_inserter(features), [&](const std::string& facet) {
      for (size_t genre = 0; genre < kNumGenres; ++genre)
        if (facet == genre_name(genre)) return asked[genre].value_or(false);
      return std::find(found.begin(), found.end(), facet) != found.end();
    });
    return features;
  }

  std::vector<std::string> facets_;
  FacetMatcher matcher_;
  GenreWording wording_;
};

}  // namespace

std::unique_ptr<IntentExtractor> make_offline_extractor(std::vector<std::string> facets, const std::string& item_noun,
                                                        GenreWording wording) {
  return std::make_unique<OfflineExtractor>(std::move(facets), item_noun, wording);
}

FacetMatcher::FacetMatcher(std::vector<std::string> facets, const std::string& item_noun) : facets_(std::move(facets)) {
  add_pattern(item_noun, facets_.size());
  for (size_t i = 0; i < facets_.size(); ++i) add_pattern(facets_[i], i);
  for (auto& [word, patterns] : patterns_) {
    // The sort is stable: equally long patterns keep the item noun first, and then the order of the list.
    std::stable_sort(patterns.begin(), patterns.end(),
                     [](const Pattern& a, const Pattern& b) { return a.words.size() > b.words.size(); });
  }
}

void FacetMatcher::add_pattern(std::string_view text, size_t facet) {
  Pattern pattern{.words = {}, .facet = facet};
  std::string joined;
  for (const Word& word : split_words(text)) {
    pattern.words.push_back(without_plural(word.text));
    joined += word.text;
  }
  if (pattern.words.empty()) return;
  if (pattern.words.size() > 1) {
    joined = without_plural(joined);
    patterns_[joined].push_back({.words = {joined}, .facet = facet});
  }
  const std::string first = pattern.words[0];
  patterns_[first].push_back(std::move(pattern));
}

std::vector<FacetMention> FacetMatcher::mentions(std::string_view text) const {
  const auto [words, places] = unquoted_words(text);
  std::vector<FacetMention> found;
  for (size_t i = 0; i < words.size();) {
    size_t used = 1;
    if (const auto candidates = patterns_.find(words[i]); candidates != patterns_.end()) {
      for (const Pattern& pattern : candidates->second) {
        if (i + pattern.words.size() > words.size()) continue;
        if (!std::equal(pattern.words.begin(), pattern.words.end(), words.begin() + static_cast<ptrdiff_t>(i)))
          continue;
        if (pattern.facet < facets_.size()) found.push_back({pattern.facet, places[i]});
        used = pattern.words.size();
        break;
      }
    }
    i += used;
  }
  return found;
}

std::vector<std::string> FacetMatcher::find(std::string_view text) const {
  std::vector<bool> found(facets_.size());
  for (const FacetMention& mention : mentions(text)) found[mention.facet] = true;
  std::vector<std::string> result;
  for (size_t i = 0; i < facets_.size(); ++i)
    if (found[i]) result.push_back(facets_[i]);
  return result;
}

}  // namespace latentcrs
