#include "base/util/allocator.h"

#include <malloc.h>

namespace latentcrs {

void keep_freed_memory() {
  constexpr int MiB = 1 << 20;
  mallopt(M_MMAP_THRESHOLD, 1024 * MiB);
  mallopt(M_TRIM_THRESHOLD, 2000 * MiB);
  mallopt(M_TOP_PAD, 64 * MiB);
}

}  // namespace latentcrs
