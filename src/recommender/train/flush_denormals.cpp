#include "recommender/train/flush_denormals.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>

namespace latentcrs {

namespace {

/// Each thread has a switch of its own. A loop of as many steps as there are threads gives every thread one.
void flush_in_all_threads(bool flush) {
  at::parallel_for(0, at::get_num_threads(), 1, [&](int64_t, int64_t) { at::globalContext().setFlushDenormal(flush); });
}

}  // namespace

FlushDenormals::FlushDenormals() { flush_in_all_threads(true); }
FlushDenormals::~FlushDenormals() { flush_in_all_threads(false); }

}  // namespace latentcrs
