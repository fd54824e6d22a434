#include "recommender/train/split_projection.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <utility>

#include "base/util/profile.h"
#include "numerics/linalg/products.h"

namespace latentcrs {

namespace {

constexpr const char* kName = "prior.m_ux_projection.0.weight";

bool is_moment(const std::string& name) { return name.starts_with("exp_avg") && name.ends_with(kName); }

}  // namespace

bool SplitProjection::applies(const EmNetworks& networks, const Shards& shards) {
  const at::Tensor& weight = networks.prior->text_weight();
  return shards.count() > 1 && weight.defined() && weight.is_cpu();
}

SplitProjection::SplitProjection(const EmNetworks& networks, const Shards& shards)
    : shards_(shards), weight_(networks.prior->text_weight().detach()) {
  const int size = shards.processes().size();
  for (int r = 0; r < size; ++r) rows_.push_back(part_of(weight_.size(0), r, size));
  own_weight_ = weight_.narrow(0, own().begin, own().size());
}

void SplitProjection::begin_step(const at::Tensor& text) {
  const profile::Scope scope("text projection");
  const at::NoGradGuard no_grad;
  text_ = text;
  at::Tensor transposed = at::empty({weight_.size(0), text.size(0)}, weight_.options());
  transposed.narrow(0, own().begin, own().size()).copy_(packed_product(own_weight_, text.t()));
  shards_.processes().gather_rows(transposed, rows_);
  outputs_ = transposed.t().contiguous();
  gradient_ = at::zeros_like(outputs_);
}

void SplitProjection::record(Part examples) {
  examples_ = examples;
  recording_ = outputs_.narrow(0, examples.begin, examples.size()).detach().set_requires_grad(true);
}

void SplitProjection::keep_gradient() {
  const at::NoGradGuard no_grad;
  if (recording_.grad().defined()) gradient_.narrow(0, examples_.begin, examples_.size()).copy_(recording_.grad());
}

void SplitProjection::end_step(bool from_shards) {
  const profile::Scope scope("text projection");
  const at::NoGradGuard no_grad;
  if (from_shards) shards_.processes().gather_rows(gradient_, shards_.elements_by_rank(gradient_.size(0)));
  own_weight_.mutable_grad() = packed_product(gradient_.narrow(1, own().begin, own().size()).t(), text_);
  text_ = outputs_ = gradient_ = recording_ = at::Tensor();
}

void SplitProjection::gather_weight() { shards_.processes().gather_rows(weight_, rows_); }

SplitProjection::Parameters SplitProjection::without_weight(const Parameters& parameters) {
  Parameters others = parameters;
  std::erase_if(others, [](const auto& parameter) { return parameter.first == kName; });
  return others;
}

SplitProjection::Parameters SplitProjection::with_own_rows(const Parameters& parameters) const {
  Parameters all = parameters;
  for (auto& [name, parameter] : all)
    if (name == kName) parameter = own_weight_;
  return all;
}

StateDict SplitProjection::whole(StateDict adam) const {
  for (auto& [name, moment] : adam) {
    if (!is_moment(name)) continue;
    at::Tensor all = at::empty_like(weight_);
    all.narrow(0, own().begin, own().size()).copy_(moment);
    shards_.processes().gather_rows(all, rows_);
    moment = all;
  }
  return adam;
}

StateDict SplitProjection::own_part(StateDict adam) const {
  for (auto& [name, moment] : adam)
    if (is_moment(name) && moment.sizes() == weight_.sizes()) moment = moment.narrow(0, own().begin, own().size());
  return adam;
}

}  // namespace latentcrs
