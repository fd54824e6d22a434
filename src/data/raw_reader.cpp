#include "data/raw_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "util/error.h"
#include "util/interrupt.h"
#include "util/text.h"

namespace latentcrs {
namespace {

constexpr int64_t kLinesBetweenUpdates = 4096;
constexpr int64_t kLinesThatShowTheFormat = 1000;
constexpr int64_t kMalformedAlwaysAccepted = 10;
constexpr double kMalformedShareAccepted = 0.01;
constexpr size_t kLinesReported = 20;
constexpr int64_t kMegabyte = 1'000'000;

}  // namespace

RawReader::RawReader(const fs::path& path, std::string expected)
    : name_(path.string()),
      expected_(std::move(expected)),
      reader_(path),
      progress_("reading " + path.filename().string(), reader_.bytes_total() / kMegabyte, "MB") {}

bool RawReader::next(std::string_view& line) {
  while (reader_.next(line)) {
    report_.lines = reader_.line_number();
    if (report_.lines % kLinesBetweenUpdates == 0) {
      throw_if_interrupted();
      progress_.update(reader_.bytes_read() / kMegabyte);
    }
    if (!is_blank(line, " \t")) return true;
  }
  check_end();
  return false;
}

void RawReader::malformed(const std::string& reason) {
  add_malformed(report_, reader_.line_number(), reason);
  if (2 * report_.malformed > std::max(report_.lines, kLinesThatShowTheFormat)) throw_looks_wrong();
}

void add_malformed(MalformedLines& report, int64_t line, const std::string& reason) {
  ++report.malformed;
  if (report.first.size() < kLinesReported) report.first.push_back({line, reason});
}

void RawReader::check_end() const {
  if (report_.lines == 0) throw data_error(fmt::format("{}: the file is empty; expected {}", name_, expected_));
  if (2 * report_.malformed > report_.lines) throw_looks_wrong();
  const double accepted = kMalformedShareAccepted * static_cast<double>(report_.lines);
  if (report_.malformed > kMalformedAlwaysAccepted && static_cast<double>(report_.malformed) > accepted) {
    throw data_error(fmt::format("{}:{}: {}; {} of {} lines are malformed, more than the 1 % that are skipped", name_,
                                 report_.first[0].number, report_.first[0].reason, report_.malformed, report_.lines));
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
