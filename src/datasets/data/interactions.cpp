#include "datasets/data/interactions.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <string_view>
#include <unordered_set>

#include "base/util/error.h"
#include "base/util/files.h"
#include "base/util/text.h"
#include "datasets/data/last_line.h"
#include "datasets/data/printable.h"

namespace latentcrs {
namespace {

/// Takes the text up to the next separator (or the end) off `rest` and reads it as an id in [1, largest].
int64_t take_id(std::string_view& rest, int64_t largest, std::string_view what, const LineReader& reader) {
  const std::string_view text = rest.substr(0, rest.find_first_of(" \t"));
  int64_t id = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (failure != std::errc{} || end != text.data() + text.size() || id < 1 || id > largest) {
    throw data_error(
        fmt::format("{}: {} id '{}' is not a whole number in [1, {}]", reader.where(), what, printable(text), largest));
  }
  rest.remove_prefix(std::min(rest.size(), text.size() + 1));
  return id;
}

constexpr std::string_view kPartsHeader = "user\ttrain\tvalid\ttest";

int64_t whole_number(std::string_view cell, const LineReader& lines) {
  int64_t value = 0;
  const auto [end, failure] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (failure != std::errc{} || end != cell.data() + cell.size() || value < 0)
    throw data_error(fmt::format("{}: '{}' is no whole number of at least 0", lines.where(), printable(cell)));
  return value;
}

/// Reads a file of write_parts() about the same users.
void read_parts(const std::filesystem::path& path, Interactions& interactions) {
  LineReader lines(path);
  std::string_view line;
  if (!lines.next(line) || line != kPartsHeader)
    throw data_error(
        fmt::format("{}: not a file of parts: it begins with user, train, valid, test; `latentcrs "
                    "preprocess` writes it",
                    path.string()));
  for (int64_t u = 0; lines.next(line); ++u) {
    const std::vector<std::string_view> cells = split_cells(line);
    const bool fits = cells.size() == 4 && u < interactions.num_users() &&
                      whole_number(cells[0], lines) == interactions.user_ids[static_cast<size_t>(u)];
    const int64_t train = fits ? whole_number(cells[1], lines) : 0, valid = fits ? whole_number(cells[2], lines) : 0;
    if (!fits || train + valid + whole_number(cells[3], lines) != static_cast<int64_t>(interactions.sequence(u).size()))
      throw data_error(
          fmt::format("{}: the line does not fit the dataset's users and their numbers of items: run "
                      "`latentcrs preprocess`",
                      lines.where()));
    interactions.parts.push_back({.train = train, .valid = train + valid});
  }
  if (interactions.parts.size() != interactions.user_ids.size())
    throw data_error(fmt::format("{}: parts of {} users, but the dataset has {}: run `latentcrs preprocess`",
                                 path.string(), interactions.parts.size(), interactions.num_users()));
}

Interactions read_sequences(const std::filesystem::path& path, size_t fewest_items) {
  LineReader reader(path);
  Interactions interactions;
  std::unordered_set<int64_t> users;
  std::vector<int32_t> sequence;
  std::string_view line;
  while (reader.next(line)) {
    std::string_view rest = trimmed_end(line, " \t");
    if (rest.empty()) continue;
    const int64_t user = take_id(rest, INT64_MAX, "user", reader);
    if (!users.insert(user).second) throw data_error(fmt::format("{}: user {} appears twice", reader.where(), user));
    if (rest.find('\t') != std::string_view::npos)
      throw data_error(
          fmt::format("{}: a tab stands among the items of user {}, as a third column (a length, say) would "
                      "put it: leave nothing but the user, a tab, and the items with blanks between them",
                      reader.where(), user));
    sequence.clear();
    while (!rest.empty()) sequence.push_back(static_cast<int32_t>(take_id(rest, kMaxItemId, "item", reader)));
    if (sequence.size() < fewest_items) {
      const char* advice = sequence.size() == 1 ? " (for lines `user item`, set datasets.format=pairs)" : "";
      throw data_error(fmt::format("{}: user {} has {} items; every user needs at least {}{}", reader.where(), user,
                                   sequence.size(), fewest_items, advice));
    }
    interactions.add_user(user, sequence);
  }
  if (interactions.num_users() == 0) throw data_error(fmt::format("{}: no users in this file", path.string()));
  warn_of_open_last_line(path);
  return interactions;
}

}  // namespace

void Interactions::add_user(int64_t user_id, std::span<const int32_t> sequence) {
  user_ids.push_back(user_id);
  items.insert(items.end(), sequence.begin(), sequence.end());
  offsets.push_back(static_cast<int64_t>(items.size()));
}

UserParts Interactions::parts_of(int64_t u) const {
  if (!parts.empty()) return parts[static_cast<size_t>(u)];
  const auto n = static_cast<int64_t>(sequence(u).size());
  return {.train = n - 2, .valid = n - 1};
}

int32_t Interactions::max_item_id() const { return items.empty() ? 0 : *std::max_element(items.begin(), items.end()); }

std::vector<int32_t> Interactions::distinct_items() const {
  std::vector<bool> occurs(static_cast<size_t>(max_item_id()) + 1);
  for (const int32_t item : items) occurs[static_cast<size_t>(item)] = true;
  std::vector<int32_t> distinct;
  for (size_t id = 0; id < occurs.size(); ++id) {
    if (occurs[id]) distinct.push_back(static_cast<int32_t>(id));
  }
  return distinct;
}

Interactions read_interactions(const std::filesystem::path& path) { return read_sequences(path, kMinItems); }

Interactions read_interactions(const std::filesystem::path& path, const std::filesystem::path& parts) {
  Interactions interactions = read_sequences(path, parts.empty() ? kMinItems : 1);
  if (!parts.empty()) read_parts(parts, interactions);
  return interactions;
}

void write_parts(const Interactions& interactions, const std::filesystem::path& path) {
  AtomicFile file(path);
  file.stream() << kPartsHeader << '\n';
  for (int64_t u = 0; u < interactions.num_users(); ++u) {
    const UserParts parts = interactions.parts_of(u);
    const auto length = static_cast<int64_t>(interactions.sequence(u).size());
    file.stream() << fmt::format("{}\t{}\t{}\t{}\n", interactions.user_ids[static_cast<size_t>(u)], parts.train,
                                 parts.valid - parts.train, length - parts.valid);
  }
  file.commit();
}

void write_interactions(const Interactions& interactions, const std::filesystem::path& path) {
  AtomicFile file(path);
  std::string line;
  for (int64_t u = 0; u < interactions.num_users(); ++u) {
    line = fmt::format("{}\t{}\n", interactions.user_ids[static_cast<size_t>(u)],
                       fmt::join(interactions.sequence(u), " "));
    file.stream() << line;
  }
  file.commit();
}

int32_t DenseItems::dense(int64_t raw, const char* where) const {
  const bool known = raw >= 0 && raw < static_cast<int64_t>(dense_from_raw.size());
  const int32_t id = known ? dense_from_raw[static_cast<size_t>(raw)] : -1;
  if (id < 0) throw data_error(fmt::format("{}: item {} does not occur in the dataset's interactions", where, raw));
  return id;
}

std::vector<int32_t> DenseItems::distinct(std::span<const int32_t> raw) const {
  std::vector<int32_t> dense;
  for (const int32_t item : raw) dense.push_back(dense_from_raw[static_cast<size_t>(item)]);
  std::sort(dense.begin(), dense.end());
  dense.erase(std::unique(dense.begin(), dense.end()), dense.end());
  return dense;
}

DenseItems make_dense_items(const Interactions& interactions) {
  DenseItems dense;
  dense.raw_from_dense = {0};
  dense.dense_from_raw.assign(static_cast<size_t>(interactions.max_item_id()) + 1, -1);
  dense.dense_from_raw[0] = 0;
  for (const int32_t item : interactions.items) {
    int32_t& id = dense.dense_from_raw[static_cast<size_t>(item)];
    if (id >= 0) continue;
    id = static_cast<int32_t>(dense.raw_from_dense.size());
    dense.raw_from_dense.push_back(item);
  }
  return dense;
}

}  // namespace latentcrs
