#include "base/util/event_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>

#include "base/util/crc32c.h"
#include "base/util/error.h"
#include "base/util/metrics_log.h"
#include "base/util/metrics_scalars.h"
#include "base/util/tensorboard.pb.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using nlohmann::json;
using tensorboard::Event;

namespace {

template <class Number>
Number number_at(const std::string& bytes, size_t at) {
  Number value{};
  REQUIRE(at + sizeof value <= bytes.size());
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

uint32_t unmasked(uint32_t masked) {
  const uint32_t rotated = masked - 0xa282ead8U;
  return (rotated >> 17) | (rotated << 15);
}

/// The events of a file, after a check of all checksums.
std::vector<Event> read_events(const std::filesystem::path& path) {
  const std::string bytes = test::read_text(path);
  std::vector<Event> events;
  for (size_t at = 0; at < bytes.size();) {
    const auto length = static_cast<size_t>(number_at<uint64_t>(bytes, at));
    CHECK(unmasked(number_at<uint32_t>(bytes, at + 8)) == crc32c(0, bytes.substr(at, 8)));
    REQUIRE(at + 12 + length + 4 <= bytes.size());
    const std::string message = bytes.substr(at + 12, length);
    CHECK(unmasked(number_at<uint32_t>(bytes, at + 12 + length)) == crc32c(0, message));
    REQUIRE(events.emplace_back().ParseFromString(message));
    at += 12 + length + 4;
  }
  return events;
}

std::map<std::string, float> values_of(const Event& event) {
  std::map<std::string, float> values;
  for (const auto& value : event.summary().value()) {
    CHECK(value.value_case() == tensorboard::Summary::Value::kSimpleValue);
    values[value.tag()] = value.simple_value();
  }
  return values;
}

std::filesystem::path only_file(const std::filesystem::path& folder) {
  const auto files = EventFile::files_in(folder);
  REQUIRE(files.size() == 1);
  return files[0];
}

json epoch_line(int epoch, double loss) {
  return {{"epoch", epoch}, {"losses", {{"total", loss}}}, {"seconds", 0.25 * epoch}};
}

}  // namespace

TEST_CASE("scalars of a metrics line by path", "[event_file]") {
  using Scalars = std::vector<std::pair<std::string, double>>;
  CHECK(scalars_of({{"epoch", 3}, {"seconds", 1.5}, {"valid", {{"NDCG@20", 0.25}, {"seconds", 2}}}}) ==
        Scalars{{"valid/NDCG@20", 0.25}, {"valid/seconds", 2.0}});
  CHECK(scalars_of({{"best_epoch", 3}, {"test", {{"HIT@5", 0.5}}}}) == Scalars{{"best/test/HIT@5", 0.5}});
  CHECK(scalars_of({{"em_stage", "joint"}, {"epoch", 0}, {"e_step", {{"loss", 0.0}}}, {"none", nullptr}}) ==
        Scalars{{"joint/e_step/loss", 0.0}});
}

TEST_CASE("event files hold what metrics.jsonl holds", "[event_file]") {
  const test::TempDir dir;
  {
    EventFile file(dir.path(), {epoch_line(1, 0.5)});
    file.append({{"em_stage", "prior"}, {"epoch", 2}, {"e_step", {{"loss", 0.0}}}});
    file.append({{"best_epoch", 1}, {"test", {{"HIT@5", 0.75}}}});
  }
  const auto path = only_file(dir.path());
  const std::vector<Event> events = read_events(path);
  REQUIRE(events.size() == 4);
  CHECK(events[0].file_version() == "brain.Event:2");
  CHECK(events[1].step() == 1);
  CHECK(values_of(events[1]) == std::map<std::string, float>{{"losses/total", 0.5F}});
  CHECK(values_of(events[2]) == std::map<std::string, float>{{"prior/e_step/loss", 0.0F}});
  CHECK(events[2].step() == 2);
  CHECK(events[3].step() == 1);
  CHECK(values_of(events[3]) == std::map<std::string, float>{{"best/test/HIT@5", 0.75F}});
  CHECK(events[3].wall_time() == 3.0);

  // The first frame byte by byte: 15 bytes of message, of which field 3 (tag 0x1a) has 13.
  const std::string bytes = test::read_text(path);
  CHECK(bytes.substr(0, 8) == std::string("\x0f\0\0\0\0\0\0\0", 8));
  CHECK(bytes.substr(12, 15) ==
        "\x1a\x0d"
        "brain.Event:2");
}

TEST_CASE("the name of an event file carries time and host", "[event_file]") {
  const test::TempDir dir;
  const auto before = std::time(nullptr);
  const EventFile file(dir.path(), {});
  const std::string name = only_file(dir.path()).filename();
  char host[256] = {};
  REQUIRE(gethostname(host, sizeof host - 1) == 0);
  CHECK_THAT(name, Catch::Contains("." + std::string(host) + "."));
  const std::string start = "events.out.tfevents.";
  REQUIRE(name.starts_with(start));
  const int64_t seconds = std::stoll(name.substr(start.size(), 10));
  CHECK(seconds >= before);
  CHECK(seconds <= before + 60);
}

TEST_CASE("a killed and resumed run has the event file of one that was not", "[event_file]") {
  const test::TempDir dir;
  {
    MetricsLog whole(dir / "whole/metrics.jsonl", 0, EventFiles::beside);
    for (int epoch = 1; epoch <= 4; ++epoch) whole.append(epoch_line(epoch, 1.0 / epoch));
  }
  const auto killed = dir / "killed/metrics.jsonl";
  int64_t saved = 0;
  {
    MetricsLog log(killed, 0, EventFiles::beside);
    log.append(epoch_line(1, 1.0));
    log.append(epoch_line(2, 0.5));
    saved = log.position();
    log.append(epoch_line(3, 123.0));  // after the last checkpoint
  }
  const auto events = only_file(dir / "killed");
  test::write_text(events, test::read_text(events) + "half a frame");
  // TensorBoard has the file open while the run is killed and continued.
  std::ifstream open_file(events, std::ios::binary);
  {
    MetricsLog log(killed, saved, EventFiles::beside);
    for (int epoch = 3; epoch <= 4; ++epoch) log.append(epoch_line(epoch, 1.0 / epoch));
  }
  CHECK(only_file(dir / "killed") == events);
  CHECK(read_events(events).size() == 5);
  const std::string whole = test::read_text(only_file(dir / "whole"));
  CHECK(test::read_text(events) == whole);
  CHECK(std::string(std::istreambuf_iterator<char>(open_file), {}) == whole);
  // Events that were written and count are not written again.
  const auto inode = [&] {
    struct stat status {};
    REQUIRE(stat(events.c_str(), &status) == 0);
    return status.st_ino;
  };
  const auto same = inode();
  { MetricsLog log(killed, saved, EventFiles::beside); }
  CHECK(inode() == same);
  CHECK(read_events(events).size() == 3);

  const MetricsLog without(killed, saved, EventFiles::none);  // it would contradict later lines
  CHECK(EventFile::files_in(dir / "killed").empty());
}

TEST_CASE("the event file of an earlier version goes on, and a new training begins another", "[event_file]") {
  const test::TempDir dir;
  const auto old = dir / "events.out.tfevents.latentcrs";
  int64_t saved = 0;
  {
    MetricsLog log(dir / "metrics.jsonl", 0);
    log.append(epoch_line(1, 1.0));
    saved = log.position();
  }
  test::write_text(old, "other bytes");
  { MetricsLog log(dir / "metrics.jsonl", saved, EventFiles::beside); }
  CHECK(only_file(dir.path()) == old);
  CHECK(read_events(old).size() == 2);
  const MetricsLog again(dir / "metrics.jsonl", 0, EventFiles::beside);
  CHECK(only_file(dir.path()) != old);
  CHECK(read_events(only_file(dir.path())).size() == 1);
}

TEST_CASE("a metrics log that cannot be read back names its line", "[event_file]") {
  const test::TempDir dir;
  test::write_text(dir / "metrics.jsonl", "{\"epoch\":1}\n{\"epoch\":\n");
  CHECK_THROWS_WITH(MetricsLog(dir / "metrics.jsonl", 22, EventFiles::beside), Catch::Contains("metrics.jsonl:2"));
}
