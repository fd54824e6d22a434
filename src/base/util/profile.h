// Where the time of a stage goes: named parts, nested, on any thread. Without a recording a part costs one branch.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/util/table.h"

namespace latentcrs::profile {

namespace detail {
extern std::atomic<bool> recording;
void begin(const char* name);
void end();
}  // namespace detail

/// From its construction to its destruction a part of the work is under way. Parts inside of it on the same thread are
/// its own parts; one that begins on another thread stands beside them, under "other threads". May be used on any
/// thread; begins and ends on the same one.
class Scope {
 public:
  /// `name` must live as long as the program: a literal.
  explicit Scope(const char* name) : counted_(detail::recording.load(std::memory_order_relaxed)) {
    if (counted_) detail::begin(name);
  }
  ~Scope() {
    if (counted_) detail::end();
  }
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

 private:
  const bool counted_;
};

/// Does `work` as a part, and returns what it returns.
template <class Work>
decltype(auto) timed(const char* name, Work&& work) {
  const Scope scope(name);
  return std::forward<Work>(work)();
}

/// The times of one part, over all its calls at the same place.
struct Part {
  std::string name;
  int depth = 0;       ///< 0: the whole; its parts have 1
  int64_t calls = 0;   ///< 0 for "the rest" and "other threads"
  double seconds = 0;  ///< from begin to end, summed over calls
};

/// One call, for a trace. Times in microseconds, counted from the start of the recording.
struct Event {
  const char* name;
  int thread;  ///< 0 started the recording; others in order of their first part
  double begin, duration;
};

/// A part's own parts follow it, the longest first; "the rest", which none of them covers, comes last, so that they add
/// up to the part. Parts of other threads come at the end, below "other threads", and overlap all the others.
struct Recording {
  std::vector<Part> parts;
  std::vector<Event> events;    ///< in the order in which they ended
  int64_t events_left_out = 0;  ///< beyond the first million, which `parts` count
};

/// Records from here to its end. There is one recording at a time; another one throws Error(internal).
class Recorder {
 public:
  /// `name` of the whole: the stage's. It must live as long as the recording.
  explicit Recorder(const char* name);
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  /// Ends the recording. The parts that this thread began must have ended; a part that another one has begun is left
  /// out.
  Recording finish();

 private:
  bool finished_ = false;
};

/// Columns part (indented by its depth), calls, seconds and share of the whole.
Table to_table(const Recording& recording);
/// {"parts": [{"name", "depth", "calls", "seconds", "share"}, …], "events_left_out"}
std::string to_json(const Recording& recording);
/// The events in the Trace Event Format, which Perfetto (ui.perfetto.dev) and Chrome (about:tracing) open.
std::string to_trace(const Recording& recording);

}  // namespace latentcrs::profile
