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

/// Mirrors metrics.jsonl. A run that goes on cuts its file in place and appends: TensorBoard keeps the file open, and
/// would never look at another one that took its name. A run that begins gets a file of its own, whose name sorts
/// behind those that TensorBoard has seen.
///
/// Event i (from 1) has the wall time i s after the epoch of Unix, not a clock's: a rerun gives the same bytes. Curves
/// over steps are what they should be; "relative" time counts epochs.
class EventFile {
 public:
  /// Continues the newest event file of `folder`, or begins one, so that it holds `lines` (of metrics.jsonl); without
  /// lines the old ones are removed. Throws Error(data) if it cannot be written.
  EventFile(const std::filesystem::path& folder, const std::vector<nlohmann::json>& lines);
  /// Appends one line's scalars and flushes them to the operating system. The step is "epoch", else
  /// "best_epoch", else that of the line before.
  void append(const nlohmann::json& line);

  /// The event files in `folder`, oldest first: events.out.tfevents.<seconds since 1970>.<host>.<process>, or any name
  /// that TensorBoard takes for one.
  static std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder);
  static void remove_all(const std::filesystem::path& folder);

 private:
  void continue_with(const std::vector<std::string>& frames);
  std::string frame_of(const nlohmann::json& line);

  std::filesystem::path path_;
  std::ofstream out_;
  int64_t events_ = 0;
  int64_t step_ = 0;
};

}  // namespace latentcrs
