#include "service/serve/workers.h"

#include <ATen/Parallel.h>
#include <omp.h>

#include <utility>

#include "service/serve/http_error.h"

namespace latentcrs {

Workers::Workers(int threads, size_t waiting) : most_waiting_(waiting) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { take_works(); });
}

Workers::~Workers() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  added_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Workers::add(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= most_waiting_)
      throw HttpError(503, "busy", "The server has as many requests as it takes; try again.");
    waiting_.push_back(std::move(work));
  }
  added_.notify_one();
}

void Workers::take_works() {
  at::get_num_threads();  // sets this thread's number to the run's, once
  omp_set_num_threads(1);
  for (std::unique_lock lock(mutex_);;) {
    added_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const std::function<void()> work = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    work();
    lock.lock();
  }
}

}  // namespace latentcrs
