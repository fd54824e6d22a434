#include "base/util/profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string_view>
#include <unordered_map>

#include "base/util/error.h"

namespace latentcrs::profile {

namespace detail {
std::atomic<bool> recording{false};
}

namespace {

using Clock = std::chrono::steady_clock;
using json = nlohmann::ordered_json;

constexpr size_t kMostEvents = 1'000'000;

/// A part at its place among the others.
struct Node {
  const char* name = "";
  int64_t calls = 0;
  double microseconds = 0;
  std::map<std::string_view, std::unique_ptr<Node>> parts = {};

  Node& part(const char* part_name) {
    std::unique_ptr<Node>& node = parts[part_name];
    if (!node) node = std::make_unique<Node>(Node{.name = part_name});
    return *node;
  }
};

struct OpenPart {
  Node* node;
  Clock::time_point begin;
};

/// All that is recorded. Parts are long compared with a lock, which they share.
struct Store {
  std::mutex mutex;
  uint64_t number = 0;  // of the recording
  Clock::time_point start;
  Node whole, other_threads;
  std::vector<Event> events;
  int64_t events_left_out = 0;
  int threads = 0;

  void begin(const char* name) {
    ++number;
    start = Clock::now();
    whole = Node{.name = name};
    other_threads = Node{.name = "other threads"};
    events.clear();
    events_left_out = 0;
    threads = 0;
  }
};

Store& store() {
  static Store store;
  return store;
}

/// The open parts of a thread.
struct ThreadParts {
  uint64_t recording = 0;  // that they belong to; they are void in another one
  int thread = 0;
  std::vector<OpenPart> open;
};
thread_local ThreadParts thread_parts;

/// Called with the lock held.
ThreadParts& parts_of_this_thread() {
  ThreadParts& parts = thread_parts;
  if (parts.recording != store().number) parts = {.recording = store().number, .thread = store().threads++, .open = {}};
  return parts;
}

double microseconds_between(Clock::time_point begin, Clock::time_point end) {
  return std::chrono::duration<double, std::micro>(end - begin).count();
}

/// Appends a part and what it consists of.
void list_parts(const Node& node, int depth, bool adds_up, std::vector<Part>& parts) {
  parts.push_back({node.name, depth, node.calls, node.microseconds / 1e6});
  std::vector<const Node*> inner;
  for (const auto& [name, part] : node.parts) inner.push_back(part.get());
  std::stable_sort(inner.begin(), inner.end(),
                   [](const Node* a, const Node* b) { return a->microseconds > b->microseconds; });
  double rest = node.microseconds;
  for (const Node* part : inner) {
    list_parts(*part, depth + 1, true, parts);
    rest -= part->microseconds;
  }
  if (!inner.empty() && adds_up) parts.push_back({"the rest", depth + 1, 0, std::max(rest, 0.0) / 1e6});
}

double share_of(const Part& part, const Recording& recording) {
  const double whole = recording.parts.front().seconds;
  return whole > 0 ? part.seconds / whole : 0;
}

}  // namespace

namespace detail {

void begin(const char* name) {
  const std::lock_guard lock(store().mutex);
  ThreadParts& parts = parts_of_this_thread();
  Node& outer = !parts.open.empty() ? *parts.open.back().node
                : parts.thread == 0 ? store().whole
                                    : store().other_threads;
  parts.open.push_back({&outer.part(name), Clock::now()});
}

void end() {
  const auto now = Clock::now();
  const std::lock_guard lock(store().mutex);
  ThreadParts& parts = parts_of_this_thread();
  if (parts.open.empty()) return;  // it was begun in a recording that has ended
  const auto [node, begin] = parts.open.back();
  parts.open.pop_back();
  const double duration = microseconds_between(begin, now);
  ++node->calls;
  node->microseconds += duration;
  if (store().events.size() < kMostEvents)
    store().events.push_back({node->name, parts.thread, microseconds_between(store().start, begin), duration});
  else
    ++store().events_left_out;
}

}  // namespace detail

Recorder::Recorder(const char* name) {
  const std::lock_guard lock(store().mutex);
  if (detail::recording) throw internal_error("a profile is being recorded already");
  store().begin(name);
  parts_of_this_thread();  // this thread is number 0
  detail::recording = true;
}

Recorder::~Recorder() {
  if (!finished_) detail::recording = false;
}

Recording Recorder::finish() {
  const auto now = Clock::now();
  const std::lock_guard lock(store().mutex);
  detail::recording = false;
  finished_ = true;
  Store& all = store();
  all.whole.calls = 1;
  all.whole.microseconds = microseconds_between(all.start, now);
  all.events.push_back({all.whole.name, 0, 0, all.whole.microseconds});
  Recording result;
  list_parts(all.whole, 0, true, result.parts);
  for (const auto& [name, part] : all.other_threads.parts) all.other_threads.microseconds += part->microseconds;
  if (!all.other_threads.parts.empty()) list_parts(all.other_threads, 0, false, result.parts);
  result.events = std::move(all.events);
  result.events_left_out = all.events_left_out;
  ++all.number;  // parts that are open still belong to no recording
  return result;
}

Table to_table(const Recording& recording) {
  Table table{"", {{"part", "calls", "seconds", "share"}}};
  for (const Part& part : recording.parts)
    table.rows.push_back({std::string(2 * static_cast<size_t>(part.depth), ' ') + part.name,
                          part.calls > 0 ? std::to_string(part.calls) : "", fmt::format("{:.3f}", part.seconds),
                          fmt::format("{:.1f} %", 100 * share_of(part, recording))});
  return table;
}

std::string to_json(const Recording& recording) {
  json parts = json::array();
  for (const Part& part : recording.parts)
    parts.push_back({{"name", part.name},
                     {"depth", part.depth},
                     {"calls", part.calls},
                     {"seconds", part.seconds},
                     {"share", share_of(part, recording)}});
  return json{{"parts", parts}, {"events_left_out", recording.events_left_out}}.dump(1) + "\n";
}

std::string to_trace(const Recording& recording) {
  std::string text = "{\"displayTimeUnit\": \"ms\", \"traceEvents\": [";
  std::string_view before = "\n";
  for (const Event& event : recording.events) {
    text += fmt::format(R"({}{{"name": {}, "ph": "X", "pid": 1, "tid": {}, "ts": {:.3f}, "dur": {:.3f}}})", before,
                        json(event.name).dump(), event.thread, event.begin, event.duration);
    before = ",\n";
  }
  return text + "\n]}\n";
}

}  // namespace latentcrs::profile
