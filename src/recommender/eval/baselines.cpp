#include "recommender/eval/baselines.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/util/error.h"

namespace latentcrs {

namespace {

/// Sets all but the `count` largest values of a row to 0, ties by place.
void keep_largest(std::vector<double>& row, size_t count) {
  if (count == 0 || count >= row.size()) return;
  std::vector<size_t> order(row.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const auto middle = order.begin() + static_cast<ptrdiff_t>(count);
  std::nth_element(order.begin(), middle, order.end(),
                   [&](size_t a, size_t b) { return row[a] != row[b] ? row[a] > row[b] : a < b; });
  for (auto place = middle; place != order.end(); ++place) row[*place] = 0;
}

}  // namespace

at::Tensor item_cosine_weights(const CoOccurrence& pairs, int neighbours) {
  const int64_t rows = pairs.rows();
  at::Tensor weights = at::zeros({rows, rows}, at::kFloat);
  float* values = weights.data_ptr<float>();
  at::parallel_for(0, rows, 16, [&](int64_t begin, int64_t end) {
    std::vector<double> row(static_cast<size_t>(rows));
    for (int64_t item = begin; item < end; ++item) {
      pairs.cosines_with(static_cast<int32_t>(item), row);
      keep_largest(row, static_cast<size_t>(neighbours));
      std::transform(row.begin(), row.end(), values + item * rows, [](double v) { return static_cast<float>(v); });
    }
  });
  return weights;
}

at::Tensor ease_weights(const CoOccurrence& pairs, double lambda) {
  const int64_t rows = pairs.rows();
  at::Tensor gram = at::zeros({rows, rows}, at::kDouble);
  double* values = gram.data_ptr<double>();
  at::parallel_for(0, rows, 16, [&](int64_t begin, int64_t end) {
    for (int64_t item = begin; item < end; ++item) {
      pairs.counts_with(static_cast<int32_t>(item), {values + item * rows, static_cast<size_t>(rows)});
      values[item * rows + item] += lambda;
    }
  });
  const at::Tensor inverse = at::linalg_inv(gram);
  at::Tensor weights = inverse.div(inverse.diagonal().unsqueeze(1)).neg_();
  weights.fill_diagonal_(0);
  return weights.to(at::kFloat);
}

at::Tensor history_matrix(const Histories& histories, int64_t rows) {
  at::Tensor matrix = at::zeros({histories.size(), rows}, at::kFloat);
  float* values = matrix.data_ptr<float>();
  for (int64_t i = 0; i < histories.size(); ++i)
    for (const int32_t item : histories.of(i)) values[i * rows + item] = 1;
  return matrix;
}

void check_baseline_size(int64_t users, int64_t rows) {
  constexpr double kMostBytes = 8.0 * (int64_t{1} << 30);
  const double bytes = 4.0 * static_cast<double>(rows) * static_cast<double>(users + 3 * rows);
  if (bytes > kMostBytes)
    throw config_error(
        fmt::format("evaluate.baselines: tables of {} items by {} users and by items would take {:.0f} GiB, more than "
                    "8; these baselines are for smaller catalogues: set evaluate.baselines=[]",
                    rows - 1, users, bytes / (int64_t{1} << 30)));
}

}  // namespace latentcrs
