// Threads that compute answers: as many as the machine has processors, however many connections there are.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <thread>
#include <vector>

namespace latentcrs {

/// Each thread computes alone: LibTorch's and OpenMP's pools of one thread start no others.
class Workers {
 public:
  /// At most `waiting` works wait for a free thread.
  Workers(int threads, size_t waiting);
  /// Ends the works that were taken.
  ~Workers();

  /// The result of work(), computed by a worker; what it throws is thrown here. Throws HttpError(503) at once where too
  /// many works wait.
  template <class Work>
  auto run(Work work) -> decltype(work()) {
    std::packaged_task<decltype(work())()> task(std::move(work));
    auto result = task.get_future();
    add([&task] { task(); });
    return result.get();
  }

 private:
  void add(std::function<void()> work);
  void take_works();

  size_t most_waiting_;
  std::mutex mutex_;
  std::condition_variable added_;
  std::deque<std::function<void()>> waiting_;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace latentcrs
