// TensorBoard's event files, which hold the numbers of a metrics.jsonl as scalars, in TFRecord frames of protobuf
// messages (src/base/util/tensorboard.proto). A frame is length (u64), masked CRC-32C of these 8 bytes (u32), the
// message, masked CRC-32C of the message (u32), all little-endian.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace latentcrs {

/// An event file that mirrors a metrics.jsonl. A run that continues cuts its file in place and appends, because
/// TensorBoard keeps the file open and would not look at another file of the same name. A run that begins gets a file
/// of its own, whose name sorts after the names that TensorBoard has seen.
///
/// Event i (from 1) has the wall time of i seconds after the Unix epoch instead of the clock's time, so that a rerun
/// gives the same bytes. Curves over steps are right; TensorBoard's "relative" time counts epochs.
class EventFile {
 public:
  /// Opens the newest event file of `folder`, or a new one, and makes it hold `lines` (of metrics.jsonl). Without lines
  /// the old files are removed. Throws Error(data) if the file cannot be written.
  EventFile(const std::filesystem::path& folder, const std::vector<nlohmann::json>& lines);
  /// Appends the scalars of one line and flushes them to the operating system. The step is the line's "epoch", else its
  /// "best_epoch", else the step of the line before. Throws Error(data) if it cannot be written.
  void append(const nlohmann::json& line);

  /// The event files in `folder`, oldest first. Their names are events.out.tfevents.<seconds since
  /// 1970>.<host>.<process>, or others that TensorBoard accepts.
  static std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder);
  /// Removes the event files in `folder`.
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
