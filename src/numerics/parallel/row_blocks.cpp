#include "numerics/parallel/row_blocks.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace latentcrs {

std::vector<Part> row_blocks_by_rank(const Processes& processes, int64_t rows, int64_t block) {
  std::vector<Part> parts;
  for (int r = 0; r < processes.size(); ++r) {
    const Part blocks = part_of((rows + block - 1) / block, r, processes.size());
    parts.push_back({std::min(rows, blocks.begin * block), std::min(rows, blocks.end * block)});
  }
  return parts;
}

void fill_in_blocks(Processes& processes, at::Tensor& table, int64_t block,
                    const std::function<at::Tensor(int64_t begin, int64_t end)>& compute) {
  const std::vector<Part> parts = row_blocks_by_rank(processes, table.size(0), block);
  const Part own = parts[static_cast<size_t>(processes.rank())];
  for (int64_t begin = own.begin; begin < own.end; begin += block) {
    const int64_t end = std::min(begin + block, own.end);
    table.narrow(0, begin, end - begin).copy_(compute(begin, end));
  }
  processes.gather_rows(table, parts);
}

}  // namespace latentcrs
