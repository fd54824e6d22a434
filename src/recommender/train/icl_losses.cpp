#include "recommender/train/icl_losses.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <limits>

#include "recommender/train/parallel_blocks.h"

namespace latentcrs {

namespace {

constexpr int64_t kRowBlock = 64, kColumnBlock = 256;  // fixed, so that the bits do not depend on the number of threads

/// z zᵀ of z [R, W]. On the CPU the upper triangle is a copy of the lower one.
at::Tensor gram(const at::Tensor& z) {
  if (!z.is_cpu()) return at::mm(z, z.t());
  const int64_t rows = z.size(0), blocks = (rows + kRowBlock - 1) / kRowBlock;
  at::Tensor out = at::empty({rows, rows}, z.options());
  const auto lower = [&](int64_t block) {
    const int64_t begin = block * kRowBlock, count = std::min(kRowBlock, rows - begin);
    at::Tensor part = out.narrow(0, begin, count).narrow(1, 0, begin + count);
    at::mm_out(part, z.narrow(0, begin, count), z.narrow(0, 0, begin + count).t());
  };
  each_block(blocks, 2, [&](int64_t pair) {  // a long block with a short one
    lower(pair);
    if (blocks - 1 - pair != pair) lower(blocks - 1 - pair);
  });
  return out.tril().add_(out.tril(-1).t());
}

/// a b of a [R, R] and b [R, W], the columns shared among LibTorch's threads: BLAS is kept to one.
at::Tensor product(const at::Tensor& a, const at::Tensor& b) {
  if (!b.is_cpu()) return at::mm(a, b);
  at::Tensor out = at::empty_like(b);
  each_block(b.size(1), kColumnBlock, [&](int64_t block) {
    const int64_t begin = block * kColumnBlock, count = std::min(kColumnBlock, b.size(1) - begin);
    at::Tensor part = out.narrow(1, begin, count);
    at::mm_out(part, a, b.narrow(1, begin, count));
  });
  return out;
}

/// See nce(). The gradient of all 2B rows is one product with a matrix that the forward pass has computed already.
struct Nce : torch::autograd::Function<Nce> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& z1, const at::Tensor& z2,
                            double temperature, const at::Tensor& excluded) {
    const at::Tensor z = at::cat({z1, z2});
    const int64_t batch = z1.size(0);
    const at::Tensor similarity = gram(z).div_(temperature);
    const at::Tensor log_p =
        at::log_softmax(similarity.masked_fill_(excluded, -std::numeric_limits<double>::infinity()), 1);
    at::Tensor weights = log_p.exp();
    for (const int64_t twin : {batch, -batch}) weights.diagonal(twin).sub_(1);
    weights.div_(static_cast<double>(z.size(0)) * temperature);
    context->save_for_backward({z, weights + weights.t()});
    return -at::cat({log_p.diagonal(batch), log_p.diagonal(-batch)}).mean();
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const torch::autograd::variable_list saved = context->get_saved_variables();
    const at::Tensor z = product(saved[1] * gradients[0], saved[0]);
    const int64_t batch = z.size(0) / 2;
    return {z.narrow(0, 0, batch), z.narrow(0, batch, batch), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

at::Tensor nce(const at::Tensor& z1, const at::Tensor& z2, double temperature, const at::Tensor& labels) {
  const int64_t batch = z1.size(0);
  at::Tensor excluded = at::eye(2 * batch, z1.options().dtype(at::kBool));
  if (labels.defined()) {
    const at::Tensor both = at::cat({labels, labels});
    excluded = both.unsqueeze(0).eq(both.unsqueeze(1));
    for (const int64_t twin : {batch, -batch}) excluded.diagonal(twin).fill_(false);
  }
  return Nce::apply(z1, z2, temperature, excluded);
}

at::Tensor intent_contrast(const at::Tensor& view1, const at::Tensor& view2, const std::vector<UserIntents>& intents,
                           double temperature) {
  at::Tensor sum = at::zeros({}, view1.options());
  for (const UserIntents& of_user : intents)
    for (const at::Tensor* view : {&view1, &view2})
      sum = sum + nce(*view, of_user.vectors, temperature, of_user.labels);
  return sum / static_cast<double>(2 * intents.size());
}

}  // namespace latentcrs
