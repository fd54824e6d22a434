#include "numerics/parallel/row_sum.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "numerics/parallel/tree_sum.h"

namespace latentcrs {

namespace {

constexpr int64_t kRowGrain = 256;
constexpr int64_t kWhole = -1;  // in the place of a number of rows

bool has_bits(const float* row, int64_t width) {
  for (int64_t c = 0; c < width; ++c) {
    uint32_t bits = 0;
    std::memcpy(&bits, row + c, sizeof bits);
    if (bits != 0) return true;
  }
  return false;
}

/// The numbers of the rows that are not zero, ascending.
std::vector<int64_t> touched_rows(const at::Tensor& table) {
  const int64_t width = table.size(1);
  const float* const values = table.data_ptr<float>();
  std::vector<uint8_t> touched(static_cast<size_t>(table.size(0)));
  at::parallel_for(0, table.size(0), kRowGrain, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row)
      touched[static_cast<size_t>(row)] = has_bits(values + row * width, width) ? 1 : 0;
  });
  std::vector<int64_t> numbers;
  for (size_t row = 0; row < touched.size(); ++row)
    if (touched[row] != 0) numbers.push_back(static_cast<int64_t>(row));
  return numbers;
}

constexpr int64_t kMissing = -1;

/// The ascending union of the numbers of two tables' rows, and where each row stands in a and in b, or kMissing.
struct Union {
  std::vector<int64_t> numbers, in_a, in_b;
};

Union union_of(const at::Tensor& a, const at::Tensor& b) {
  const int64_t *const x = a.data_ptr<int64_t>(), *const y = b.data_ptr<int64_t>();
  Union both;
  for (int64_t i = 0, j = 0; i < a.numel() || j < b.numel();) {
    const bool from_a = i < a.numel() && (j == b.numel() || x[i] <= y[j]);
    const bool from_b = j < b.numel() && (i == a.numel() || y[j] <= x[i]);
    both.numbers.push_back(from_a ? x[i] : y[j]);
    both.in_a.push_back(from_a ? i++ : kMissing);
    both.in_b.push_back(from_b ? j++ : kMissing);
  }
  return both;
}

/// The rows of both, added. A missing row is +0, which turns the -0 of the other into +0 as in a sum of whole tables.
at::Tensor added_rows(const Union& both, const at::Tensor& a, const at::Tensor& b) {
  const int64_t width = a.size(1), count = static_cast<int64_t>(both.numbers.size());
  at::Tensor sum = at::empty({count, width}, a.options());
  const std::vector<float> zeros(static_cast<size_t>(width));
  const float *const of_a = a.data_ptr<float>(), *const of_b = b.data_ptr<float>();
  float* const out = sum.data_ptr<float>();
  at::parallel_for(0, count, kRowGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t at_a = both.in_a[static_cast<size_t>(i)], at_b = both.in_b[static_cast<size_t>(i)];
      const float* const x = at_a == kMissing ? zeros.data() : of_a + at_a * width;
      const float* const y = at_b == kMissing ? zeros.data() : of_b + at_b * width;
      for (int64_t c = 0; c < width; ++c) out[i * width + c] = x[c] + y[c];
    }
  });
  return sum;
}

int64_t count_of(const SparseTable& table) { return table.is_whole() ? kWhole : table.numbers.numel(); }

/// Whether the rows of all nodes are fewer than those that each process sends, out and back, in a sum of whole tables.
bool rows_are_cheaper(const at::Tensor& counts, int64_t table_rows) {
  return counts.min().item<int64_t>() != kWhole && counts.sum().item<int64_t>() < 2 * table_rows;
}

}  // namespace

SparseTable sparse_table(const at::Tensor& table) {
  const at::Tensor whole = table.contiguous();
  const std::vector<int64_t> numbers = touched_rows(whole);
  if (2 * static_cast<int64_t>(numbers.size()) > whole.size(0)) return {.numbers = {}, .rows = {}, .all = whole};
  const at::Tensor index = at::tensor(numbers, at::kLong);
  return {.numbers = index, .rows = whole.index_select(0, index), .all = {}};
}

at::Tensor whole_table(const SparseTable& table, int64_t rows) {
  if (table.is_whole()) return table.all;
  return at::zeros({rows, table.rows.size(1)}, table.rows.options()).index_copy_(0, table.numbers, table.rows);
}

SparseTable sum_of(const SparseTable& a, const SparseTable& b, int64_t rows) {
  if (a.is_whole() || b.is_whole())
    return {.numbers = {}, .rows = {}, .all = whole_table(a, rows).add_(whole_table(b, rows))};
  const Union both = union_of(a.numbers, b.numbers);
  return {.numbers = at::tensor(both.numbers, at::kLong), .rows = added_rows(both, a.rows, b.rows), .all = {}};
}

void RowSum::add(const at::Tensor& table) {
  const int64_t shard = shards_.own().begin + added_++;
  own_.add({shard, shard + 1}, sparse_table(table),
           [this](const SparseTable& a, const SparseTable& b) { return sum_of(a, b, table_rows_); });
}

at::Tensor RowSum::finish() {
  added_ = 0;
  Sums own = own_.take();
  const auto plus = [this](const SparseTable& a, const SparseTable& b) { return sum_of(a, b, table_rows_); };
  if (!shards_.processes().several()) return whole_table(sum_of_nodes<SparseTable>(std::move(own), plus), table_rows_);
  const at::Tensor counts = counts_of_all(own);
  if (rows_are_cheaper(counts, table_rows_))
    return whole_table(sum_of_nodes<SparseTable>(sums_of_all(own, counts), plus), table_rows_);
  TreeSum::Sums whole;
  for (const auto& [node, table] : own) whole.push_back({node, whole_table(table, table_rows_).reshape({-1})});
  return TreeSum::finish(shards_, std::move(whole)).view({table_rows_, -1});
}

/// The numbers of rows of the nodes of all processes, [processes, most nodes of one], 0 where there is no node.
at::Tensor RowSum::counts_of_all(const Sums& own) const {
  Processes& processes = shards_.processes();
  std::vector<Part> of_rank;
  int64_t most = 0;
  for (int r = 0; r < processes.size(); ++r) {
    most = std::max(most, static_cast<int64_t>(nodes_of(shards_.of(r)).size()));
    of_rank.push_back({r, r + 1});
  }
  at::Tensor counts = at::zeros({processes.size(), most}, at::kLong);
  for (size_t i = 0; i < own.size(); ++i) counts[processes.rank()][static_cast<int64_t>(i)] = count_of(own[i].value);
  processes.gather_rows(counts, of_rank);
  return counts;
}

RowSum::Sums RowSum::sums_of_all(const Sums& own, const at::Tensor& counts) const {
  Processes& processes = shards_.processes();
  const auto size = static_cast<size_t>(processes.size()), me = static_cast<size_t>(processes.rank());
  const int64_t width = own.front().value.rows.size(1);
  std::vector<at::Tensor> own_numbers, own_rows;
  for (const auto& sum : own) {
    own_numbers.push_back(sum.value.numbers);
    own_rows.push_back(sum.value.rows);
  }
  std::vector<at::Tensor> numbers(size), rows(size);
  for (size_t r = 0; r < size; ++r) {
    const int64_t count = counts[static_cast<int64_t>(r)].sum().item<int64_t>();
    numbers[r] = r == me ? at::cat(own_numbers) : at::empty({count}, at::kLong);
    rows[r] = r == me ? at::cat(own_rows) : at::empty({count, width}, own_rows.front().options());
  }
  const auto send_all = [&](const std::vector<at::Tensor>& parts) {
    std::vector<at::Tensor> to(size, parts[me]), from = parts;
    to[me] = from[me] = at::Tensor();
    processes.exchange(to, from);
  };
  send_all(numbers);
  send_all(rows);

  Sums all;
  for (size_t r = 0; r < size; ++r) {
    int64_t begin = 0;
    const std::vector<ShardNode> nodes = nodes_of(shards_.of(static_cast<int>(r)));
    for (size_t i = 0; i < nodes.size(); ++i) {
      const int64_t count = counts[static_cast<int64_t>(r)][static_cast<int64_t>(i)].item<int64_t>();
      all.push_back({nodes[i], {numbers[r].narrow(0, begin, count), rows[r].narrow(0, begin, count), {}}});
      begin += count;
    }
  }
  return all;
}

}  // namespace latentcrs
