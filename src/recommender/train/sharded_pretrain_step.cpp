#include "recommender/train/sharded_pretrain_step.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <utility>

#include "base/util/profile.h"
#include "base/util/random.h"
#include "recommender/train/nce_rows.h"

namespace latentcrs {

namespace {

/// The contrasts of a batch as one table, a row a user, that the processes fill together: the two vectors of each
/// contrast, and its label where labels count. Labels below 2^24 are exact in float32, and a table of more items fits
/// no memory.
class ContrastTable {
 public:
  ContrastTable(int64_t users, const std::vector<Contrast>& contrasts) {
    for (const Contrast& contrast : contrasts) {
      columns_.push_back({width_, contrast.z1.size(1), contrast.labels.defined()});
      width_ += 2 * contrast.z1.size(1) + (contrast.labels.defined() ? 1 : 0);
    }
    table_ = at::empty({users, width_}, contrasts.front().z1.options());
  }

  void put(Part users, const std::vector<Contrast>& contrasts) {
    std::vector<at::Tensor> parts;
    for (const Contrast& contrast : contrasts) {
      parts.push_back(contrast.z1.detach());
      parts.push_back(contrast.z2.detach());
      if (contrast.labels.defined()) parts.push_back(contrast.labels.to(table_.options()).unsqueeze(1));
    }
    table_.narrow(0, users.begin, users.size()).copy_(at::cat(parts, 1));
  }
  at::Tensor& rows() { return table_; }

  /// z1 and z2 of all users, [2B, W].
  at::Tensor vectors(size_t contrast) const {
    const auto [first, width, labelled] = columns_[contrast];
    return at::cat({table_.narrow(1, first, width), table_.narrow(1, first + width, width)});
  }
  at::Tensor labels(size_t contrast) const {
    const auto [first, width, labelled] = columns_[contrast];
    return labelled ? table_.select(1, first + 2 * width) : at::Tensor();
  }

 private:
  struct Columns {
    int64_t first, width;
    bool labelled;
  };
  std::vector<Columns> columns_;
  int64_t width_ = 0;
  at::Tensor table_;
};

}  // namespace

ShardedPretrainStep::ShardedPretrainStep(PretrainObjective& objective, SequenceBatcher& sequences, Adam& adam,
                                         const Parameters& parameters, const Shards& shards, uint64_t seed)
    : objective_(objective),
      sequences_(sequences),
      adam_(adam),
      shards_(shards),
      seed_(seed),
      sum_(shards, parameters) {}

int64_t ShardedPretrainStep::positions(std::span<const int64_t> users) const {
  const int64_t length = objective_.options().encoder.max_seq_length;
  int64_t count = 0;
  for (const int64_t user : users)
    count += std::min(length, static_cast<int64_t>(sequences_.interactions().training(user).size()) - 1);
  return count;
}

PretrainPass ShardedPretrainStep::pass_of(const Batch& batch, int64_t shard) {
  const Part part = shards_.elements(shard, static_cast<int64_t>(batch.users.size()));
  const std::span<const int64_t> users =
      batch.users.subspan(static_cast<size_t>(part.begin), static_cast<size_t>(part.size()));
  const at::Device device = objective_.device();
  BatchTensors tensors =
      batch_tensors(sequences_.training_batch(users, batch.epoch, batch.step, objective_.views(batch.epoch)), device);
  // The loss is the mean over the batch's positions, which the data tell without asking the other processes.
  const double weight = 1.0 / static_cast<double>(std::max<int64_t>(positions(batch.users), 1));
  tensors.weights = at::full({tensors.rows.size(0)}, weight, at::TensorOptions(device).dtype(at::kFloat));
  const uint64_t seed = derive_seed(
      seed_, "pretrain.dropout",
      {static_cast<uint64_t>(batch.epoch), static_cast<uint64_t>(batch.step), static_cast<uint64_t>(shard)});
  Dropout dropout(seed, device);
  return objective_.pass(tensors, intents_, dropout);
}

/// Contrasts compare all users of a batch: their vectors are gathered, each shard computes the sums of its rows, these
/// are gathered too, and each shard has the gradients by its own vectors.
void ShardedPretrainStep::contrast(const Batch& batch, std::vector<PretrainPass>& passes) const {
  const at::NoGradGuard no_grad;
  const auto users = static_cast<int64_t>(batch.users.size());
  const std::vector<Part> of_rank = shards_.elements_by_rank(users);
  const auto part_of_pass = [&](size_t i) {
    return shards_.elements(shards_.own().begin + static_cast<int64_t>(i), users);
  };
  const size_t count = passes.front().contrasts.size();

  ContrastTable table(users, passes.front().contrasts);
  for (size_t i = 0; i < passes.size(); ++i) table.put(part_of_pass(i), passes[i].contrasts);
  shards_.processes().gather_rows(table.rows(), of_rank);

  at::Tensor log_sums = at::empty({users, static_cast<int64_t>(count), 2}, table.rows().options());
  std::vector<NceRows> rows;
  for (size_t c = 0; c < count; ++c) {
    const at::Tensor vectors = table.vectors(c), labels = table.labels(c);
    for (size_t i = 0; i < passes.size(); ++i) {
      const Part part = part_of_pass(i);
      rows.emplace_back(vectors, part, objective_.options().temperature, labels);
      log_sums.narrow(0, part.begin, part.size()).select(1, static_cast<int64_t>(c)).copy_(rows.back().log_sums().t());
    }
  }
  shards_.processes().gather_rows(log_sums, of_rank);

  for (size_t c = 0; c < count; ++c)
    for (size_t i = 0; i < passes.size(); ++i) {
      const NceRows& own = rows[c * passes.size() + i];
      Contrast& contrast = passes[i].contrasts[c];
      contrast.loss = own.loss();
      contrast.gradient = own.gradient(log_sums.select(1, static_cast<int64_t>(c)).t());
    }
}

void ShardedPretrainStep::learn(const PretrainPass& pass) {
  adam_.clear_gradients();
  profile::timed("backward", [&] { objective_.descent(pass).backward(); });
  const LossTerms terms = objective_.terms(pass);
  names_ = names_of(terms);
  sum_.add(values_of(terms));
}

void ShardedPretrainStep::operator()(std::span<const int64_t> users, int epoch, int64_t step, LossMeans& means,
                                     const std::string& where) {
  const Batch batch{users, epoch, step};
  std::vector<PretrainPass> waiting;  // with contrasts: their gradients need all users' vectors
  for (int64_t shard = shards_.own().begin; shard < shards_.own().end; ++shard) {
    PretrainPass pass = pass_of(batch, shard);
    if (pass.contrasts.empty())
      learn(pass);
    else
      waiting.push_back(std::move(pass));
  }
  if (!waiting.empty()) contrast(batch, waiting);
  for (PretrainPass& pass : waiting) {
    learn(pass);
    pass = {};  // gives its memory back
  }
  const at::Tensor values = sum_.finish();
  adam_.step();
  adam_.clear_gradients();
  means.add(names_, values, where);
}

}  // namespace latentcrs
