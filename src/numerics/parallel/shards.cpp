#include "numerics/parallel/shards.h"

#include <fmt/format.h>

#include "base/util/error.h"

namespace latentcrs {

void Shards::check(int processes, int count) {
  if (processes > count)
    throw config_error(fmt::format(
        "data_shards={}: {} processes need at least as many shards of a batch: set data_shards=8 (or 16, 32, "
        "…), which gives the same results on any number of processes up to it, and others than 1",
        count, processes));
}

std::vector<Part> Shards::elements_by_rank(int64_t size) const {
  std::vector<Part> parts;
  for (int r = 0; r < processes_->size(); ++r)
    parts.push_back({elements(of(r).begin, size).begin, elements(of(r).end - 1, size).end});
  return parts;
}

}  // namespace latentcrs
