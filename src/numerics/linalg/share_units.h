// Units of work that threads take one after another.
#pragma once

#include <ATen/Parallel.h>

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace latentcrs {

/// Calls work(memory, unit) for each unit on LibTorch's threads, each of which has a memory from make(). A thread takes
/// the next unit when it is done with one, so that a thread that other programs hold up does not hold up the others.
template <class Make, class Work>
void share_units(int64_t units, const Make& make, const Work& work) {
  std::atomic<int64_t> next = 0;
  at::parallel_for(0, std::min<int64_t>(units, at::get_num_threads()), 1, [&](int64_t, int64_t) {
    auto memory = make();
    for (int64_t unit = next++; unit < units; unit = next++) work(memory, unit);
  });
}

}  // namespace latentcrs
