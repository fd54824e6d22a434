#include "recommender/train/icl_losses.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include <limits>

#include "numerics/linalg/products.h"

namespace latentcrs {

namespace {

/// z zᵀ of z [R, W].
at::Tensor gram(const at::Tensor& z) { return z.is_cpu() ? packed_gram(z) : at::mm(z, z.t()); }
/// a b of a [R, R] and b [R, W].
at::Tensor product(const at::Tensor& a, const at::Tensor& b) {
  return b.is_cpu() ? packed_product(a, b) : at::mm(a, b);
}

/// See nce(). The gradient of all 2B rows is one product with a matrix that the forward pass has computed already.
struct Nce : torch::autograd::Function<Nce> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& z, double temperature,
                            const at::Tensor& excluded) {
    const int64_t batch = z.size(0) / 2;
    const at::Tensor similarity = gram(z).div_(temperature);
    const at::Tensor log_p =
        at::log_softmax(similarity.masked_fill_(excluded, -std::numeric_limits<double>::infinity()), 1);
    at::Tensor weights = log_p.exp();
    for (const int64_t twin : {batch, -batch}) weights.diagonal(twin).sub_(1);
    context->save_for_backward({z, weights + weights.t()});
    context->saved_data["scale"] = 1 / (static_cast<double>(z.size(0)) * temperature);
    return -at::cat({log_p.diagonal(batch), log_p.diagonal(-batch)}).mean();
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const torch::autograd::variable_list saved = context->get_saved_variables();
    const double scale = context->saved_data["scale"].toDouble();
    return {product(saved[1] * (gradients[0] * scale), saved[0]), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

at::Tensor nce(const at::Tensor& views, double temperature, const at::Tensor& labels) {
  const int64_t rows = views.size(0), batch = rows / 2;
  at::Tensor excluded = at::eye(rows, views.options().dtype(at::kBool));
  if (labels.defined()) {
    const at::Tensor both = at::cat({labels, labels});
    excluded = both.unsqueeze(0).eq(both.unsqueeze(1));
    for (const int64_t twin : {batch, -batch}) excluded.diagonal(twin).fill_(false);
  }
  return Nce::apply(views, temperature, excluded);
}

at::Tensor intent_contrast(const at::Tensor& views, const std::vector<UserIntents>& intents, double temperature) {
  at::Tensor sum = at::zeros({}, views.options());
  for (const UserIntents& of_user : intents)
    for (const at::Tensor& view : views.chunk(2))
      sum = sum + nce(at::cat({view, of_user.vectors}), temperature, of_user.labels);
  return sum / static_cast<double>(2 * intents.size());
}

}  // namespace latentcrs
