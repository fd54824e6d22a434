#include "base/util/metrics_log.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "base/util/error.h"
#include "base/util/event_file.h"
#include "base/util/files.h"

namespace latentcrs {

namespace {

std::vector<nlohmann::json> read_lines(const fs::path& path) {
  std::vector<nlohmann::json> values;
  if (!fs::exists(path)) return values;
  LineReader lines(path);
  for (std::string_view line; lines.next(line);) {
    values.push_back(nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false));
    if (!values.back().is_object())
      throw data_error(fmt::format("{}: not a JSON object: put the file back, or start this stage again with --force",
                                   lines.where()));
  }
  return values;
}

}  // namespace

MetricsLog::MetricsLog(fs::path path, int64_t keep_bytes, EventFiles events)
    : path_(std::move(path)), position_(keep_bytes) {
  if (path_.has_parent_path()) fs::create_directories(path_.parent_path());
  const auto size = fs::exists(path_) ? static_cast<int64_t>(fs::file_size(path_)) : 0;
  if (size < keep_bytes) {
    throw data_error(
        fmt::format("{} has {} bytes, but the checkpoint was saved when it had {}: put the file back, or "
                    "start this stage again with --force",
                    path_.string(), size, keep_bytes));
  }
  if (size > keep_bytes) fs::resize_file(path_, static_cast<uintmax_t>(keep_bytes));
  if (events == EventFiles::beside)
    events_ = std::make_unique<EventFile>(path_.parent_path(), read_lines(path_));
  else
    EventFile::remove_all(path_.parent_path());
  out_.open(path_, std::ios::binary | std::ios::app);
  if (!out_) throw data_error(fmt::format("cannot write {}", path_.string()));
}

MetricsLog::~MetricsLog() = default;

void MetricsLog::append(const nlohmann::json& line) {
  const std::string text = line.dump() + '\n';
  out_ << text << std::flush;
  if (!out_) throw data_error(fmt::format("cannot write {}: is the disk full?", path_.string()));
  position_ += static_cast<int64_t>(text.size());
  if (events_) events_->append(line);
}

}  // namespace latentcrs
