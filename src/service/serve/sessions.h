// The dialogues that are going on.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "service/serve/served_run.h"
#include "service/talk/talk_session.h"

namespace latentcrs {

/// A dialogue and the generation with which it began. `mutex` is held while `talk` is used.
struct ServedSession {
  std::string id;
  SharedRun run;
  std::vector<std::string> unknown;  ///< texts that name no item of the history
  TalkSession talk;
  int steps = 0;  ///< that can be taken back
  std::mutex mutex = {};
};

struct SessionLimits {
  size_t count = 256;  ///< a further one ends the one that has been idle for longest
  std::chrono::minutes idle{60};
};

/// May be used by several threads at once. A session that has ended goes on for the requests that have it.
class Sessions {
 public:
  using Shared = std::shared_ptr<ServedSession>;

  explicit Sessions(const SessionLimits& limits) : limits_(limits) {}

  Shared create(const SharedRun& run, TalkOptions options, std::vector<std::string> unknown);
  /// Throws HttpError(404) for an unknown id.
  Shared find(const std::string& id);
  /// Throws HttpError(404) for an unknown id.
  void end(const std::string& id);
  size_t count() const;

 private:
  using Clock = std::chrono::steady_clock;
  struct Entry {
    Shared session;
    Clock::time_point used;
  };
  void end_idle(Clock::time_point now);

  SessionLimits limits_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace latentcrs
