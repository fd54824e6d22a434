#include "language/transport/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <optional>
#include <semaphore>
#include <thread>
#include <vector>

namespace latentcrs {

namespace {

using Places = std::counting_semaphore<>;

/// One of the questions that may be under way; waits until there is a place for it.
class Place {
 public:
  explicit Place(Places& places) : places_(places) { places_.acquire(); }
  ~Place() { places_.release(); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

 private:
  Places& places_;
};

/// The questions that several threads ask, and the first exception of all.
class Questions {
 public:
  Questions(size_t count, size_t at_once, const std::function<AnswerWork(size_t)>& ask)
      : count_(count), places_(static_cast<ptrdiff_t>(at_once)), ask_(ask) {}

  /// The work of one thread: asks until there is no question left or one has failed.
  void work() {
    while (const auto rest = ask_next()) unless_it_fails(*rest);
  }

  void rethrow_failure() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  /// The place is given up after a failure is noted, so that no further question is asked then.
  std::optional<AnswerWork> ask_next() {
    const Place place(places_);
    const size_t i = next_++;
    if (stopped_ || i >= count_) return std::nullopt;
    std::optional<AnswerWork> rest;
    unless_it_fails([&] { rest = ask_(i); });
    return rest;
  }

  void unless_it_fails(const std::function<void()>& work) {
    try {
      work();
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
      stopped_ = true;
    }
  }

  const size_t count_;
  Places places_;
  const std::function<AnswerWork(size_t)>& ask_;
  std::atomic<size_t> next_{0};
  std::atomic<bool> stopped_{false};
  std::mutex mutex_;
  std::exception_ptr failure_;
};

}  // namespace

void for_each_concurrently(size_t count, int threads, const std::function<void(size_t)>& work) {
  ask_concurrently(count, threads, [&work](size_t i) {
    work(i);
    return [] {};
  });
}

void ask_concurrently(size_t count, int at_once, const std::function<AnswerWork(size_t)>& ask) {
  const auto most = static_cast<size_t>(std::max(at_once, 1));
  Questions questions(count, most, ask);
  {
    std::vector<std::jthread> workers;
    for (size_t t = 0; t < std::min(count, 2 * most); ++t) workers.emplace_back([&questions] { questions.work(); });
  }
  questions.rethrow_failure();
}

}  // namespace latentcrs
