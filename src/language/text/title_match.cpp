#include "language/text/title_match.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "language/text/near_title.h"
#include "language/text/titles.h"

namespace latentcrs {

namespace {

using Kind = TitleName::Kind;

constexpr double kLikeFame = 2;  ///< items whose counts differ by less are equally well known

std::vector<std::string_view> trigrams_of(std::string_view text) {
  std::vector<std::string_view> trigrams;
  for (size_t i = 0; i + 3 <= text.size(); ++i) trigrams.push_back(text.substr(i, 3));
  return trigrams;
}

/// The words without spaces and with repeated letters written once: "Chain Saw" and "Chainsaw", "Addams" and "Adams"
/// become the same.
std::string squeezed(std::string_view words) {
  std::string text;
  for (const char c : words)
    if (c != ' ' && (text.empty() || text.back() != c || is_number({&c, 1}))) text += c;
  return text;
}

/// One name of an item.
struct NamedItem {
  Kind kind = Kind::main;
  std::string article;
  int64_t id = 0;
  int year = 0;
};

/// How well an item fits a title; the smallest match is the best.
struct ItemMatch {
  int level = 0;  ///< 0: main title, 1: alternative title; then the same with another article, parts, misspelled titles
  size_t distance = 0;
  int years_off = 0;
  int64_t count = 0;
  int year = 0;
  int64_t id = 0;

  auto fit() const { return std::tuple(level, distance, years_off); }
  bool operator<(const ItemMatch& other) const {
    return std::tuple(fit(), -count, -year, id) < std::tuple(other.fit(), -other.count, -other.year, other.id);
  }
};

constexpr int kOtherArticle = 2, kDerived = 4, kMisspelled = 8;

/// A title to look for.
struct TitleQuery {
  TitleForm form;
  int year = 0;
  int level = 0;            ///< lower bound of the matches' levels
  bool whole_only = false;  ///< parts and short names do not count
};

/// The ways to divide "S and the Y", "S: Y" and "S - Y" into a possible series and the title without it.
std::vector<std::pair<TitleForm, TitleForm>> series_and_rest(const std::string& text) {
  std::vector<std::pair<TitleForm, TitleForm>> splits;
  for (const std::string_view divider : {": ", " - ", " \u2013 ", " and the "})
    if (const size_t at = text.find(divider); at != std::string::npos && at > 0)
      splits.emplace_back(title_form(text.substr(0, at)), title_form(text.substr(at + divider.size())));
  return splits;
}

}  // namespace

struct TitleIndex::Impl {
  double ratio = 1;
  ItemCounts counts;
  double mean_count = 0;
  std::vector<std::string> forms;                               ///< the words of each distinct name
  std::vector<std::vector<NamedItem>> entries;                  ///< the items that have the form as a name
  std::unordered_map<std::string, size_t> by_form;              ///< index of `forms`
  std::unordered_map<std::string, std::vector<size_t>> having;  ///< trigram to forms, for spelling mistakes
  std::unordered_map<std::string, std::vector<size_t>> by_squeezed;
  std::set<std::string> series;  ///< words of the names of series
  std::set<std::string> makers;  ///< "National Lampoon's ", as titles begin

  int64_t count_of(int64_t id) const {
    const auto found = counts.find(id);
    return found == counts.end() ? 0 : found->second;
  }

  void add(const TitleForm& form, const NamedItem& entry) {
    const auto [known, is_new] = by_form.try_emplace(form.words, forms.size());
    if (is_new) {
      forms.push_back(form.words);
      entries.emplace_back();
      by_squeezed[squeezed(form.words)].push_back(known->second);
      for (const std::string_view trigram : trigrams_of(form.words)) {
        auto& list = having[std::string(trigram)];
        if (list.empty() || list.back() != known->second) list.push_back(known->second);
      }
    }
    entries[known->second].push_back(entry);
  }

  void add_names(const std::vector<Item>& items) {
    for (const Item& item : items)
      for (const TitleName& name : title_names(item.title))
        add(name.form, {name.kind, name.form.article, item.id, item.year});
  }

  /// Adds names that depend on the whole catalogue: the short name of a title with a subtitle, and the parts of series.
  void add_series(const std::vector<Item>& items) {
    std::unordered_map<std::string, std::vector<SeriesMember>> by_head;
    std::unordered_map<std::string, int> prefixes;
    for (const Item& item : items) {
      const std::string spoken = spoken_title(item.title);
      if (const size_t at = spoken.find(" and the "); at != std::string::npos)
        ++prefixes[title_form(spoken.substr(0, at)).words];
      if (const TitleForm form = title_form(spoken); without_number(form) != form)
        series.insert(without_number(form).words);
      if (const std::string rest = without_maker(spoken); !rest.empty())
        makers.insert(spoken.substr(0, spoken.size() - rest.size()));
      auto split = split_series(spoken);
      if (!split) continue;
      const size_t colon = split->series.find(": ");  // the series' name ends there, wherever the number stands
      if (colon != std::string::npos) split->series.resize(colon);
      const TitleForm head = without_number(title_form(split->series));
      const bool bare = !split->numbered || colon != std::string::npos;
      by_head[head.words].push_back({&item, head, title_form(split->part), bare});
    }
    for (const auto& [prefix, count] : prefixes)
      if (count >= 2) series.insert(prefix);
    for (const auto& [head, members] : by_head) {
      const bool several = members.size() >= 2;
      if (several) series.insert(head);
      for (const SeriesMember& member : members)
        if (several && member.part.content_words >= 2)
          add(member.part, {Kind::derived, member.part.article, member.item->id, member.item->year});
      const SeriesMember* named = head.find(' ') == std::string::npos ? nullptr : named_by_head(members);
      if (named != nullptr) add(named->head, {Kind::derived, named->head.article, named->item->id, named->item->year});
    }
  }

  /// A title of a series, divided into the series' name (head) and the rest (part).
  struct SeriesMember {
    const Item* item;
    TitleForm head, part;
    bool bare = false;  ///< the head stands in the title without a number
  };

  /// The item that a series' bare name means: its first item, if that is also the best known one. nullptr for a single
  /// title ("South Park: Bigger, Longer & Uncut" is not South Park) and if the first item's own title has a number,
  /// because then an earlier one is missing.
  const SeriesMember* named_by_head(const std::vector<SeriesMember>& members) const {
    if (members.size() < 2) return nullptr;
    const auto older = [](const SeriesMember& a, const SeriesMember& b) { return a.item->year < b.item->year; };
    const auto lesser = [&](const SeriesMember& a, const SeriesMember& b) {
      return count_of(a.item->id) < count_of(b.item->id);
    };
    const auto first = std::min_element(members.begin(), members.end(), older);
    const auto best = std::max_element(members.begin(), members.end(), lesser);
    const bool known = first->item->year != 0 && count_of(first->item->id) > 0;
    return known && first == best && first->bare ? &*first : nullptr;
  }

  bool may_differ_in_article(const NamedItem& entry, const TitleQuery& wanted) const {
    constexpr double famous = 5;
    if (wanted.year != 0 && entry.year != 0) return true;  // the years differ by at most one, as offer() has checked
    if (wanted.form.content_words >= 3) return true;
    // People add an article more often than they leave one out, but "War of the Worlds" may be the exact title of
    // another film.
    const bool added = entry.article.empty() || !wanted.form.article.empty();
    const auto count = static_cast<double>(count_of(entry.id));
    return count > 0 && count >= (added && wanted.form.content_words == 2 ? 1 : famous) * mean_count;
  }

  void offer(std::vector<ItemMatch>& matches, const TitleQuery& wanted, size_t form, size_t distance) const {
    for (const NamedItem& entry : entries[form]) {
      if (wanted.whole_only && entry.kind == Kind::derived) continue;
      const int off = wanted.year == 0 || entry.year == 0 ? 0 : std::abs(entry.year - wanted.year);
      if (off > 1) continue;
      int level = entry.kind == Kind::main ? 0 : entry.kind == Kind::alternative ? 1 : kDerived;
      if (entry.article != wanted.form.article) {
        if (!may_differ_in_article(entry, wanted)) continue;
        level += kOtherArticle;
      }
      matches.push_back({std::max(level, wanted.level), distance, off, count_of(entry.id), entry.year, entry.id});
    }
  }

  void offer_exact(std::vector<ItemMatch>& matches, const TitleQuery& wanted) const {
    if (const auto known = by_form.find(wanted.form.words); known != by_form.end())
      offer(matches, wanted, known->second, 0);
  }

  /// Offers the items that have both names: "Mad Max 2: The Road Warrior".
  void offer_named_twice(std::vector<ItemMatch>& matches, const TitleQuery& first, const TitleQuery& second) const {
    std::vector<ItemMatch> of_first, of_second;
    offer_exact(of_first, first);
    offer_exact(of_second, second);
    for (const ItemMatch& match : of_first)
      for (const ItemMatch& other : of_second)
        if (match.id == other.id) matches.push_back(match);
  }

  /// The forms that share so many trigrams with `form` that the allowed number of edits can lie between them: one edit
  /// changes at most three trigrams.
  std::vector<size_t> neighbours(const std::string& form) const {
    std::unordered_map<size_t, size_t> shared;
    auto trigrams = trigrams_of(form);
    std::sort(trigrams.begin(), trigrams.end());
    trigrams.erase(std::unique(trigrams.begin(), trigrams.end()), trigrams.end());
    for (const std::string_view trigram : trigrams)
      if (const auto list = having.find(std::string(trigram)); list != having.end())
        for (const size_t other : list->second) ++shared[other];
    std::vector<size_t> near;
    for (const auto& [other, count] : shared) {
      const size_t mistakes = allowed_edits(std::max(form.size(), forms[other].size()), ratio);
      if (count + 3 * mistakes >= trigrams.size()) near.push_back(other);
    }
    return near;
  }

  void offer_misspelled(std::vector<ItemMatch>& matches, TitleQuery wanted) const {
    const std::string& form = wanted.form.words;
    if (ratio >= 1 || form.size() < kShortestFuzzyTitle) return;
    wanted.level = kMisspelled;
    if (const auto same = by_squeezed.find(squeezed(form)); same != by_squeezed.end())
      for (const size_t other : same->second)
        if (numbers_of(form) == numbers_of(forms[other])) offer(matches, wanted, other, 0);
    for (const size_t other : neighbours(form)) {
      const auto distance = near_title_distance(form, forms[other], ratio);
      if (distance) offer(matches, wanted, other, *distance);
    }
  }

  /// The best match; nullopt where two items fit equally well.
  static std::optional<int64_t> choose(std::vector<ItemMatch>& matches) {
    if (matches.empty()) return std::nullopt;
    std::sort(matches.begin(), matches.end());
    const ItemMatch& best = matches.front();
    if (best.level < kDerived) return best.id;
    for (const ItemMatch& other : matches) {
      const bool known_better = static_cast<double>(best.count) >= kLikeFame * static_cast<double>(other.count);
      if (other.id != best.id && other.fit() == best.fit() && (best.count == 0 || !known_better)) return std::nullopt;
    }
    return best.id;
  }

  /// Looks for the name itself, then for the name without its maker, its series or its number.
  std::optional<int64_t> find_exactly(const SaidTitle::Reading& reading) const {
    std::vector<ItemMatch> matches;
    const bool plus = reading.text.find(" + ") != std::string::npos;  // "Romeo + Juliet" is not "Romeo and Juliet"
    offer_exact(matches, {title_form(reading.text), reading.year, plus ? kDerived : 0});
    if (!matches.empty()) return choose(matches);
    const auto offer_part = [&](const TitleForm& form) {
      if (form.content_words >= 2) offer_exact(matches, {form, reading.year, kDerived, true});
    };
    const std::string without = without_maker(reading.text);
    if (!without.empty() && makers.contains(reading.text.substr(0, reading.text.size() - without.size())))
      offer_exact(matches, {title_form(without), reading.year, kDerived, true});
    offer_part(title_form(without));
    for (const auto& [name, rest] : series_and_rest(reading.text)) {
      if (series.contains(name.words)) offer_part(rest);
      offer_named_twice(matches, {name, reading.year, kDerived}, {rest, reading.year, kDerived});
    }
    if (const auto split = split_series(reading.text); split && split->numbered)
      offer_part(joined(without_number(title_form(split->series)), title_form(split->part)));
    return choose(matches);
  }
};

TitleIndex::TitleIndex(const ItemCatalogue& catalogue, double match_ratio, ItemCounts counts) {
  auto impl = std::make_unique<Impl>();
  impl->ratio = match_ratio;
  impl->counts = std::move(counts);
  for (const auto& [id, count] : impl->counts)
    impl->mean_count += static_cast<double>(count) / static_cast<double>(impl->counts.size());
  impl->add_names(catalogue.items());
  impl->add_series(catalogue.items());
  impl_ = std::move(impl);
}

TitleIndex::~TitleIndex() = default;

std::optional<int64_t> TitleIndex::find(std::string_view title) const {
  const SaidTitle said = read_said_title(title);
  if (said.other_medium) return std::nullopt;
  for (const SaidTitle::Reading& reading : said.readings)
    if (const auto item = impl_->find_exactly(reading)) return item;
  std::vector<ItemMatch> matches;
  for (const SaidTitle::Reading& reading : said.readings)
    impl_->offer_misspelled(matches, {title_form(reading.text), reading.year});
  return Impl::choose(matches);
}

}  // namespace latentcrs
