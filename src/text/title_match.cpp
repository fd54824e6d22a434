#include "latentcrs/text/title_match.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "titles.h"

namespace latentcrs {

namespace {

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

/// The spellings of a title that are compared.
std::vector<std::string> forms_of(std::string_view title) {
  std::vector<std::string> forms;
  for (const std::string& variant : title_variants(title))
    if (std::string form = join(significant_words(variant)); !form.empty()) forms.push_back(std::move(form));
  return forms;
}

/// Of "Heat (1995)"; 0 if there is none.
int year_in(std::string_view title) {
  constexpr int first_year = 1000;
  for (size_t open = title.find('('); open != std::string_view::npos; open = title.find('(', open + 1)) {
    const std::string_view inside = title.substr(open + 1, 4);
    const bool digits = std::all_of(inside.begin(), inside.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (inside.size() != 4 || !digits || title.substr(open + 5, 1) != ")") continue;
    const int year = std::atoi(std::string(inside).c_str());
    if (year >= first_year) return year;
  }
  return 0;
}

std::vector<std::string_view> trigrams_of(std::string_view text) {
  std::vector<std::string_view> trigrams;
  for (size_t i = 0; i + 3 <= text.size(); ++i) trigrams.push_back(text.substr(i, 3));
  return trigrams;
}

struct ItemYear {
  int64_t id = 0;
  int year = 0;
};

}  // namespace

struct TitleIndex::Impl {
  double ratio = 1;
  std::vector<std::string> forms;
  std::vector<std::vector<ItemYear>> items;                     ///< of each form
  std::unordered_map<std::string, size_t> by_form;              ///< index of `forms`
  std::unordered_map<std::string, std::vector<size_t>> having;  ///< trigram to forms, for spelling mistakes

  void add(const std::string& form, const ItemYear& item) {
    const auto [known, is_new] = by_form.try_emplace(form, forms.size());
    if (is_new) {
      forms.push_back(form);
      items.emplace_back();
      for (const std::string_view trigram : trigrams_of(form)) {
        auto& list = having[std::string(trigram)];
        if (list.empty() || list.back() != known->second) list.push_back(known->second);
      }
    }
    items[known->second].push_back(item);
  }

  /// Distances and items in the order of preference: smallest first.
  using Match = std::tuple<size_t, int, int, int64_t>;  // spelling, year, minus the item's year, id

  static void offer(std::optional<Match>& best, size_t distance, const std::vector<ItemYear>& items, int year) {
    for (const ItemYear& item : items) {
      const int off = year == 0 || item.year == 0 ? 0 : std::abs(item.year - year);
      if (off > 1) continue;
      const Match match{distance, off, -item.year, item.id};
      if (!best || match < *best) best = match;
    }
  }

  size_t limit_for(size_t longer) const {
    return static_cast<size_t>((1.0 - ratio) * static_cast<double>(longer) + 1e-9);
  }

  /// Forms that share so many trigrams with `form` that few mistakes may lie between them: one spoils at most three.
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
      const size_t mistakes = limit_for(std::max(form.size(), forms[other].size()));
      if (count + 3 * mistakes >= trigrams.size()) near.push_back(other);
    }
    return near;
  }

  void offer_misspelled(std::optional<Match>& best, const std::string& form, int year) const {
    if (form.size() < kShortestFuzzyTitle) return;
    for (const size_t other : neighbours(form)) {
      const std::string& wanted = forms[other];
      const size_t limit = limit_for(std::max(form.size(), wanted.size()));
      const size_t distance = edit_distance(form, wanted, limit);
      if (distance <= limit && numbers_of(form) == numbers_of(wanted)) offer(best, distance, items[other], year);
    }
  }
};

TitleIndex::TitleIndex(const ItemCatalogue& catalogue, double match_ratio) {
  auto impl = std::make_unique<Impl>();
  impl->ratio = match_ratio;
  for (const Item& item : catalogue.items())
    for (const std::string& form : forms_of(item.title)) impl->add(form, {item.id, item.year});
  impl_ = std::move(impl);
}

TitleIndex::~TitleIndex() = default;

std::optional<int64_t> TitleIndex::find(std::string_view title) const {
  const int year = year_in(title);
  std::optional<Impl::Match> best;
  for (const std::string& form : forms_of(title)) {
    const auto known = impl_->by_form.find(form);
    if (known != impl_->by_form.end()) Impl::offer(best, 0, impl_->items[known->second], year);
    if (!best) impl_->offer_misspelled(best, form, year);
  }
  return best ? std::optional(std::get<3>(*best)) : std::nullopt;
}

}  // namespace latentcrs
