#include "language/transport/parallel.h"

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "base/util/error.h"

using namespace latentcrs;

TEST_CASE("for_each_concurrently stops at the first exception", "[parallel]") {
  std::atomic<int> started{0};
  const auto work = [&](size_t i) {
    ++started;
    if (i == 3) throw data_error("three");
  };
  CHECK_THROWS_WITH(for_each_concurrently(1000, 1, work), "three");
  CHECK(started == 4);
  started = 0;
  for_each_concurrently(0, 4, work);
  CHECK(started == 0);

  std::atomic<int> running{0}, most{0};
  for_each_concurrently(40, 4, [&](size_t) {
    const int now = ++running;
    for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    --running;
  });
  CHECK(most > 1);
  CHECK(most <= 4);
}

TEST_CASE("a question is asked while the answer before it is worked on", "[parallel]") {
  std::mutex mutex;
  std::condition_variable next_asked;
  std::set<size_t> asked;
  bool overlapped = false;
  ask_concurrently(2, 1, [&](size_t i) -> AnswerWork {
    const std::lock_guard lock(mutex);
    asked.insert(i);
    next_asked.notify_all();
    return [&, i] {
      std::unique_lock waiting(mutex);
      if (i == 0)
        overlapped = next_asked.wait_for(waiting, std::chrono::seconds(60), [&] { return asked.contains(1); });
    };
  });
  CHECK(overlapped);
}

TEST_CASE("ask_concurrently asks so many at once, and works on answers that have come after a failure", "[parallel]") {
  std::atomic<int> running{0}, most{0}, worked{0};
  ask_concurrently(40, 3, [&](size_t) -> AnswerWork {
    const int now = ++running;
    for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    --running;
    return [&] { ++worked; };
  });
  CHECK(most > 1);
  CHECK(most <= 3);
  CHECK(worked == 40);

  std::vector<size_t> asked, kept;  // one question at a time: no two threads write at once
  std::mutex mutex;
  const auto fails_at_three = [&](size_t i) -> AnswerWork {
    asked.push_back(i);
    if (i == 3) throw data_error("three");
    return [&, i] {
      const std::lock_guard lock(mutex);
      kept.push_back(i);
    };
  };
  CHECK_THROWS_WITH(ask_concurrently(1000, 1, fails_at_three), "three");
  CHECK(asked == std::vector<size_t>{0, 1, 2, 3});
  std::sort(kept.begin(), kept.end());
  CHECK(kept == std::vector<size_t>{0, 1, 2});

  const auto cannot_be_kept = [](size_t) -> AnswerWork { return [] { throw data_error("no space"); }; };
  CHECK_THROWS_WITH(ask_concurrently(1000, 2, cannot_be_kept), "no space");
}
