// Rows of a table computed in blocks of a fixed size, which the processes share.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "numerics/parallel/processes.h"

namespace latentcrs {

/// The rows of each process where `rows` rows are cut into blocks of `block` and each process has a run of the blocks.
/// They begin at a multiple of `block`, so that a process computes the blocks that a single one would.
std::vector<Part> row_blocks_by_rank(const Processes& processes, int64_t rows, int64_t block);

/// Fills `table` [rows, …] with the rows that compute(begin, end) gives for each block; every process gets all of them.
void fill_in_blocks(Processes& processes, at::Tensor& table, int64_t block,
                    const std::function<at::Tensor(int64_t begin, int64_t end)>& compute);

}  // namespace latentcrs
