#include "data/column_roles.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "data/usual_names.h"
#include "util/text.h"

namespace latentcrs {
namespace {

using Words = std::vector<std::string_view>;

const Words kUserWords = {"user",  "customer", "client",  "member", "viewer",  "reviewer",   "listener", "reader",
                          "buyer", "visitor",  "account", "person", "student", "subscriber", "player",   "profile"};
const Words kItemWords = {"item", "film",    "movie", "product", "song",    "track",  "artist", "book",      "isbn",
                          "game", "article", "place", "venue",   "content", "recipe", "show",   "video",     "episode",
                          "sku",  "course",  "url",   "beer",    "wine",    "anime",  "hotel",  "restaurant"};
const Words kRatingWords = {"rating", "score", "stars", "grade"};

bool is_usual(const std::string& name, std::string_view names) {
  const std::vector<std::string> known = split_names(names);
  return std::any_of(known.begin(), known.end(),
                     [&](const std::string& n) { return plain_name(n) == plain_name(name); });
}

bool hints(const std::string& name, const Words& words) {
  const std::string plain = plain_name(name);
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return plain.find(word) != std::string::npos; });
}

/// The search for the columns of a table.
class RoleFinder {
 public:
  RoleFinder(const std::vector<TableColumn>& columns, bool headed) : columns_(columns), headed_(headed) {}

  std::vector<ColumnRoles> find() {
    find_index();
    take_words();
    std::vector<ColumnRoles> found = {roles_};
    found = extended(found, &ColumnRoles::time, 3, [&](const ColumnRoles& r) { return times(r); });
    found = extended(found, &ColumnRoles::rating, 2, [&](const ColumnRoles& r) { return ratings(r); });
    found = with_ids(found);
    return found;
  }

 private:
  using Options = std::vector<std::pair<int, std::string>>;  // columns, and how each was found

  const TableColumn& at(int column) const { return columns_[static_cast<size_t>(column)]; }
  bool is_free(const ColumnRoles& roles, int column) const {
    const std::array taken = {roles.user, roles.item, roles.rating, roles.time, roles.index};
    return std::find(taken.begin(), taken.end(), column) == taken.end();
  }

  template <class Fits>
  std::vector<int> free_columns(const ColumnRoles& roles, Fits fits) const {
    std::vector<int> found;
    for (int c = 0; c < static_cast<int>(columns_.size()); ++c) {
      if (is_free(roles, c) && fits(at(c))) found.push_back(c);
    }
    return found;
  }

  void find_index() {
    if (!headed_ || columns_.empty()) return;
    const std::string& name = columns_[0].name;
    const bool unnamed = name.empty() || name.starts_with("Unnamed:");
    if (unnamed && columns_[0].profile.is_whole()) roles_.index = 0;
    // What pandas calls an index in Parquet.
    for (size_t c = 0; c < columns_.size(); ++c) {
      if (columns_[c].name == "__index_level_0__") roles_.index = static_cast<int>(c);
    }
  }

  /// The first column that has one of the names.
  int first_named(std::string_view names) const {
    for (const std::string& name : split_names(names)) {
      for (size_t c = 0; c < columns_.size(); ++c) {
        if (plain_name(columns_[c].name) == plain_name(name)) return static_cast<int>(c);
      }
    }
    return -1;
  }

  void take_words() {
    if (!headed_) return;
    roles_.title = first_named(kTitleNames);
    roles_.genres = first_named(kGenreNames);
    roles_.year = first_named(kYearNames);
    roles_.description = first_named("description");
  }

  /// Each of `found` with each of the columns that `options` gives for it in `role`; as it is where there is none.
  template <class Choose>
  static std::vector<ColumnRoles> extended(const std::vector<ColumnRoles>& found, int ColumnRoles::*role, size_t note,
                                           Choose options) {
    std::vector<ColumnRoles> all;
    for (const ColumnRoles& roles : found) {
      const Options chosen = options(roles);
      if (chosen.empty()) all.push_back(roles);
      for (const auto& [column, why] : chosen) {
        ColumnRoles next = roles;
        next.notes.resize(4);
        next.*role = column;
        next.notes[note] = why;
        all.push_back(next);
      }
    }
    return all;
  }

  Options times(const ColumnRoles& roles) const {
    const auto named = free_columns(roles, [](const TableColumn& c) { return is_usual(c.name, kTimeNames); });
    Options options;
    for (const int c : named) options.emplace_back(c, "by its name");
    if (!options.empty()) return options;
    const auto like = free_columns(roles, [](const TableColumn& c) { return c.profile.may_be_time(); });
    for (const int c : like) options.emplace_back(c, "by its values, which are times");
    return options;
  }

  Options ratings(const ColumnRoles& roles) const {
    Options options;
    for (const int c : free_columns(roles, [](const TableColumn& c) { return is_usual(c.name, kRatingFields); }))
      options.emplace_back(c, "by its name");
    if (!options.empty()) return options;
    const auto like = [](const TableColumn& c) { return c.profile.may_be_rating(); };
    for (const int c :
         free_columns(roles, [&](const TableColumn& t) { return like(t) && hints(t.name, kRatingWords); }))
      options.emplace_back(c, "by a part of its name");
    if (!options.empty() || headed_) return options;
    // Ids are few too in a small file, so that a rating is looked for behind the first two columns.
    const auto behind = free_columns(roles, like);
    for (const int c : behind) {
      if (c >= 2) options.emplace_back(c, "by its values, few numbers that occur again and again");
    }
    return options;
  }

  /// The columns that may be ids of users or items and have no other role.
  std::vector<int> leftovers(const ColumnRoles& roles) const {
    return free_columns(roles, [&](const TableColumn& c) {
      const bool words = is_usual(c.name, kTitleNames) || is_usual(c.name, kGenreNames) ||
                         is_usual(c.name, kYearNames) || is_usual(c.name, "description");
      return c.profile.may_be_id() && (!headed_ || !words);
    });
  }

  Options by_name(const ColumnRoles& roles, std::string_view names, const Words& words) const {
    Options options;
    for (const int c : free_columns(roles, [&](const TableColumn& t) { return is_usual(t.name, names); }))
      options.emplace_back(c, "by its name");
    if (!options.empty()) return options;
    for (const int c : leftovers(roles)) {
      if (hints(at(c).name, words)) options.emplace_back(c, "by a part of its name");
    }
    return options;
  }

  std::vector<ColumnRoles> with_ids(const std::vector<ColumnRoles>& found) const {
    if (!headed_) return with_unnamed_ids(found);
    auto all = extended(found, &ColumnRoles::user, 0,
                        [&](const ColumnRoles& r) { return by_name(r, kUserNames, kUserWords); });
    all =
        extended(all, &ColumnRoles::item, 1, [&](const ColumnRoles& r) { return by_name(r, kItemNames, kItemWords); });
    std::vector<ColumnRoles> complete;
    for (const ColumnRoles& roles : all) {
      for (const ColumnRoles& next : with_the_rest(roles)) complete.push_back(next);
    }
    std::erase_if(complete, [](const ColumnRoles& roles) { return roles.item < 0; });
    return with_possible_ratings(complete);
  }

  /// A column of few numbers may be a rating whatever its name: with it and without it.
  std::vector<ColumnRoles> with_possible_ratings(const std::vector<ColumnRoles>& found) const {
    std::vector<ColumnRoles> all;
    for (const ColumnRoles& roles : found) {
      all.push_back(roles);
      if (roles.user < 0 || roles.rating >= 0) continue;
      for (const int c : free_columns(roles, [](const TableColumn& t) {
             return t.profile.may_be_rating() && t.profile.distinct > 1 && !is_usual(t.name, kYearNames);
           })) {
        all.push_back(roles);
        all.back().rating = c;
      }
    }
    return all;
  }

  /// One of two ids is known: the only other column that may be an id is the other one.
  std::vector<ColumnRoles> with_the_rest(ColumnRoles roles) const {
    roles.notes.resize(4);
    const std::vector<int> rest = leftovers(roles);
    if (roles.item < 0 && roles.user >= 0 && !rest.empty()) {
      return extended({roles}, &ColumnRoles::item, 1,
                      [&](const ColumnRoles&) { return chosen(rest, "no other column is left"); });
    }
    if (roles.user < 0 && roles.item >= 0 && roles.rating + roles.time > -2 && !rest.empty())
      return extended({roles}, &ColumnRoles::user, 0,
                      [&](const ColumnRoles&) { return chosen(rest, "no other column is left"); });
    if (roles.user >= 0 || roles.item >= 0) return {roles};
    // A table of titles without users is one of items, and its first column without repeats is their id.
    const bool of_items = roles.title >= 0 && roles.time < 0 && roles.rating < 0;
    for (const int c : of_items ? rest : std::vector<int>()) {
      if (at(c).profile.distinct != at(c).profile.values) continue;
      roles.item = c;
      roles.notes[1] = "the first column without repeats";
      return {roles};
    }
    if (rest.size() >= 2) return either_order(roles, rest);
    return {roles};
  }

  static Options chosen(const std::vector<int>& columns, const char* why) {
    Options options;
    for (const int c : columns) options.emplace_back(c, why);
    return options;
  }

  static std::vector<ColumnRoles> either_order(const ColumnRoles& roles, const std::vector<int>& ids) {
    std::vector<ColumnRoles> all;
    for (const int user : ids) {
      for (const int item : ids) {
        if (user == item) continue;
        ColumnRoles next = roles;
        next.notes.resize(4);
        next.user = user;
        next.item = item;
        all.push_back(next);
      }
    }
    return all;
  }

  std::vector<ColumnRoles> with_unnamed_ids(const std::vector<ColumnRoles>& found) const {
    std::vector<ColumnRoles> all;
    for (const ColumnRoles& roles : found) {
      std::vector<int> ids = leftovers(roles);
      if (ids.size() < 2) continue;
      ids.resize(2);
      for (const ColumnRoles& next : either_order(roles, ids)) all.push_back(next);
    }
    return all;
  }

  const std::vector<TableColumn>& columns_;
  bool headed_;
  ColumnRoles roles_;
};

}  // namespace

std::vector<ColumnRoles> column_roles(const std::vector<TableColumn>& columns, bool headed) {
  return RoleFinder(columns, headed).find();
}

bool is_usual_name(const std::string& name) {
  return is_usual(name, kUserNames) || is_usual(name, kItemNames) || is_usual(name, kRatingFields) ||
         is_usual(name, kTimeNames) || is_usual(name, kTitleNames) || is_usual(name, kGenreNames);
}

}  // namespace latentcrs
