#include "numerics/parallel/watch.h"

#include <fmt/format.h>
#include <unistd.h>

#include <utility>

#include "base/util/error.h"
#include "base/util/log.h"

namespace latentcrs {

namespace {

constexpr int kBeatsUntilLost = 10;

std::string beat_key(int rank) { return fmt::format("beat/{}", rank); }

double seconds(std::chrono::milliseconds time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

Watch::Watch(Store store, int rank, std::vector<std::string> names, std::chrono::milliseconds lost_after)
    : store_(std::move(store)),
      rank_(rank),
      names_(std::move(names)),
      lost_after_(lost_after),
      period_(lost_after / kBeatsUntilLost),
      answered_(Clock::now().time_since_epoch().count()),
      beats_([this] { beat(); }),
      guards_([this] { guard(); }) {}

bool Watch::pause() {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, period_, [this] { return stopping_; });
}

bool Watch::is_stopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void Watch::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread* thread : {&beats_, &guards_})
    if (thread->joinable()) thread->join();
}

/// A verdict is the exit code and the message, on two lines.
std::string Watch::verdict_of(int rank, const std::string& reason) const {
  return fmt::format("{}\n{} is lost: {}. The same command goes on from the last state, on any number of processes",
                     exit_code(ErrorKind::lost_process), names_[static_cast<size_t>(rank)], reason);
}

void Watch::end_process(const std::string& verdict) {
  const size_t line = verdict.find('\n');
  log::write(log::Level::error, verdict.substr(line + 1));
  log::flush();
  if (rank_ == 0) std::this_thread::sleep_for(2 * period_);  // the store ends with this process, and the others read it
  _exit(std::stoi(verdict.substr(0, line)));
}

void Watch::obey_verdict() {
  if (store_.has("verdict")) end_process(store_.get("verdict"));
}

void Watch::look_for_silent(std::vector<int64_t>& beats, std::vector<Clock::time_point>& heard) {
  const Clock::time_point now = Clock::now();
  for (size_t r = 1; r < names_.size(); ++r) {
    const int64_t count = store_.add(beat_key(static_cast<int>(r)), 0);
    if (count != std::exchange(beats[r], count)) heard[r] = now;
    if (now - heard[r] > lost_after_)
      store_.set_first("verdict", verdict_of(static_cast<int>(r), fmt::format("nothing was heard of it for {:.1f} s",
                                                                              seconds(lost_after_))));
  }
}

void Watch::beat() {
  std::vector<int64_t> beats(names_.size());
  std::vector<Clock::time_point> heard(names_.size(), Clock::now());
  try {
    do {
      store_.add(beat_key(rank_), 1);
      if (rank_ == 0) look_for_silent(beats, heard);
      obey_verdict();
      answered_ = Clock::now().time_since_epoch().count();
    } while (pause());
  } catch (const std::exception&) {
    if (!is_stopping()) end_process(verdict_of(0, "its store is closed"));
  }
  const std::lock_guard lock(mutex_);
  beats_ended_ = true;
  changed_.notify_all();
}

/// The beats wait where process 0 was stopped, or its host is gone: nothing else ends their wait.
void Watch::guard() {
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, period_, [this] { return beats_ended_; }))
    if (Clock::now().time_since_epoch() - Clock::duration(answered_) > lost_after_)
      end_process(verdict_of(0, fmt::format("it has not answered for {:.1f} s", seconds(lost_after_))));
}

void Watch::lost(int rank, const std::string& reason) {
  try {
    store_.set_first("verdict", verdict_of(rank, reason));
    while (true) std::this_thread::sleep_for(period_);  // the next beat reads the verdict, which may be an earlier one
  } catch (const std::exception&) {
    end_process(verdict_of(0, "its store is closed"));
  }
}

void Watch::abandon(const std::string& reason, int exit_code) {
  stop();
  try {
    store_.set_first("verdict", fmt::format("{}\n{} ended: {}", exit_code, names_[static_cast<size_t>(rank_)], reason));
    if (rank_ == 0) std::this_thread::sleep_for(3 * period_);
  } catch (const std::exception&) {  // process 0 is gone already, which the others see
  }
}

void Watch::finish() {
  stop();  // first, because the store closes as soon as all are here
  const auto everybody = static_cast<int64_t>(names_.size());
  const Clock::time_point latest = Clock::now() + lost_after_;
  int64_t here = store_.add("finished", 1);
  while (rank_ == 0 && here < everybody && Clock::now() < latest) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    here = store_.add("finished", 0);
  }
}

}  // namespace latentcrs
