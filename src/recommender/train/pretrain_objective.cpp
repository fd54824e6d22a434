#include "recommender/train/pretrain_objective.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/grad_mode.h>

#include <utility>

#include "base/util/interrupt.h"
#include "datasets/data/popularity.h"
#include "numerics/parallel/row_blocks.h"

namespace latentcrs {

PretrainObjective::PretrainObjective(SasRec encoder, const SequenceBatcher& sequences, const PretrainOptions& options)
    : encoder_(std::move(encoder)),
      sequences_(sequences),
      options_(options),
      loss_(next_item_loss(options.loss)),
      catalogue_(at::tensor(sequences.items(), at::kInt).to(encoder_->item_table().device(), at::kLong)) {
  if (options_.popularity_discount == 0) return;
  const std::vector<float> logs =
      log_popularity(sequences.interactions(), sequences.items(), options_.popularity_discount);
  offsets_ = at::zeros({sequences.item_size()}, encoder_->item_table().options().requires_grad(false));
  offsets_.index_copy_(0, catalogue_, at::tensor(logs).to(offsets_.device()));
}

at::Tensor represent(const at::Tensor& states, Representation representation) {
  return representation == Representation::mean ? states.mean(1) : states.flatten(1);
}

bool PretrainObjective::needs_intents(int epoch) const {
  const bool wanted = options_.contrast_type == ContrastType::intent || options_.contrast_type == ContrastType::hybrid;
  return wanted && options_.intent_cf_weight > 0 && epoch > options_.warm_up_epoches;
}

bool PretrainObjective::contrasts_instances() const {
  const bool wanted =
      options_.contrast_type == ContrastType::instance || options_.contrast_type == ContrastType::hybrid;
  return wanted && options_.cf_weight > 0;
}

int PretrainObjective::views(int epoch) const {
  return contrasts_instances() || needs_intents(epoch) ? views_of_pairs() : 0;
}

PretrainObjective::Encoded PretrainObjective::encode(const BatchTensors& batch,
                                                     const std::vector<IntentClusters>& intents, Dropout& dropout) {
  const bool contrasts = contrasts_instances() || !intents.empty();
  // Without contrasts nobody looks at the padded states.
  const PaddedStates padded = contrasts ? PaddedStates::computed : PaddedStates::zero;
  const at::Tensor states = encoder_->forward(batch.ids, dropout, 0, padded);
  const int64_t pairs = contrasts ? views_of_pairs() / 2 : 0, users = batch.ids.size(0) / (1 + 2 * pairs);
  std::vector<int64_t> sizes(static_cast<size_t>(1 + pairs), 2 * users);
  sizes[0] = users;
  const std::vector<at::Tensor> groups = states.split_with_sizes(sizes);
  Encoded encoded{.pairs = {groups.begin() + 1, groups.end()}, .next_item = {}, .intents = {}};
  encoded.next_item = loss_.value({.states = states_at(groups[0], batch.rows),
                                   .items = encoder_->item_table(),
                                   .targets = batch.targets,
                                   .catalogue = catalogue_,
                                   .negatives = batch.negatives,
                                   .weights = batch.weights,
                                   .offsets = offsets_},
                                  options_);
  encoded.intents = intents_of(represent(groups[0].detach(), options_.seq_representation_type), intents);
  return encoded;
}

LossTerms PretrainObjective::with_total(const at::Tensor& next_item, const at::Tensor& instance,
                                        const at::Tensor& intent) const {
  const auto or_zero = [&](const at::Tensor& term) {
    return term.defined() ? term : at::zeros({}, next_item.options());
  };
  const at::Tensor total = options_.rec_weight * next_item + options_.cf_weight * or_zero(instance) +
                           options_.intent_cf_weight * or_zero(intent);
  LossTerms terms = {{"next_item", next_item}};
  if (instance.defined()) terms.emplace_back("instance_contrast", instance);
  if (intent.defined()) terms.emplace_back("intent_contrast", intent);
  terms.emplace_back("total", total);
  return terms;
}

LossTerms PretrainObjective::operator()(const BatchTensors& batch, const std::vector<IntentClusters>& intents,
                                        Dropout& dropout) {
  const Encoded encoded = encode(batch, intents, dropout);
  at::Tensor instance, intent;
  if (contrasts_instances()) instance = at::zeros({}, encoded.next_item.options());
  if (!intents.empty()) intent = at::zeros({}, encoded.next_item.options());
  for (const at::Tensor& views : encoded.pairs) {
    if (contrasts_instances())
      instance = instance +
                 nce(represent(views, options_.seq_representation_instancecl_type), options_.temperature, batch.labels);
    if (!intents.empty())
      intent = intent + intent_contrast(represent(views, options_.seq_representation_type), encoded.intents,
                                        options_.temperature);
  }
  return with_total(encoded.next_item, instance, intent);
}

PretrainPass PretrainObjective::pass(const BatchTensors& batch, const std::vector<IntentClusters>& intents,
                                     Dropout& dropout) {
  const Encoded encoded = encode(batch, intents, dropout);
  PretrainPass pass{.next_item = encoded.next_item, .contrasts = {}};
  for (const at::Tensor& views : encoded.pairs) {
    const auto view = [&](size_t i, Representation r) { return represent(views.chunk(2)[i], r); };
    const Representation r = options_.seq_representation_instancecl_type, s = options_.seq_representation_type;
    if (contrasts_instances())
      pass.contrasts.push_back(
          {.z1 = view(0, r), .z2 = view(1, r), .labels = batch.labels, .weight = options_.cf_weight});
    for (const UserIntents& of_user : encoded.intents)
      for (const size_t i : {0, 1})
        pass.contrasts.push_back({.of_intents = true,
                                  .z1 = view(i, s),
                                  .z2 = of_user.vectors,
                                  .labels = of_user.labels,
                                  .weight = options_.intent_cf_weight / static_cast<double>(2 * intents.size())});
  }
  return pass;
}

at::Tensor PretrainObjective::descent(const PretrainPass& pass) const {
  at::Tensor sum = options_.rec_weight * pass.next_item;
  for (const Contrast& contrast : pass.contrasts)
    for (const auto& [vectors, index] : {std::pair{contrast.z1, 0}, std::pair{contrast.z2, 1}})
      if (vectors.requires_grad()) sum = sum + contrast.weight * (vectors * contrast.gradient[index]).sum();
  return sum;
}

LossTerms PretrainObjective::terms(const PretrainPass& pass) const {
  at::Tensor instance, intent;
  for (const Contrast& contrast : pass.contrasts) {
    // The weight in the total holds that of the term.
    const double share = contrast.of_intents ? contrast.weight / options_.intent_cf_weight : 1.0;
    at::Tensor& term = contrast.of_intents ? intent : instance;
    term = term.defined() ? term + share * contrast.loss : share * contrast.loss;
  }
  return with_total(pass.next_item.detach(), instance, intent);
}

std::vector<UserIntents> PretrainObjective::intents_of(const at::Tensor& anchors,
                                                       const std::vector<IntentClusters>& intents) const {
  std::vector<UserIntents> of_users;
  for (const IntentClusters& clusters : intents) {
    const at::Tensor labels = clusters.assign(anchors);
    of_users.push_back({clusters.centers.index_select(0, labels), options_.de_noise ? labels : at::Tensor()});
  }
  return of_users;
}

at::Tensor PretrainObjective::train_representations() {
  const at::NoGradGuard no_grad;
  const at::Device device = encoder_->item_table().device();
  const int64_t length = options_.encoder.max_seq_length;
  Dropout off = Dropout::off();
  const int64_t width = options_.encoder.hidden_size;
  const bool mean = options_.seq_representation_type == Representation::mean;
  at::Tensor all =
      at::empty({sequences_.num_train_users(), mean ? width : length * width}, encoder_->item_table().options());
  fill_in_blocks(Processes::current(), all, options_.batch_size, [&](int64_t begin, int64_t end) {
    throw_if_interrupted();
    const at::Tensor ids =
        ids_on_device(sequences_.inputs(begin, end - begin, Split::train), {end - begin, length}, device);
    return represent(encoder_->forward(ids, off, 0), options_.seq_representation_type);
  });
  return all;
}

}  // namespace latentcrs
