// Logs of published datasets without a header of their own: what their columns hold gives them away.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "base/util/text.h"
#include "datasets/data/column_profile.h"
#include "datasets/data/recogniser.h"
#include "datasets/data/record_times.h"

namespace latentcrs {
namespace {

/// A table without a header, whose columns have numbers.
Reading numbered_reading(std::string separator, ColumnOptions columns, TimeUnit unit, std::string meaning) {
  Reading reading{.role = FileRole::interactions, .meaning = std::move(meaning)};
  reading.options.format = "csv";
  reading.options.separator = std::move(separator);
  reading.options.columns = std::move(columns);
  reading.options.time_unit = unit;
  return reading;
}

/// The columns of the lines, if all but a few lines have as many.
std::optional<SampleTable> regular_table(const FileSample& sample, std::string_view separator, Quoting quoting,
                                         std::initializer_list<size_t> widths) {
  SampleTable table = split_sample(sample, separator, quoting);
  const bool fits = std::find(widths.begin(), widths.end(), table.width()) != widths.end();
  return fits && table.is_regular(2) ? std::optional(std::move(table)) : std::nullopt;
}

ColumnProfile profile(const SampleTable& table, size_t column) { return profile_column(column_of(table, column, 0)); }

template <class Fits>
bool all_fit(const SampleTable& table, size_t column, Fits fits) {
  const std::vector<std::string> texts = column_of(table, column, 0);
  return !texts.empty() && std::all_of(texts.begin(), texts.end(), fits);
}

bool are_words(const SampleTable& table, size_t column, std::set<std::string_view> words) {
  return all_fit(table, column, [&](const std::string& text) { return words.contains(text); });
}

bool is_hexadecimal(std::string_view text, size_t digits) {
  return text.size() == digits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool are_dates(const ColumnProfile& column) { return column.values > 0 && column.iso_times == column.values; }

bool is_group_line(std::string_view line) {
  const std::string_view text = trimmed(line);
  return text.size() > 1 && text.ends_with(':') && std::all_of(text.begin(), text.end() - 1, is_digit);
}

void recognise_netflix(const FileSample& sample, std::vector<Reading>& readings) {
  if (!sample.lines.empty() && is_group_line(sample.lines[0])) {
    Reading reading{.role = FileRole::interactions,
                    .meaning = "ratings of the Netflix Prize: `item:`, below it user,rating,date"};
    reading.options.format = "netflix";
    readings.push_back(reading);
  } else if (sample.name.starts_with("movie_titles")) {
    readings.push_back({.role = FileRole::items,
                        .meaning = "films of the Netflix Prize (item,year,title; commas in titles), ISO-8859-1",
                        .goes_with = {"netflix"}});
  } else if (sample.name == "probe.txt" || sample.name == "qualifying.txt") {
    readings.push_back({.role = FileRole::ignored, .meaning = "questions of the Netflix Prize"});
  }
}

bool is_impression(const std::string& text) { return text.ends_with("-1") || text.ends_with("-0"); }

void recognise_mind(const FileSample& sample, std::vector<Reading>& readings) {
  if (const auto table = regular_table(sample, "\t", Quoting::none, {5}); table && all_fit(*table, 4, is_impression)) {
    Reading reading{.role = FileRole::interactions,
                    .meaning = "impressions of MIND (tabs: number, user, time, earlier clicks, news-1 or news-0)"};
    reading.options.format = "mind";
    readings.push_back(reading);
  }
  const auto news = [](const std::string& text) { return text.starts_with('N'); };
  const auto list = [](const std::string& text) { return text.empty() || text.starts_with('['); };
  if (const auto table = regular_table(sample, "\t", Quoting::none, {8});
      table && all_fit(*table, 0, news) && all_fit(*table, 6, list))
    readings.push_back({.role = FileRole::items,
                        .meaning = "news of MIND (tabs: news, category, subcategory, title, abstract, …)",
                        .goes_with = {"mind"}});
  if (sample.name.ends_with(".vec")) readings.push_back({.role = FileRole::ignored, .meaning = "vectors of entities"});
}

/// Foursquare's dumps: of New York and Tokyo with the place's category, and of the world.
void recognise_foursquare(const FileSample& sample, std::vector<Reading>& readings) {
  const auto place = [](const std::string& text) { return is_hexadecimal(text, 24); };
  const auto table = regular_table(sample, "\t", Quoting::none, {4, 5, 8});
  if (!table) return;
  if (table->width() == 8 && all_fit(*table, 1, place) && are_dates(profile(*table, 7))) {
    readings.push_back(numbered_reading(
        "tab", {.user = "1", .item = "2", .time = "8", .title = "4"}, TimeUnit::iso,
        "check-ins of Foursquare in a city (tabs: user, place, category, …, time); no header, no rating"));
    readings.back().findings.emplace_back("places have no names: their categories stand for titles");
  } else if (table->width() == 4 && all_fit(*table, 1, place) && are_dates(profile(*table, 2))) {
    readings.push_back(
        numbered_reading("tab", {.user = "1", .item = "2", .time = "3"}, TimeUnit::iso,
                         "check-ins of Foursquare (tabs: user, place, time, offset); no header, no rating"));
  } else if (table->width() == 5 && all_fit(*table, 0, place)) {
    Reading places{.role = FileRole::items,
                   .meaning = "places of Foursquare (tabs: place, latitude, longitude, category, country)",
                   .goes_with = {"csv"}};
    places.options.columns = {.item = "1", .title = "4"};
    readings.push_back(places);
  }
}

void recognise_lastfm_360k(const FileSample& sample, std::vector<Reading>& readings) {
  const auto user = [](const std::string& text) { return is_hexadecimal(text, 40); };
  const auto table = regular_table(sample, "\t", Quoting::none, {4, 5});
  if (!table || !all_fit(*table, 0, user)) return;
  if (table->width() == 4 && profile(*table, 3).is_whole()) {
    readings.push_back(numbered_reading("tab", {.user = "1", .item = "2", .title = "3"}, TimeUnit::automatic,
                                        "plays of Last.fm 360K (tabs: user, artist id, artist, plays); no header"));
    readings.back().findings = {
        "numbers of plays are no ratings and are not read (datasets.columns.rating=4 takes them for ratings)",
        "no time: the order of a user's lines is that of plays, not of time, so that figures of the next item mean "
        "little"};
  } else {
    readings.push_back({.role = FileRole::ignored, .meaning = "users of Last.fm 360K"});
  }
}

void recognise_shop_logs(const FileSample& sample, std::vector<Reading>& readings) {
  const auto table = regular_table(sample, ",", Quoting::doubled, {4, 5});
  if (!table) return;
  const bool behaviours = table->width() == 5 && are_words(*table, 3, {"pv", "buy", "cart", "fav"});
  if (behaviours) {
    readings.push_back(
        numbered_reading(",", {.user = "1", .item = "2", .time = "5"}, TimeUnit::seconds,
                         "UserBehavior of Taobao (user, item, category, behaviour, seconds); no header, no rating"));
    readings.back().findings.emplace_back("views (pv), carts, favourites and purchases all count");
  } else if (table->width() == 5 && are_words(*table, 2, {"purchase", "play"})) {
    readings.push_back(
        numbered_reading(",", {.user = "1", .item = "2", .title = "2"}, TimeUnit::automatic,
                         "steam-200k (user, game, purchase or play, hours, 0); no header, no rating, no time"));
    readings.back().findings.emplace_back(
        "a game that was bought and played stands there twice: datasets.repeats=first keeps one");
  } else if (are_dates(profile(*table, 1)) && profile(*table, 0).is_whole() && profile(*table, 2).is_whole()) {
    readings.push_back(numbered_reading(",", {.user = "1", .item = "3", .time = "2"}, TimeUnit::iso,
                                        fmt::format("{} of YooChoose (session, time, item, …); no header, no rating",
                                                    table->width() == 4 ? "clicks" : "purchases")));
    readings.back().findings.emplace_back("sessions stand for users");
  }
}

/// Headers that do not say by themselves what is meant.
void recognise_sessions(const FileSample& sample, std::vector<Reading>& readings) {
  const std::string header = sample.lines.empty() ? "" : sample.lines[0];
  if (!header.starts_with("sessionId;userId;")) return;
  const bool views = header.starts_with("sessionId;userId;itemId;timeframe;eventdate");
  if (!views) {
    readings.push_back({.role = FileRole::ignored, .meaning = "purchases or searches of Diginetica"});
    return;
  }
  Reading reading =
      numbered_reading(";", {.user = "sessionId", .item = "itemId", .time = "timeframe"}, TimeUnit::seconds,
                       "views of Diginetica (sessionId;userId;itemId;timeframe;eventdate), no rating");
  reading.findings = {"sessions stand for users, because userId is NA in most lines",
                      "timeframe counts milliseconds of a session: it gives the order within it, and no dates"};
  readings.push_back(reading);
}

Reading unreadable(std::string meaning) { return {.role = FileRole::unreadable, .meaning = std::move(meaning)}; }

/// Forms that look like tables or lists, but have no user or no item in a line.
void recognise_other_forms(const FileSample& sample, std::vector<Reading>& readings) {
  const auto is_key = [](std::string_view line) {
    const size_t colon = line.find(": "), slash = line.find('/');
    return slash != std::string_view::npos && colon != std::string_view::npos && slash < colon &&
           line.substr(0, colon).find(' ') == std::string_view::npos;
  };
  constexpr size_t kKeys = 4;
  const auto& lines = sample.lines;
  if (lines.size() >= kKeys && std::all_of(lines.begin(), lines.begin() + kKeys, is_key))
    readings.push_back(unreadable(
        "blocks of `name: value` lines, as SNAP's reviews have them: write one line for each block, with the "
        "user, the item, the score and the time as columns"));
  if (const auto table = regular_table(sample, "\t", Quoting::none, {40}); table && are_words(*table, 0, {"0", "1"}))
    readings.push_back(unreadable(
        "a log of clicks on advertisements, as Criteo's: a label and hashed features, neither users nor items"));
  const auto counts = [](const std::vector<std::string>& row) {
    return row.size() > 1 && row[0] == std::to_string(row.size() - 1);
  };
  const SampleTable words = split_sample(sample, " ", Quoting::none);
  if (words.rows.size() > 1 && std::all_of(words.rows.begin(), words.rows.end(), counts))
    readings.push_back(unreadable(
        "lists whose first number is their length, as CiteULike's users.dat has them, so that the user is the "
        "line: `awk '{$1 = NR; print}'` puts the line's number there"));
}

constexpr Recogniser kLogs[] = {{"netflix", recognise_netflix},        {"mind", recognise_mind},
                                {"csv", recognise_foursquare},         {"csv", recognise_lastfm_360k},
                                {"csv", recognise_shop_logs},          {"csv", recognise_sessions},
                                {"other forms", recognise_other_forms}};

}  // namespace

constinit const std::span<const Recogniser> kLogRecognisers = kLogs;

}  // namespace latentcrs
