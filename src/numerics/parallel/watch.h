// Notices that a process of a run is gone, whatever the others are doing at that time, and ends them with a message
// that names it.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "numerics/parallel/store.h"

namespace latentcrs {

/// Every process adds to a number of its own in the store a few times a second. Process 0 sees which one stands still;
/// the others see whether process 0 answers. The first that knows of a loss leaves the message in the store, so that
/// all give the same one. Ending a process at once is safe: files are written atomically, and the same command goes on
/// from them.
class Watch {
 public:
  /// `store` is a connection of its own. `names` say rank and host in messages. A process that is silent for
  /// `lost_after` is lost.
  Watch(Store store, int rank, std::vector<std::string> names, std::chrono::milliseconds lost_after);
  ~Watch() { stop(); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  /// The exchange with `rank` failed: ends this process, with the message of the first loss.
  [[noreturn]] void lost(int rank, const std::string& reason);
  /// Tells the others that this process ends with an error of its own; they end with `exit_code`. Watches no more.
  void abandon(const std::string& reason, int exit_code);
  /// Waits until all processes have come here, and watches no more.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;

  void beat();
  void guard();
  void look_for_silent(std::vector<int64_t>& beats, std::vector<Clock::time_point>& heard);
  void obey_verdict();
  [[noreturn]] void end_process(const std::string& verdict);
  std::string verdict_of(int rank, const std::string& reason) const;
  bool pause();  ///< false: stop
  bool is_stopping();
  void stop();

  Store store_;
  int rank_;
  std::vector<std::string> names_;
  std::chrono::milliseconds lost_after_, period_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false, beats_ended_ = false;
  std::atomic<Clock::rep> answered_;  // when the store answered last
  std::thread beats_, guards_;
};

}  // namespace latentcrs
