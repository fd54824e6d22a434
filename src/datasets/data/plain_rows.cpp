#include "datasets/data/plain_rows.h"

#include <algorithm>
#include <cstring>

#include "base/util/text.h"
#include "datasets/data/record_rating.h"
#include "datasets/data/record_times.h"
#include "datasets/data/string_table.h"

namespace latentcrs {
namespace {

/// The columns that a plain line may have; more of them are left to the reader of records.
constexpr size_t kMostColumns = 64;
constexpr std::array<double, 7> kPowersOfTen = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};

struct Cut {
  uint32_t begin = 0, size = 0;
};

/// A whole number of at most 18 digits; -1 for other text.
int64_t short_number(std::string_view text) {
  constexpr size_t kDigits = 18;
  if (text.empty() || text.size() > kDigits) return -1;
  int64_t number = 0;
  for (const char c : text) {
    if (!is_digit(c)) return -1;
    number = 10 * number + (c - '0');
  }
  return number;
}

bool has_blank_ends(std::string_view text) { return text.empty() || text.front() <= ' ' || text.back() <= ' '; }

}  // namespace

PlainRowParser::PlainRowParser(PlainForm form) : form_(std::move(form)) {
  for (size_t c = 0; c < letters_.size(); ++c) {
    const bool ordinary = (c >= ' ' && c < 0x7F && c != '"') || c == '\t';
    letters_[c] = ordinary ? Letter::plain : Letter::special;
  }
  letters_[static_cast<unsigned char>(form_.separator[0])] = Letter::separator;
}

void PlainRowParser::parse(std::string_view text, std::vector<PlainRow>& rows) const {
  rows.clear();
  for (size_t begin = 0; begin < text.size();) {
    const void* found = std::memchr(text.data() + begin, '\n', text.size() - begin);
    const size_t end = found ? static_cast<size_t>(static_cast<const char*>(found) - text.data()) : text.size();
    const bool returns = end > begin && text[end - 1] == '\r';
    PlainRow& row = rows.emplace_back();
    row.line_begin = static_cast<uint32_t>(begin);
    row.line_size = static_cast<uint32_t>(end - begin - returns);
    row.plain = parse_line(text, row);
    begin = end + 1;
  }
}

bool PlainRowParser::parse_line(std::string_view text, PlainRow& row) const {
  std::array<Cut, kMostColumns> cuts;
  const size_t width = form_.separator.size();
  const uint32_t end = row.line_begin + row.line_size;
  size_t columns = 0;
  uint32_t begin = row.line_begin;
  for (uint32_t i = begin; i < end; ++i) {
    const Letter letter = letters_[static_cast<unsigned char>(text[i])];
    if (letter == Letter::plain) continue;
    if (letter == Letter::special) return false;
    if (width > 1 && text.substr(i, width) != form_.separator) continue;
    if (columns + 1 == kMostColumns) return false;
    cuts[columns++] = {begin, i - begin};
    i += static_cast<uint32_t>(width - 1);
    begin = i + 1;
  }
  cuts[columns++] = {begin, end - begin};
  if (columns < form_.columns || (columns > form_.columns && !form_.more_columns)) return false;

  const auto field = [&](int column) {
    const Cut cut = cuts[static_cast<size_t>(column)];
    return text.substr(cut.begin, cut.size);
  };
  const std::string_view user = field(form_.user), item = field(form_.item);
  if (has_blank_ends(user) || has_blank_ends(item) || user == form_.header_user) return false;
  row.user_begin = cuts[static_cast<size_t>(form_.user)].begin;
  row.user_size = static_cast<uint32_t>(user.size());
  row.item_begin = cuts[static_cast<size_t>(form_.item)].begin;
  row.item_size = static_cast<uint32_t>(item.size());
  row.user_hash = StringTable::hash(user);
  row.item_hash = StringTable::hash(item);
  return (form_.rating == PlainForm::kUnread || take_rating(field(form_.rating), row)) &&
         (form_.time == PlainForm::kUnread || take_time(field(form_.time), row));
}

/// Numbers of a few digits are exact as a quotient of whole numbers.
bool PlainRowParser::take_rating(std::string_view text, PlainRow& row) const {
  if (has_blank_ends(text)) return false;
  constexpr size_t kDigits = 9;
  const size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view part = point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
  const int64_t number = whole.size() > kDigits ? -1 : short_number(whole);
  const int64_t digits = part.size() >= kPowersOfTen.size() || part.empty() ? -1 : short_number(part);
  if (number >= 0 && point == std::string_view::npos) {
    row.rating = static_cast<double>(number);
  } else if (number >= 0 && digits >= 0) {
    const double power = kPowersOfTen[part.size()];
    row.rating = (static_cast<double>(number) * power + static_cast<double>(digits)) / power;
  } else {
    const std::optional<double> rating = parse_rating(text);
    if (!rating) return false;
    row.rating = *rating;
  }
  return form_.best_rating == std::numeric_limits<double>::infinity() ||
         (row.rating >= 0 && row.rating <= form_.best_rating);
}

bool PlainRowParser::take_time(std::string_view text, PlainRow& row) const {
  if (has_blank_ends(text)) return false;
  constexpr int64_t kSmallestMilliseconds = 100'000'000'000;
  const int64_t number = short_number(text);
  const bool in_seconds = form_.unit == TimeUnit::seconds || form_.unit == TimeUnit::automatic;
  if (number > 0 && number < kSmallestMilliseconds && in_seconds) {
    row.time = number * kMicrosecondsOfSecond;
    row.unit = TimeUnit::seconds;
    return true;
  }
  const std::optional<FoundTime> found = read_time(text, form_.unit);
  if (!found) return false;
  row.time = found->time;
  row.unit = found->unit;
  return true;
}

}  // namespace latentcrs
