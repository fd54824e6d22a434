#include "latentcrs/util/metrics_log.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "latentcrs/util/error.h"

namespace latentcrs {

namespace fs = std::filesystem;

MetricsLog::MetricsLog(fs::path path, int64_t keep_bytes) : path_(std::move(path)), position_(keep_bytes) {
  if (path_.has_parent_path()) fs::create_directories(path_.parent_path());
  const auto size = fs::exists(path_) ? static_cast<int64_t>(fs::file_size(path_)) : 0;
  if (size < keep_bytes) {
    throw data_error(
        fmt::format("{} has {} bytes, but the checkpoint was saved when it had {}: put the file back, or "
                    "start this stage again with --force",
                    path_.string(), size, keep_bytes));
  }
  if (size > keep_bytes) fs::resize_file(path_, static_cast<uintmax_t>(keep_bytes));
  out_.open(path_, std::ios::binary | std::ios::app);
  if (!out_) throw data_error(fmt::format("cannot write {}", path_.string()));
}

void MetricsLog::append(const nlohmann::json& line) {
  const std::string text = line.dump() + '\n';
  out_ << text << std::flush;
  if (!out_) throw data_error(fmt::format("cannot write {}: is the disk full?", path_.string()));
  position_ += static_cast<int64_t>(text.size());
}

}  // namespace latentcrs
