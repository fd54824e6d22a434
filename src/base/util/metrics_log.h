// The metrics.jsonl of a stage: one JSON object per line. A run that continues does not repeat lines.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json_fwd.hpp>

namespace latentcrs {

class EventFile;

/// Whether TensorBoard's event file (base/util/event_file.h) is kept beside a metrics log.
enum class EventFiles { none, beside };

class MetricsLog {
 public:
  /// Opens `path` for appending, after cutting it to `keep_bytes`, its size when the checkpoint was written (0 starts
  /// over). Throws Error(data) if the file is shorter than that. The event file is cut to the lines kept; with
  /// EventFiles::none an existing one is removed, because it would contradict the later lines.
  MetricsLog(std::filesystem::path path, int64_t keep_bytes, EventFiles events = EventFiles::none);
  ~MetricsLog();
  /// Writes one line and flushes it to the operating system.
  void append(const nlohmann::json& line);
  /// The size of the file in bytes, to be stored in the checkpoint.
  int64_t position() const { return position_; }

 private:
  std::filesystem::path path_;
  std::ofstream out_;
  int64_t position_ = 0;
  std::unique_ptr<EventFile> events_;
};

}  // namespace latentcrs
