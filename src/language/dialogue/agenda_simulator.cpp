#include "language/dialogue/agenda_simulator.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "language/dialogue/agenda_grammar.h"
#include "language/dialogue/agenda_wording.h"
#include "language/dialogue/feature_extraction.h"
#include "language/dialogue/people_wording.h"
#include "language/text/leak_check.h"
#include "language/text/titles.h"
#include "language/text/words.h"

namespace latentcrs {

namespace {

using agenda::Occasion;
using agenda::Wish;

constexpr size_t kDescriptionBytes = 600;  ///< read of a description, which names the kind of item at its start
constexpr size_t kKeywords = 6;            ///< words of a description that may be said, two at a time
constexpr size_t kLikenessChoices = 3;     ///< most similar history items, one of which is named

/// A fact about a target that can be said.
struct Topic {
  enum class Kind { facet, decade, year, keywords } kind;
  std::string text;
};

/// Counts the items in whose descriptions a word occurs.
class WordCounts {
 public:
  explicit WordCounts(const ItemCatalogue& catalogue) {
    for (const Item& item : catalogue.items()) {
      if (item.description.empty()) continue;
      ++num_descriptions_;
      std::unordered_set<std::string> seen;
      for (Word& word : split_words(std::string_view(item.description).substr(0, kDescriptionBytes)))
        if (seen.insert(word.text).second) ++counts_[word.text];
    }
  }

  /// The words of the item's description that distinguish it best, as they are written there, without words of the
  /// title.
  std::vector<std::string> distinctive_words(const Item& item) const;

 private:
  double weight(const std::string& word) const;

  std::unordered_map<std::string, int64_t> counts_;
  int64_t num_descriptions_ = 0;
};

/// Inverse document frequency; 0 for words of too many descriptions, and, once there are enough descriptions to tell,
/// for those of a single one (names and misspellings).
double WordCounts::weight(const std::string& word) const {
  const int64_t count = counts_.at(word);
  const bool enough = num_descriptions_ >= 1000;
  if (enough && (count < 2 || count * 20 > num_descriptions_)) return 0;
  return std::log(static_cast<double>(num_descriptions_ + 1) / static_cast<double>(count));
}

/// The word as `text` writes it, without the capital that only its place at the start of a sentence gives it.
std::string spelling_inside_sentence(std::string_view text, const Word& word) {
  const size_t before = text.substr(0, word.begin).find_last_not_of(" \t\r\n\"'");
  const bool starts_sentence =
      before == std::string_view::npos || text[before] == '.' || text[before] == '!' || text[before] == '?';
  return starts_sentence ? word.text : std::string(text.substr(word.begin, word.end - word.begin));
}

std::vector<std::string> WordCounts::distinctive_words(const Item& item) const {
  const auto title = split_words(item.title);
  const auto resembles_title = [&](const std::string& word) {
    return std::any_of(title.begin(), title.end(), [&](const Word& t) {
      return t.text == word || (t.text.size() >= 4 && (word.starts_with(t.text) || t.text.starts_with(word)));
    });
  };
  struct Candidate {
    double weight;
    std::string spelling;
  };
  const std::string_view text = std::string_view(item.description).substr(0, kDescriptionBytes);
  std::vector<Candidate> candidates;
  std::unordered_set<std::string> seen;
  auto words = split_words(text);
  if (text.size() < item.description.size() && !words.empty()) words.pop_back();  // it may be cut in the middle
  for (const Word& word : words) {
    const bool letters = std::none_of(word.text.begin(), word.text.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!letters || word.text.size() < 4 || is_stop_word(word.text) || resembles_title(word.text)) continue;
    const double w = weight(word.text);
    if (w > 0 && seen.insert(word.text).second) candidates.push_back({w, spelling_inside_sentence(text, word)});
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const auto& a, const auto& b) { return a.weight > b.weight; });
  candidates.resize(std::min(candidates.size(), kKeywords));
  std::vector<std::string> result;
  for (Candidate& candidate : candidates) result.push_back(std::move(candidate.spelling));
  return result;
}

class AgendaSimulator : public UserSimulator {
 public:
  AgendaSimulator(const ItemCatalogue& catalogue, const DatasetOptions& dataset, const SimulateOptions& options,
                  uint64_t seed)
      : catalogue_(catalogue),
        options_(options),
        seed_(derive_seed(seed, "agenda")),
        matcher_(catalogue.all_facets(), dataset.item_noun),
        word_counts_(catalogue),
        wording_(dataset.item_noun,
                 describes_by_neighbours(dataset) ? agenda::FacetKind::neighbours : agenda::FacetKind::categories),
        facets_(catalogue.all_facets()),
        people_(dataset.item_noun) {}

  Answers<SpokenWords> speak(const std::vector<UtteranceRequest>& requests) override {
    std::vector<SpokenWords> answers;
    for (const UtteranceRequest& request : requests) {
      answers.push_back({.text = answer(request)});
      if (!answers.back().text) answers.back().problem = "nothing is known about the item";
    }
    return answers;
  }

 private:
  std::optional<std::string> answer(const UtteranceRequest& request) const;
  std::string opening_of_people(const UtteranceRequest& request, Rng& rng) const;
  std::vector<Topic> topics(const Item& target) const;
  /// The topics of `all` that `said` does not name. The year is among them only once the decade was said.
  std::vector<Topic> fresh_topics(const std::vector<Topic>& all, const std::string& said) const;
  Wish make_wish(std::vector<Topic> topics, size_t most, Rng& rng) const;
  std::string similar_title(const UtteranceRequest& request, const std::string& said, Rng& rng) const;

  const ItemCatalogue& catalogue_;
  SimulateOptions options_;
  uint64_t seed_;
  FacetMatcher matcher_;
  WordCounts word_counts_;
  agenda::Wording wording_;
  std::vector<std::string> facets_;
  agenda::PeopleWording people_;
};

std::optional<std::string> AgendaSimulator::answer(const UtteranceRequest& request) const {
  const SplitRecord& record = *request.record;
  const auto& turns = request.turns;
  Rng rng(derive_seed(seed_, record.customer_id, {turns.size(), static_cast<uint64_t>(request.attempt)}));
  if (!turns.empty()) {
    const auto& shown = turns.back().shown_items;
    if (std::find(shown.begin(), shown.end(), record.target) != shown.end()) return wording_.accept(rng);
  }
  if (turns.empty() && options_.wording == "people") return opening_of_people(request, rng);
  std::string said;
  for (const DialogueTurn& turn : turns) said += turn.user + "\n";
  const std::vector<Topic> all = topics(catalogue_.at(record.target));
  std::vector<Topic> fresh = fresh_topics(all, said);
  const bool repeats = fresh.empty();
  if (repeats) fresh = all;

  const bool wants_likeness = rng.uniform() < options_.likeness_prob || repeats;
  const std::string liked = wants_likeness ? similar_title(request, said, rng) : "";
  if (fresh.empty() && liked.empty()) return std::nullopt;

  // An utterance names at most two facts, and a likeness is one of them.
  const bool several = options_.max_facets > 1 && liked.empty() && rng.uniform() < 0.8;
  Wish wish = make_wish(std::move(fresh), several ? 2 : 1, rng);
  wish.liked = liked;
  if (turns.empty()) return wording_.speak(wish, Occasion::opening, rng);
  return wording_.speak(wish, repeats && liked.empty() ? Occasion::repetition : Occasion::reveal, rng);
}

std::string AgendaSimulator::opening_of_people(const UtteranceRequest& request, Rng& rng) const {
  const Item& target = catalogue_.at(request.record->target);
  agenda::PeopleWish wish{.facets = target.facets, .others = {}, .unwanted = {}, .year = target.year, .liked = {}};
  std::erase(wish.facets, kNoGenres);
  const auto add_others = [&](const std::vector<std::string>& facets, std::vector<std::string>& to) {
    for (const std::string& facet : facets)
      if (facet != kNoGenres && std::find(target.facets.begin(), target.facets.end(), facet) == target.facets.end())
        to.push_back(facet);
  };
  add_others(facets_, wish.unwanted);
  const std::vector<int32_t>& history = request.record->history;
  if (!history.empty())
    if (const Item* item = catalogue_.find(history[rng.below(history.size())])) add_others(item->facets, wish.others);
  if (rng.uniform() < options_.likeness_prob) wish.liked = similar_title(request, "", rng);
  return people_.speak(wish, rng);
}

std::vector<Topic> AgendaSimulator::topics(const Item& target) const {
  std::vector<Topic> topics;
  for (const std::string& facet : target.facets) topics.push_back({Topic::Kind::facet, facet});
  if (target.year != 0) {
    topics.push_back({Topic::Kind::decade, std::to_string(target.year)});
    topics.push_back({Topic::Kind::year, std::to_string(target.year)});
  }
  if (target.description.empty()) return topics;
  const auto words = word_counts_.distinctive_words(target);
  // Strong words are paired with weaker ones, so that each pair says something.
  const size_t half = (words.size() + 1) / 2;
  for (size_t i = 0; i < half; ++i) {
    const bool pair = i + half < words.size();
    topics.push_back({Topic::Kind::keywords, pair ? fmt::format("{} and {}", words[i], words[i + half]) : words[i]});
  }
  return topics;
}

std::vector<Topic> AgendaSimulator::fresh_topics(const std::vector<Topic>& all, const std::string& said) const {
  const auto facets = matcher_.find(said);
  const auto has = [&](std::string_view text) { return !text.empty() && said.find(text) != std::string::npos; };
  const auto decade_said = [&](const Topic& topic) {
    const int decade = std::stoi(topic.text) / 10 * 10;
    return has(agenda::decade_name(decade)) || has(fmt::format("{}s", decade));
  };
  std::vector<Topic> fresh;
  for (const Topic& topic : all) {
    bool possible = true;
    switch (topic.kind) {
      case Topic::Kind::facet: possible = std::find(facets.begin(), facets.end(), topic.text) == facets.end(); break;
      case Topic::Kind::decade: possible = !decade_said(topic) && !has(topic.text); break;
      case Topic::Kind::year: possible = decade_said(topic) && !has(topic.text); break;
      case Topic::Kind::keywords: possible = !has(topic.text); break;
    }
    if (possible) fresh.push_back(topic);
  }
  return fresh;
}

Wish AgendaSimulator::make_wish(std::vector<Topic> topics, size_t most, Rng& rng) const {
  rng.shuffle(topics);
  // A facet says most, so usually one of the chosen topics is a facet.
  const auto facet =
      std::find_if(topics.begin(), topics.end(), [](const Topic& t) { return t.kind == Topic::Kind::facet; });
  if (facet != topics.end() && rng.uniform() < 0.6) std::iter_swap(topics.begin(), facet);

  Wish wish;
  size_t said = 0;
  for (const Topic& topic : topics) {
    if (said == most) break;
    const bool has_time = wish.decade_of != 0 || wish.year != 0;
    switch (topic.kind) {
      case Topic::Kind::facet: wish.facets.push_back(topic.text); break;
      case Topic::Kind::decade:
        if (has_time) continue;
        wish.decade_of = std::stoi(topic.text);
        break;
      case Topic::Kind::year:
        if (has_time) continue;
        wish.year = std::stoi(topic.text);
        break;
      case Topic::Kind::keywords:
        if (!wish.keywords.empty()) continue;
        wish.keywords = topic.text;
        break;
    }
    ++said;
  }
  return wish;
}

std::string AgendaSimulator::similar_title(const UtteranceRequest& request, const std::string& said, Rng& rng) const {
  const Item& target = catalogue_.at(request.record->target);
  struct Candidate {
    double similarity;  // shared facets / all facets of both
    const Item* item;
  };
  std::vector<Candidate> candidates;
  const auto& history = request.record->history;
  for (auto id = history.rbegin(); id != history.rend(); ++id) {
    const Item* item = catalogue_.find(*id);
    if (item == nullptr || item->id == target.id) continue;
    const auto shared = std::count_if(item->facets.begin(), item->facets.end(), [&](const std::string& facet) {
      return std::find(target.facets.begin(), target.facets.end(), facet) != target.facets.end();
    });
    const auto all = static_cast<double>(item->facets.size() + target.facets.size()) - static_cast<double>(shared);
    if (shared > 0 || target.facets.empty())
      candidates.push_back({static_cast<double>(shared) / std::max(all, 1.0), item});
  }
  // Equally similar items stay in the order of the history, the most recent first.
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const auto& a, const auto& b) { return a.similarity > b.similarity; });
  std::vector<std::string> titles;
  for (const Candidate& candidate : candidates) {
    if (titles.size() == kLikenessChoices) break;
    std::string title = spoken_title(candidate.item->name);
    if (title.find('"') != std::string::npos || said.find(title) != std::string::npos) continue;
    if (!leaks_title("\"" + title + "\"", target.title, options_.fuzzy_leak_ratio)) titles.push_back(std::move(title));
  }
  return titles.empty() ? "" : titles[rng.below(titles.size())];
}

}  // namespace

std::unique_ptr<UserSimulator> make_agenda_simulator(const ItemCatalogue& catalogue, const DatasetOptions& dataset,
                                                     const SimulateOptions& options, uint64_t seed) {
  return std::make_unique<AgendaSimulator>(catalogue, dataset, options, seed);
}

}  // namespace latentcrs
