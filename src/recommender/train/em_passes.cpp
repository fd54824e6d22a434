#include "recommender/train/em_passes.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "base/util/error.h"
#include "base/util/interrupt.h"
#include "base/util/profile.h"
#include "base/util/random.h"
#include "recommender/train/loss_means.h"

namespace latentcrs {

namespace {

using nlohmann::json;

/// The terms that were computed; their sum comes last, so that a message names the term that spoilt it.
LossTerms defined(const std::vector<std::pair<const char*, at::Tensor>>& terms) {
  LossTerms computed;
  for (const auto& [name, term] : terms)
    if (term.defined()) computed.emplace_back(name, term);
  return computed;
}
LossTerms named(const EStepTerms& t) {
  return defined(
      {{"elbo", t.elbo}, {"recommendation", t.recommendation}, {"reconstruction", t.reconstruction}, {"loss", t.loss}});
}
LossTerms named(const MStepTerms& t) {
  return defined({{"elbo", t.elbo}, {"intents", t.intents}, {"recommendation", t.recommendation}, {"loss", t.loss}});
}

}  // namespace

EmPasses::EmPasses(EmNetworks networks, const EmSplit& train, EmBatches& batches, const EmModel& model,
                   StepLaunch launch, const Shards& shards)
    : networks_(std::move(networks)),
      train_(train),
      batches_(batches),
      rules_{.train_encoders = model.em.train_preintent, .fixed_item_map = model.em.same_y_m},
      encoder_dropout_(model.em.train_preintent || model.em.frozen_encoder_dropout),
      // With compat.batch_width_positions the step depends on the batch's width, which only the data tell.
      // Drawn histories are other tensors each epoch.
      graphs_(train.targets.device(), model.compat.batch_width_positions || model.em.short_histories.most > 0
                                          ? StepLaunch::one_by_one
                                          : launch),
      shards_(shards) {
  if (SplitProjection::applies(networks_, shards_)) projection_.emplace(networks_, shards_);
  if (model.em.full_catalogue_loss)
    catalogue_ = at::arange(1, networks_.prior->item_table().size(0), train.targets.options());
}

std::vector<std::pair<std::string, at::Tensor>> EmPasses::own_parameters() const {
  const auto parameters = learnable_parameters(networks_, rules_);
  return projection_ ? projection_->with_own_rows(parameters) : parameters;
}

json EmPasses::e_pass(Adam& adam, const EStepWeights& weights, const PassContext& context) {
  const std::string settings =
      fmt::format("E {} {} {} {}", weights.elbo, weights.recommendation, weights.temperature, weights.reconstruction);
  return run(Learner::posterior, settings, adam, context, [&](const at::Tensor& rows, Dropout& dropout) {
    return e_step(networks_, e_batch(rows, weights, dropout), weights);
  });
}

json EmPasses::m_pass(Adam& adam, const MStepWeights& weights, const PassContext& context) {
  const std::string settings = fmt::format("M {} {} {}", weights.elbo, weights.intents, weights.recommendation);
  return run(Learner::prior, settings, adam, context, [&](const at::Tensor& rows, Dropout& dropout) {
    return m_step(networks_, m_batch(rows, dropout), weights, dropout);
  });
}

template <class Step>
json EmPasses::run(Learner learner, const std::string& settings, Adam& adam, const PassContext& context, Step step) {
  choose_learner(networks_, learner, rules_);
  batches_.shuffle(derive_seed(context.seed, "order"));
  const std::string key = fmt::format("{}, learning rate {}", settings, adam.learning_rate());
  if (optimizer_ != adam.identity()) graphs_.clear();
  optimizer_ = adam.identity();
  learning_projection_ = projection_ && learner == Learner::prior ? &*projection_ : nullptr;
  const auto parameters = learnable_parameters(networks_, rules_);
  sum_.emplace(shards_, projection_ ? SplitProjection::without_weight(parameters) : parameters);
  const auto checked = [&](const at::Tensor& rows, Dropout& dropout) {
    auto terms = profile::timed("forward", [&] { return step(rows, dropout); });
    if (terms.loss.defined()) return terms;
    throw config_error(
        fmt::format("{}: all of its loss weights are 0: raise one, or switch the step off", context.name));
  };
  LossMeans means("lower learning_rate, or check the embeddings");
  for (int64_t i = 0; i < batches_.count(); ++i) {
    throw_if_interrupted();
    // A step of fewer examples than shards, the last one of a pass, is every process' own work.
    const int64_t examples = batches_.rows(i).size(0);
    const bool cut = shards_.count() > 1 && examples >= shards_.count();
    const at::Tensor values =
        cut ? learn_from_shards(key, adam, context, i, checked) : learn(key, adam, context, i, checked);
    means.add(names_[key], values, fmt::format("{} {}", context.name, i + 1), static_cast<double>(examples));
    context.after_step();
  }
  if (learning_projection_ != nullptr) learning_projection_->gather_weight();
  json by_name = json::object();
  for (const auto& [name, mean] : means.means()) by_name[name] = mean;
  return by_name;
}

template <class Step>
at::Tensor EmPasses::learn(const std::string& key, Adam& adam, const PassContext& context, int64_t number,
                           const Step& step) {
  const at::Tensor rows = batches_.rows(number);
  Dropout dropout(derive_seed(context.seed, "dropout", {static_cast<uint64_t>(number)}), rows.device());
  if (learning_projection_ != nullptr) {
    learning_projection_->begin_step(text(rows));
    learning_projection_->record({0, rows.size(0)});
  }
  return graphs_.run(key, {rows}, [&](const StepGraphs::Tensors& inputs) {
    const auto terms = step(inputs[0], dropout);
    adam.clear_gradients();
    profile::timed("backward", [&] { terms.loss.backward(); });
    if (learning_projection_ != nullptr) {
      learning_projection_->keep_gradient();
      learning_projection_->end_step(/*from_shards=*/false);
    }
    adam.step();
    const LossTerms by_name = named(terms);
    names_[key] = names_of(by_name);
    return values_of(by_name);
  });
}

/// All terms are means over examples, so that a shard's share in them is its share of the examples.
template <class Step>
at::Tensor EmPasses::learn_from_shards(const std::string& key, Adam& adam, const PassContext& context, int64_t number,
                                       const Step& step) {
  const at::Tensor rows = batches_.rows(number);
  if (learning_projection_ != nullptr) learning_projection_->begin_step(text(rows));
  for (int64_t shard = shards_.own().begin; shard < shards_.own().end; ++shard) {
    const Part part = shards_.elements(shard, rows.size(0));
    const double share = static_cast<double>(part.size()) / static_cast<double>(rows.size(0));
    const uint64_t seed =
        derive_seed(context.seed, "dropout", {static_cast<uint64_t>(number), static_cast<uint64_t>(shard)});
    Dropout dropout(seed, rows.device());
    if (learning_projection_ != nullptr) learning_projection_->record(part);
    const auto terms = step(rows.narrow(0, part.begin, part.size()), dropout);
    adam.clear_gradients();
    profile::timed("backward", [&] { (share * terms.loss).backward(); });
    if (learning_projection_ != nullptr) learning_projection_->keep_gradient();
    const LossTerms by_name = named(terms);
    names_[key] = names_of(by_name);
    sum_->add(share * values_of(by_name));
  }
  const at::Tensor values = sum_->finish();
  if (learning_projection_ != nullptr) learning_projection_->end_step(/*from_shards=*/true);
  adam.step();
  adam.clear_gradients();
  return values;
}

EmBatch EmPasses::e_batch(const at::Tensor& rows, const EStepWeights& weights, Dropout& dropout) const {
  EmBatch batch;
  batch.items = batches_.items(rows);
  batch.catalogue = catalogue_;
  batch.offsets = offsets_;
  batch.offset_weights = train_.has_history(rows);
  const SasRec encoder = networks_.posterior->encoder();
  if (weights.reconstruction > 0) {
    batch.posterior_all_states = learner_all_states(encoder, rows, dropout);
    batch.posterior_states = batch.posterior_all_states.select(1, -1);
  } else {
    batch.posterior_states =
        train_.known_or(unknown_.posterior, learner_states(encoder, train_.posterior_states, rows, dropout), rows);
  }
  if (weights.elbo > 0) {
    batch.prior_states = fixed_states(networks_.prior->encoder(), train_.prior_states, rows);
    batch.text = text(rows);
  }
  return batch;
}

EmBatch EmPasses::m_batch(const at::Tensor& rows, Dropout& dropout) const {
  EmBatch batch;
  batch.items = batches_.items(rows);
  batch.catalogue = catalogue_;
  batch.offsets = offsets_;
  batch.offset_weights = train_.has_history(rows);
  batch.prior_states = train_.known_or(
      unknown_.prior, learner_states(networks_.prior->encoder(), train_.prior_states, rows, dropout), rows);
  batch.posterior_states = fixed_states(networks_.posterior->encoder(), train_.posterior_states, rows);
  if (learning_projection_ != nullptr)
    batch.text_outputs = learning_projection_->outputs();
  else
    batch.text = text(rows);
  return batch;
}

at::Tensor EmPasses::learner_all_states(SasRec encoder, const at::Tensor& rows, Dropout& dropout) const {
  Dropout off = Dropout::off();
  return train_.sequences.states(std::move(encoder), rows, encoder_dropout_ ? dropout : off);
}

at::Tensor EmPasses::learner_states(SasRec encoder, const at::Tensor& table, const at::Tensor& rows,
                                    Dropout& dropout) const {
  if (table.defined() && !encoder_dropout_) return table.index_select(0, rows);
  const at::AutoGradMode learning(rules_.train_encoders);
  Dropout off = Dropout::off();
  return train_.sequences.last_state(std::move(encoder), rows, encoder_dropout_ ? dropout : off);
}

at::Tensor EmPasses::fixed_states(SasRec encoder, const at::Tensor& table, const at::Tensor& rows) const {
  if (table.defined()) return table.index_select(0, rows);
  const at::NoGradGuard fixed;
  Dropout off = Dropout::off();
  return train_.sequences.last_state(std::move(encoder), rows, off);
}

at::Tensor EmPasses::text(const at::Tensor& rows) const { return train_.text.rows(rows); }

}  // namespace latentcrs
