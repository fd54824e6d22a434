#include "transport/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace latentcrs {

void for_each_concurrently(size_t count, int threads, const std::function<void(size_t)>& work) {
  std::atomic<size_t> next{0};
  std::atomic<bool> stopped{false};
  std::exception_ptr failure;
  std::mutex failure_mutex;
  const auto run = [&] {
    for (size_t i; !stopped && (i = next++) < count;) {
      try {
        work(i);
      } catch (...) {
        const std::lock_guard lock(failure_mutex);
        if (!failure) failure = std::current_exception();
        stopped = true;
      }
    }
  };
  {
    std::vector<std::jthread> workers;
    for (size_t t = 0; t < std::min(count, static_cast<size_t>(std::max(threads, 1))); ++t) workers.emplace_back(run);
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace latentcrs
