#include "base/util/event_file.h"

#include <fmt/format.h>
#include <limits.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <nlohmann/json.hpp>

#include "base/util/crc32c.h"
#include "base/util/error.h"
#include "base/util/files.h"
#include "base/util/metrics_scalars.h"
#include "base/util/tensorboard.pb.h"

namespace latentcrs {

namespace {

using nlohmann::json;

void put(std::string& bytes, uint64_t value, int size) {
  for (int i = 0; i < size; ++i) bytes += static_cast<char>(value >> (8 * i) & 255);
}

/// Masks a checksum: a checksum that is stored with the data is rotated and shifted, so that checksums of such data
/// stay good.
uint32_t masked_crc(std::string_view bytes) {
  const uint32_t crc = crc32c(0, bytes);
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8U;
}

std::string framed(const tensorboard::Event& event) {
  const std::string message = event.SerializeAsString();
  std::string frame;
  put(frame, message.size(), 8);
  put(frame, masked_crc(frame), 4);
  frame += message;
  put(frame, masked_crc(message), 4);
  return frame;
}

constexpr std::string_view kNameStart = "events.out.tfevents.";

std::string host_name() {
  char name[HOST_NAME_MAX + 1] = {};
  return gethostname(name, sizeof name - 1) == 0 && name[0] != '\0' ? name : "localhost";
}

std::string new_name() { return fmt::format("{}{:010}.{}.{}", kNameStart, std::time(nullptr), host_name(), getpid()); }

}  // namespace

std::vector<fs::path> EventFile::files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  if (!fs::is_directory(folder)) return files;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.is_regular_file() && entry.path().filename().string().starts_with(kNameStart))
      files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

void EventFile::remove_all(const fs::path& folder) {
  for (const fs::path& file : files_in(folder)) fs::remove(file);
}

EventFile::EventFile(const fs::path& folder, const std::vector<json>& lines) {
  tensorboard::Event version;
  version.set_file_version("brain.Event:2");
  std::vector<std::string> frames = {framed(version)};
  for (const json& line : lines) frames.push_back(frame_of(line));

  std::vector<fs::path> old = files_in(folder);
  if (!lines.empty() && !old.empty()) {
    path_ = old.back();
    old.pop_back();
  }
  for (const fs::path& file : old) fs::remove(file);
  if (path_.empty()) path_ = folder / new_name();
  continue_with(frames);
}

/// Keeps the frames that the file already has, cuts off the rest of the file, and appends the other frames.
void EventFile::continue_with(const std::vector<std::string>& frames) {
  const std::string found = fs::exists(path_) ? read_file(path_) : std::string();
  size_t kept = 0, next = 0;
  for (; next < frames.size() && std::string_view(found).substr(kept).starts_with(frames[next]); ++next)
    kept += frames[next].size();
  if (kept < found.size()) fs::resize_file(path_, kept);
  out_.open(path_, std::ios::binary | std::ios::app);
  for (; next < frames.size(); ++next) out_ << frames[next];
  out_.flush();
  if (!out_) throw data_error(fmt::format("cannot write {}: is the disk full?", path_.string()));
}

void EventFile::append(const json& line) {
  out_ << frame_of(line) << std::flush;
  if (!out_) throw data_error(fmt::format("cannot write {}: is the disk full?", path_.string()));
}

std::string EventFile::frame_of(const json& line) {
  tensorboard::Event event;
  step_ = line.value("epoch", line.value("best_epoch", step_));
  event.set_wall_time(static_cast<double>(++events_));
  event.set_step(step_);
  for (const auto& [tag, scalar] : scalars_of(line)) {
    tensorboard::Summary::Value* value = event.mutable_summary()->add_value();
    value->set_tag(tag);
    value->set_simple_value(static_cast<float>(scalar));
  }
  return framed(event);
}

}  // namespace latentcrs
