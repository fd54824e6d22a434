#include "recommender/model/user_states.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "numerics/parallel/row_blocks.h"

namespace latentcrs {

namespace {

/// Columns of the padded ids: the length of the longest history, or L if one is empty, because a row without items
/// attends to all columns alike, so that its state depends on their number, which is L in pretraining.
int64_t padded_width(const Histories& histories, int64_t max_seq_length) {
  int64_t longest = 1;
  for (int64_t i = 0; i < histories.size(); ++i) {
    const auto length = static_cast<int64_t>(histories.of(i).size());
    longest = std::max(longest, length == 0 ? max_seq_length : length);
  }
  return std::min(longest, max_seq_length);
}

}  // namespace

UserSequences::UserSequences(const Histories& histories, int64_t max_seq_length, Positions positions,
                             c10::Device device)
    : positions_(positions) {
  const int64_t width = padded_width(histories, max_seq_length);
  ids_ = at::zeros({histories.size(), width}, at::kLong);
  lengths_ = at::empty({histories.size()}, at::kLong);
  int64_t* ids = ids_.data_ptr<int64_t>();
  int64_t* lengths = lengths_.data_ptr<int64_t>();
  for (int64_t i = 0; i < histories.size(); ++i) {
    const std::span<const int32_t> history = histories.of(i);
    lengths[i] = std::min<int64_t>(static_cast<int64_t>(history.size()), width);
    std::copy(history.end() - lengths[i], history.end(), ids + (i + 1) * width - lengths[i]);
  }
  ids_ = ids_.to(device);
  lengths_ = lengths_.to(device);
}

at::Tensor UserSequences::ids_of(const at::Tensor& rows) const {
  const at::Tensor ids = ids_.index_select(0, rows);
  if (positions_ == Positions::from_right) return ids;
  const int64_t longest = std::max<int64_t>(1, lengths_.index_select(0, rows).max().item<int64_t>());
  return ids.slice(1, ids.size(1) - longest);
}

int64_t UserSequences::first_position(const SasRec& encoder, const at::Tensor& ids) const {
  return positions_ == Positions::from_right ? encoder->options().max_seq_length - ids.size(1) : 0;
}

at::Tensor UserSequences::states(SasRec encoder, const at::Tensor& rows, Dropout& dropout) const {
  const at::Tensor ids = ids_of(rows);
  return encoder->forward(ids, dropout, first_position(encoder, ids));
}

at::Tensor UserSequences::last_state(SasRec encoder, const at::Tensor& rows, Dropout& dropout) const {
  const at::Tensor ids = ids_of(rows);
  return encoder->forward_last(ids, dropout, first_position(encoder, ids));
}

at::Tensor UserSequences::last_states(SasRec encoder, int64_t block) const {
  const at::NoGradGuard no_grad;
  Dropout off = Dropout::off();
  at::Tensor all = at::empty({size(), encoder->options().hidden_size}, encoder->item_table().options());
  fill_in_blocks(Processes::current(), all, block, [&](int64_t begin, int64_t end) {
    if (positions_ == Positions::from_right) return encoder->last_state(ids_.slice(0, begin, end));
    return last_state(encoder, at::arange(begin, end, ids_.options()), off);
  });
  return all;
}

}  // namespace latentcrs
