#include "datasets/data/column_roles.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>

#include "base/util/text.h"
#include "datasets/data/usual_names.h"

namespace latentcrs {
namespace {

using Words = std::vector<std::string_view>;

const Words kUserWords = {"user",  "customer", "client",  "member", "viewer",  "reviewer",   "listener", "reader",
                          "buyer", "visitor",  "account", "person", "student", "subscriber", "player",   "profile"};
const Words kItemWords = {"item", "film",    "movie", "product", "song",    "track",  "artist", "book",      "isbn",
                          "game", "article", "place", "venue",   "content", "recipe", "show",   "video",     "episode",
                          "sku",  "course",  "url",   "beer",    "wine",    "anime",  "hotel",  "restaurant"};
const Words kRatingWords = {"rating", "score", "stars", "grade"};
/// Further names that leave no doubt. A reader without datasets.columns does not look for them.
constexpr std::string_view kMoreUserNames =
    "member_id|client_id|account_id|listener_id|reader_id|profile_name|author_id";
constexpr std::string_view kMoreItemNames =
    "app_id|game_id|anime_id|video_id|song_id|track_id|recipe_id|article_id|news_id|gmap_id|poi_id|place_id|location_"
    "id|"
    "isbn|stock_code|content_id|show_id|course_id|photo_id|film_id|podcast_id|beer_id|aid";
constexpr std::string_view kMoreTimeNames =
    "utc_timestamp|event_time|created_at|date_added|review_date|unix_timestamp|event_date|invoice_date|t_dat|time_ms|"
    "timestamp_ms|time_frame|last_watch_dt";
constexpr std::string_view kMoreTitleNames = "book_title|prod_name|app_name|song_title|track_name|original_title";
constexpr std::string_view kMoreYearNames = "year_of_publication|publication_year|original_publication_year";
/// Words of names of numbers that are no ratings.
const Words kOtherNumbers = {"lat",  "latitude", "lon",   "lng",      "longitude", "age",      "gender",   "sex",
                             "tab",  "is",       "cat",   "category", "type",      "price",    "count",    "num",
                             "qty",  "quantity", "year",  "month",    "day",       "hour",     "minute",   "size",
                             "id",   "channel",  "code",  "duration", "position",  "order",    "rank",     "zip",
                             "cost", "offset",   "level", "week",     "timezone",  "discount", "property", "votes"};

/// The words of "isClick", "time_ms" and "Book-Rating" in lower case.
std::vector<std::string> words_of(const std::string& name) {
  std::vector<std::string> words(1);
  bool small = false;
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c);
    const bool begins = c >= 'A' && c <= 'Z' && small;
    if ((!letter || begins) && !words.back().empty()) words.emplace_back();
    if (letter) words.back() += lower_case(std::string(1, c));
    small = c >= 'a' && c <= 'z';
  }
  return words;
}

bool names_another_number(const std::string& name) {
  const std::vector<std::string> words = words_of(name);
  return std::any_of(words.begin(), words.end(), [](const std::string& word) {
    return std::find(kOtherNumbers.begin(), kOtherNumbers.end(), word) != kOtherNumbers.end();
  });
}

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

bool is_name_of_id(const std::string& name) {
  const auto names = {kUserNames, kMoreUserNames, kItemNames, kMoreItemNames};
  return std::any_of(names.begin(), names.end(), [&](std::string_view list) { return is_usual(name, list); });
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
        if (plain_name(columns_[c].name) == plain_name(name) && columns_[c].profile.values > 0)
          return static_cast<int>(c);
      }
    }
    return -1;
  }

  void take_words() {
    if (!headed_) return;
    roles_.title = first_named(kTitleNames);
    if (roles_.title < 0) roles_.title = first_named(kMoreTitleNames);
    roles_.genres = first_named(kGenreNames);
    roles_.year = first_named(kYearNames);
    if (roles_.year < 0) roles_.year = first_named(kMoreYearNames);
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
    Options options;
    for (const std::string_view names : {kTimeNames, kMoreTimeNames}) {
      for (const int c : free_columns(roles, [&](const TableColumn& t) { return is_usual(t.name, names); }))
        options.emplace_back(c, "by its name");
      if (options.size() > 1) keep_most_exact(options);
      if (!options.empty()) return options;
    }
    // Long ids look like seconds.
    const auto like =
        free_columns(roles, [](const TableColumn& c) { return c.profile.may_be_time() && !is_name_of_id(c.name); });
    for (const int c : like) options.emplace_back(c, "by its values, which are times");
    return options;
  }

  /// A timestamp says more than the date and the clock time beside it, which are the same moment.
  void keep_most_exact(Options& options) const {
    const auto is = [&](const std::pair<int, std::string>& option, std::initializer_list<std::string_view> names) {
      const std::string name = plain_name(at(option.first).name);
      return std::find(names.begin(), names.end(), name) != names.end();
    };
    const auto exact = [&](const auto& option) {
      return is(option, {"timestamp", "ts", "timems"}) && at(option.first).profile.may_be_time();
    };
    const auto coarse = [&](const auto& option) { return is(option, {"date", "time", "datetime"}); };
    if (std::count_if(options.begin(), options.end(), exact) != 1) return;
    if (std::count_if(options.begin(), options.end(), coarse) + 1 != static_cast<ptrdiff_t>(options.size())) return;
    std::erase_if(options, coarse);
    options[0].second = "by its name; the columns of the date and the clock are the same moment";
  }

  Options ratings(const ColumnRoles& roles) const {
    Options options;
    for (const int c : free_columns(roles, [](const TableColumn& c) { return is_usual(c.name, kRatingFields); }))
      options.emplace_back(c, "by its name");
    const auto is_number = [&](const auto& option) { return at(option.first).profile.is_number(); };
    if (std::any_of(options.begin(), options.end(), is_number)) std::erase_if(options, std::not_fn(is_number));
    if (!options.empty()) return options;
    const auto like = [](const TableColumn& c) { return c.profile.may_be_rating(); };
    for (const int c :
         free_columns(roles, [&](const TableColumn& t) { return like(t) && hints(t.name, kRatingWords); }))
      options.emplace_back(c, "by a part of its name");
    if (!options.empty() || headed_) return options;
    // Ids are few too in a small file, so that a rating is looked for behind the first two columns.
    const auto behind = free_columns(roles, [](const TableColumn& c) { return c.profile.may_be_stars(); });
    for (const int c : behind) {
      if (c >= 2) options.emplace_back(c, "by its values, few numbers that occur again and again");
    }
    return options;
  }

  /// Each value stands there once, as in a table of items.
  bool is_unique(int column) const {
    const ColumnProfile& profile = at(column).profile;
    return profile.values > 1 && profile.distinct == profile.values;
  }

  /// The columns that may be ids of users or items and have no other role.
  std::vector<int> leftovers(const ColumnRoles& roles) const {
    return free_columns(roles, [&](const TableColumn& c) {
      const bool words = is_usual(c.name, kTitleNames) || is_usual(c.name, kGenreNames) ||
                         is_usual(c.name, kYearNames) || is_usual(c.name, "description");
      return c.profile.may_be_id() && (!headed_ || !words);
    });
  }

  /// Beside an id of users their names say nothing more.
  void leave_out_names(Options& options) const {
    const auto is = [&](std::string_view end) {
      return [this, end](const auto& option) { return plain_name(at(option.first).name).ends_with(end); };
    };
    if (std::any_of(options.begin(), options.end(), is("userid"))) std::erase_if(options, is("name"));
  }

  Options by_name(const ColumnRoles& roles, std::initializer_list<std::string_view> lists, const Words& words) const {
    Options options;
    for (const std::string_view names : lists) {
      for (const int c : free_columns(roles, [&](const TableColumn& t) { return is_usual(t.name, names); }))
        options.emplace_back(c, "by its name");
      leave_out_names(options);
      if (!options.empty()) return options;
    }
    for (const int c : leftovers(roles)) {
      if (hints(at(c).name, words)) options.emplace_back(c, "by a part of its name");
    }
    return options;
  }

  std::vector<ColumnRoles> with_ids(const std::vector<ColumnRoles>& found) const {
    if (!headed_) return with_unnamed_ids(found);
    auto all = extended(found, &ColumnRoles::user, 0, [&](const ColumnRoles& r) {
      return by_name(r, {kUserNames, kMoreUserNames}, kUserWords);
    });
    all = extended(all, &ColumnRoles::item, 1, [&](const ColumnRoles& r) {
      return by_name(r, {kItemNames, kMoreItemNames}, kItemWords);
    });
    for (ColumnRoles& roles : all) {
      // Numbers of users or members stand in tables of items too.
      const bool counted = roles.user >= 0 && roles.item >= 0 && is_unique(roles.item) && !is_user_name(roles.user);
      if (counted) roles.user = -1;
      roles.named = roles.user >= 0 && roles.item >= 0;
    }
    std::vector<ColumnRoles> complete;
    for (const ColumnRoles& roles : all) {
      for (const ColumnRoles& next : with_the_rest(roles)) complete.push_back(next);
    }
    std::erase_if(complete, [](const ColumnRoles& roles) { return roles.item < 0; });
    return with_possible_ratings(complete);
  }

  bool is_user_name(int column) const {
    return is_usual(at(column).name, kUserNames) || is_usual(at(column).name, kMoreUserNames);
  }

  /// A column of few numbers may be a rating whatever its name: with it and without it.
  std::vector<ColumnRoles> with_possible_ratings(const std::vector<ColumnRoles>& found) const {
    std::vector<ColumnRoles> all;
    for (const ColumnRoles& roles : found) {
      all.push_back(roles);
      if (roles.user < 0 || roles.rating >= 0) continue;
      for (const int c : free_columns(roles, [](const TableColumn& t) {
             return t.profile.may_be_stars() && !is_usual(t.name, kYearNames) && !names_another_number(t.name);
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
    // A table of titles without users is one of items.
    const bool hinted = roles.item < 0 || !is_name_of_id(at(roles.item).name);
    if (const int id = first_named("id"); roles.user < 0 && hinted && roles.title >= 0 && id >= 0 && is_unique(id)) {
      roles.item = id;
      roles.notes[1] = "by its name";
    }
    if (roles.user < 0 && roles.item >= 0 && is_unique(roles.item)) return {roles};
    const std::vector<int> rest = leftovers(roles);
    if (roles.item < 0 && roles.user >= 0 && !rest.empty()) {
      return extended({roles}, &ColumnRoles::item, 1,
                      [&](const ColumnRoles&) { return chosen(rest, "no other column is left"); });
    }
    if (roles.user < 0 && roles.item >= 0 && roles.rating + roles.time > -2 && !rest.empty())
      return extended({roles}, &ColumnRoles::user, 0,
                      [&](const ColumnRoles&) { return chosen(rest, "no other column is left"); });
    if (roles.user >= 0 || roles.item >= 0) return {roles};
    // Without a name its first column without repeats is their id.
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
