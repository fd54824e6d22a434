#include "datasets/data/raw_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/util/error.h"
#include "base/util/interrupt.h"
#include "base/util/text.h"

namespace latentcrs {
namespace {

constexpr int64_t kLinesBetweenUpdates = 4096;
constexpr int64_t kLinesThatShowTheFormat = 1000;
constexpr int64_t kAlwaysAccepted = 10;
constexpr size_t kLinesReported = 20;
constexpr int64_t kMegabyte = 1'000'000;

/// A reason without its numbers and quoted texts, which differ from line to line.
std::string without_details(const std::string& reason) {
  const size_t open = reason.find('\''), close = reason.rfind('\'');
  std::string kind;
  for (size_t i = 0; i < reason.size(); ++i) {
    const bool quoted = open < close && i > open && i < close;
    if (!quoted && !is_digit(reason[i])) kind += reason[i];
  }
  return kind;
}

void add_kind(MalformedLines& report, const MalformedLines::Kind& kind) {
  const std::string reason = without_details(kind.first.reason);
  const auto known = std::find_if(report.kinds.begin(), report.kinds.end(), [&](const MalformedLines::Kind& other) {
    return without_details(other.first.reason) == reason;
  });
  if (known == report.kinds.end())
    report.kinds.push_back(kind);
  else
    known->lines += kind.lines;
}

}  // namespace

bool too_many(int64_t count, int64_t all, double accepted) {
  if (accepted > 0 && count <= kAlwaysAccepted) return false;
  return static_cast<double>(count) > accepted * static_cast<double>(all);
}

RawReader::RawReader(const fs::path& path, std::string expected, double accepted)
    : name_(path.string()),
      expected_(std::move(expected)),
      accepted_(accepted),
      reader_(path),
      progress_("reading " + path.filename().string(), reader_.bytes_total() / kMegabyte, "MB") {
  report_.file = path.filename().string();
}

bool RawReader::next(std::string_view& line) {
  while (blocks_ ? blocks_->next(line) : reader_.next(line)) {
    count_lines(blocks_ ? blocks_->line_number() : reader_.line_number());
    if (!is_blank(line, " \t")) return true;
  }
  check_end();
  return false;
}

void RawReader::begin_row() {
  if (++report_.lines % kLinesBetweenUpdates == 0) throw_if_interrupted();
}

void RawReader::read_in_blocks(PlainRowParser parser) {
  blocks_ = std::make_unique<RowBlocks>(reader_, std::move(parser));
}

std::span<const PlainRow> RawReader::next_plain() {
  const std::span<const PlainRow> rows = blocks_->take_plain();
  if (!rows.empty()) count_lines(blocks_->line_number());
  return rows;
}

void RawReader::count_lines(int64_t line_number) {
  const bool update = line_number / kLinesBetweenUpdates != report_.lines / kLinesBetweenUpdates;
  report_.lines = line_number;
  if (!update) return;
  throw_if_interrupted();
  progress_.update((blocks_ ? blocks_->bytes_read() : reader_.bytes_read()) / kMegabyte);
}

std::string RawReader::where() const { return fmt::format("{}:{}", name_, report_.lines); }

void RawReader::malformed(const std::string& reason, int64_t first) {
  add_malformed(report_, first, reason, report_.lines - first + 1);
  ++malformed_records_;
  if (most_are_malformed(std::max(report_.lines, kLinesThatShowTheFormat))) throw_looks_wrong();
}

bool RawReader::most_are_malformed(int64_t lines) const {
  constexpr double kMost = 0.5;
  return accepted_ < kMost && 2 * malformed_records_ > lines;
}

void add_malformed(MalformedLines& report, int64_t line, const std::string& reason, int64_t count) {
  report.malformed += count;
  add_kind(report, {report.file, {line, reason}, count});
  if (report.first.size() < kLinesReported) report.first.push_back({line, reason});
}

void MalformedLines::add(const MalformedLines& other) {
  lines += other.lines;
  malformed += other.malformed;
  if (file.empty()) file = other.file;
  for (const Kind& kind : other.kinds) add_kind(*this, kind);
  repaired += other.repaired;
  for (const Line& line : other.first) {
    if (first.size() < kLinesReported) first.push_back(line);
  }
}

void RawReader::check_end() const {
  if (report_.lines == 0) throw data_error(fmt::format("{}: the file is empty; expected {}", name_, expected_));
  if (most_are_malformed(report_.lines)) throw_looks_wrong();
  if (too_many(report_.malformed, report_.lines, accepted_)) {
    throw data_error(fmt::format("{}:{}: {}; {} of {} lines are malformed, more than the {:g} % that are skipped",
                                 name_, report_.first[0].number, report_.first[0].reason, report_.malformed,
                                 report_.lines, 100 * accepted_));
  }
}

void RawReader::throw_looks_wrong() const {
  throw data_error(fmt::format("{}:{}: {}; this does not look like {}", name_, report_.first[0].number,
                               report_.first[0].reason, expected_));
}

void check_rating(double rating, const RawReader& reader) {
  if (!(rating >= 0 && rating <= 5)) {
    throw data_error(fmt::format("{}: rating {} is outside [0, 5]", reader.where(), rating));
  }
}

}  // namespace latentcrs
