#include "base/metrics/rank_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>
#include <unordered_set>

#include "base/util/error.h"
#include "base/util/files.h"

namespace latentcrs {

namespace {

constexpr size_t kUserCells = 3;  // customer_id, target, leaked; files of conversations have a fourth, dialogue
constexpr std::string_view kDialogue = "dialogue";

struct RankHeader {
  bool with_dialogues = false;
  std::vector<RankedRow> rows;
};

RankHeader read_header(LineReader& lines) {
  std::string_view line;
  const bool found = lines.next(line);
  const std::vector<std::string_view> cells = found ? split_cells(line) : std::vector<std::string_view>{};
  if (cells.size() <= kUserCells || cells[0] != "customer_id" || cells[1] != "target" || cells[2] != "leaked")
    throw data_error(
        fmt::format("{}: not a file of ranks: it begins with customer_id, target, leaked and the names of "
                    "scores; `latentcrs evaluate` writes it",
                    lines.where()));
  RankHeader header{.with_dialogues = cells[kUserCells] == kDialogue, .rows = {}};
  std::vector<RankedRow>& rows = header.rows;
  for (size_t c = kUserCells + (header.with_dialogues ? 1 : 0); c < cells.size(); ++c) {
    for (const RankedRow& row : rows)
      if (row.name == cells[c]) throw data_error(fmt::format("{}: two columns are named {}", lines.where(), row.name));
    rows.push_back({std::string(cells[c]), {}});
  }
  return header;
}

/// Reads a whole number of at least 0.
template <class Number>
Number parse(std::string_view cell, const LineReader& lines, const char* what) {
  Number value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error != std::errc() || end != cell.data() + cell.size() || value < 0)
    throw data_error(fmt::format("{}: '{}' is no {}", lines.where(), cell, what));
  return value;
}

}  // namespace

const RankedRow* RankFile::find(const std::string& name) const {
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const RankedRow& row) { return row.name == name; });
  return found == rows.end() ? nullptr : &*found;
}

RankFile read_ranks_tsv(const std::filesystem::path& path) {
  LineReader lines(path);
  RankFile file;
  auto [with_dialogues, rows] = read_header(lines);
  file.rows = std::move(rows);
  const size_t user_cells = kUserCells + (with_dialogues ? 1 : 0);
  std::unordered_set<std::string> known;
  for (std::string_view line; lines.next(line);) {
    const std::vector<std::string_view> cells = split_cells(line);
    if (cells.size() != file.rows.size() + user_cells)
      throw data_error(fmt::format("{}: {} cells where the header has {}; was the file cut off?", lines.where(),
                                   cells.size(), file.rows.size() + user_cells));
    file.users.customer_ids.emplace_back(cells[0]);
    if (!known.insert(file.users.customer_ids.back()).second)
      throw data_error(fmt::format("{}: {} is listed twice", lines.where(), cells[0]));
    file.users.targets.push_back(parse<int64_t>(cells[1], lines, "item"));
    file.users.leaks_title.push_back(parse<int>(cells[2], lines, "0 or 1") != 0);
    if (with_dialogues) file.users.dialogues.emplace_back(cells[kUserCells]);
    for (size_t r = 0; r < file.rows.size(); ++r)
      file.rows[r].ranks.push_back(
          parse<Rank>(cells[r + user_cells], lines, "rank: 1 for the best item, 0 for a target that was not ranked"));
  }
  if (file.users.customer_ids.empty()) throw data_error(fmt::format("{}: ranks of nobody", path.string()));
  return file;
}

}  // namespace latentcrs
