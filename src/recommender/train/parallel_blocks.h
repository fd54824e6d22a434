// Work in blocks of a fixed size, so that the order of its sums does not depend on the number of threads.
#pragma once

#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cstdint>

namespace latentcrs {

/// Calls work(block) for each block of `size` elements in blocks of `block`, on LibTorch's threads.
template <class Work>
void each_block(int64_t size, int64_t block, const Work& work) {
  at::parallel_for(0, (size + block - 1) / block, 1, [&](int64_t begin, int64_t end) {
    const c10::AutoGradMode no_grad(false);  // a thread has its own
    for (int64_t i = begin; i < end; ++i) work(i);
  });
}

/// The same with work(begin, end), the elements of a block.
template <class Work>
void each_range(int64_t size, int64_t block, const Work& work) {
  each_block(size, block, [&](int64_t i) { work(i * block, std::min(size, (i + 1) * block)); });
}

}  // namespace latentcrs
