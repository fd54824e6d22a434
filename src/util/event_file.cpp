#include "latentcrs/util/event_file.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "latentcrs/util/crc32c.h"
#include "latentcrs/util/error.h"
#include "latentcrs/util/files.h"
#include "latentcrs/util/metrics_scalars.h"
#include "util/tensorboard.pb.h"

namespace latentcrs {

namespace {

using nlohmann::json;

void put(std::string& bytes, uint64_t value, int size) {
  for (int i = 0; i < size; ++i) bytes += static_cast<char>(value >> (8 * i) & 255);
}

/// A checksum of data that itself holds checksums is rotated and shifted.
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

}  // namespace

const char* EventFile::name() { return "events.out.tfevents.latentcrs"; }

EventFile::EventFile(fs::path path, const std::vector<json>& lines) : path_(std::move(path)) {
  tensorboard::Event version;
  version.set_file_version("brain.Event:2");
  std::string bytes = framed(version);
  for (const json& line : lines) bytes += frame_of(line);
  write_file_atomically(path_, bytes);
  out_.open(path_, std::ios::binary | std::ios::app);
  if (!out_) throw data_error(fmt::format("cannot write {}", path_.string()));
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
