// TensorBoard's event files: the numbers of a metrics.jsonl as scalars, in TFRecord frames of protobuf messages
// (src/util/tensorboard.proto). A frame is length (u64), masked CRC-32C of these 8 bytes (u32), the message, masked
// CRC-32C of the message (u32), all little-endian.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace latentcrs {

/// Mirrors metrics.jsonl: rebuilt from the existing lines when opened, so that no step is there twice after a kill.
///
/// Event i (from 1) has the wall time i s after the epoch of Unix, not a clock's: a rerun gives the same bytes. Curves
/// over steps are what they should be; "relative" time counts epochs.
class EventFile {
 public:
  /// Replaces `path` atomically by a file of `lines` (of metrics.jsonl). Throws Error(data) if it cannot be written.
  EventFile(std::filesystem::path path, const std::vector<nlohmann::json>& lines);
  /// Appends one line's scalars and flushes them to the operating system. The step is "epoch", else
  /// "best_epoch", else that of the line before.
  void append(const nlohmann::json& line);

  /// events.out.tfevents.latentcrs: TensorBoard looks for tfevents.
  static const char* name();

 private:
  std::string frame_of(const nlohmann::json& line);

  std::filesystem::path path_;
  std::ofstream out_;
  int64_t events_ = 0;
  int64_t step_ = 0;
};

}  // namespace latentcrs
