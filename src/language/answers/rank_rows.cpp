#include "language/answers/rank_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <tuple>

#include "base/util/error.h"
#include "base/util/files.h"

namespace latentcrs {

namespace {

using Cells = std::vector<std::string_view>;

class RankRowReader {
 public:
  explicit RankRowReader(const std::filesystem::path& path) : reader_(path) {
    std::string_view line;
    if (!reader_.next(line)) throw data_error(path.string() + ": the file is empty");
    for (const std::string_view name : split_cells(line)) header_.emplace_back(name);
    for (const char* name : {"model", "input", "turn", "target", "condition", "r1", "r2", "r3", "r4"})
      if (!column(name)) throw data_error(fmt::format("{}: there is no column {}", reader_.where(), name));
  }

  bool next() {
    std::string_view line;
    if (!reader_.next(line)) return false;
    cells_ = split_cells(line);
    if (cells_.size() == header_.size()) return true;
    throw data_error(
        fmt::format("{}: it has {} cells, but the header has {}", reader_.where(), cells_.size(), header_.size()));
  }
  std::string text(const char* name) const {
    const auto at = column(name);
    return at ? std::string(cells_[*at]) : std::string();
  }
  int64_t number(std::string_view name) const {
    const std::string_view cell = cells_[*column(name)];
    int64_t value = 0;
    const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
    if (error != std::errc() || end != cell.data() + cell.size() || value < 0)
      throw data_error(fmt::format("{}: {} is not a whole number from 0: '{}'", reader_.where(), name, cell));
    return value;
  }
  bool discussed() const {
    const std::string condition = text("condition");
    if (condition.starts_with("dis")) return true;
    if (condition.starts_with("rec")) return false;
    throw data_error(fmt::format("{}: condition is neither rec nor dis: '{}'", reader_.where(), condition));
  }

 private:
  std::optional<size_t> column(std::string_view name) const {
    const auto found = std::find(header_.begin(), header_.end(), name);
    return found == header_.end() ? std::nullopt : std::optional(static_cast<size_t>(found - header_.begin()));
  }

  LineReader reader_;
  std::vector<std::string> header_;
  Cells cells_;
};

}  // namespace

std::vector<RankedAnswers> read_rank_rows(const std::filesystem::path& path, std::span<const AskedTurn> turns) {
  std::vector<RankedAnswers> all;
  std::map<std::tuple<std::string, std::string, std::string>, size_t> places;
  for (RankRowReader reader(path); reader.next();) {
    const std::string model = reader.text("model"), input = reader.text("input"), links = reader.text("links");
    const auto [place, is_new] = places.try_emplace({model, input, links}, all.size());
    if (is_new) all.push_back({model, input, links.empty() ? "published" : links, {}});
    TargetRanks row{.turn = reader.number("turn"), .target = reader.number("target"), .discussed = reader.discussed()};
    for (size_t kind = 0; kind < kResultKinds.size(); ++kind)
      row.ranks[kind] = static_cast<Rank>(reader.number(kResultKinds[kind].name));
    if (static_cast<size_t>(row.turn) < turns.size()) row.dialogue = turns[static_cast<size_t>(row.turn)].dialogue;
    all[place->second].rows.push_back(std::move(row));
  }
  if (all.empty()) throw data_error(path.string() + ": there are no ranks in it");
  return all;
}

void write_rank_rows(std::span<const RankedAnswers> answers, const std::filesystem::path& path) {
  AtomicFile file(path);
  file.stream() << "model\tinput\tlinks\tturn\ttarget\tcondition\tr1\tr2\tr3\tr4\n";
  for (const RankedAnswers& model : answers)
    for (const TargetRanks& row : model.rows)
      file.stream() << fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\n", model.model, model.input, model.links,
                                   row.turn, row.target, row.discussed ? "dis" : "rec", row.ranks[0], row.ranks[1],
                                   row.ranks[2], row.ranks[3]);
  file.commit();
}

}  // namespace latentcrs
