// The gradients and losses of a step whose batch is cut into shards (numerics/parallel/shards.h).
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <utility>
#include <vector>

#include "numerics/parallel/row_sum.h"
#include "numerics/parallel/tree_sum.h"

namespace latentcrs {

/// Sums what the shards of one step give, on whichever process they were computed, to the same bits on all of them. A
/// shard's loss is its share of the batch's, so that sums are the batch's loss and gradients. The losses travel as
/// float32. Of an item table on the CPU only the rows travel that a shard has a gradient for, where that is less.
class GradientSum {
 public:
  GradientSum(const Shards& shards, const std::vector<std::pair<std::string, at::Tensor>>& parameters);

  /// Takes the gradients of a shard off the parameters, with its losses [T]. Shards come in their order.
  void add(const at::Tensor& losses);
  /// Gives the parameters the summed gradients, and returns the sum of the losses [T] as doubles. A parameter that no
  /// shard had a gradient for has none.
  at::Tensor finish();

 private:
  static bool is_item_table(const std::string& name, const at::Tensor& parameter);

  std::vector<at::Tensor> parameters_, tables_;
  TreeSum sum_;                     // of all parameters but the tables, and of the losses
  std::vector<RowSum> table_sums_;  // of each table
};

}  // namespace latentcrs
