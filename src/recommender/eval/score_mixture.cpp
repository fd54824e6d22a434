#include "recommender/eval/score_mixture.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <utility>
#include <vector>

#include "base/util/error.h"
#include "base/util/files.h"
#include "numerics/linalg/products.h"
#include "recommender/eval/baselines.h"

namespace latentcrs {

namespace {

using nlohmann::json;

constexpr double kSmoothing = 10;      ///< κ
constexpr float kCosineWeight = 2.0F;  ///< λ
constexpr double kRidge = 1e-3;
constexpr int64_t kMostExamples = 2000;
constexpr int kMostSteps = 50;

using ActiveParts = std::array<bool, kMixtureSize>;

size_t length_class(std::span<const int32_t> history) { return std::min(history.size(), kMixtureLengths - 1); }

/// score[y] = max_h near[h, y] + λ Σ_h cosines[h, y] over a history of at least one item, each item once.
void add_history(std::span<const int32_t> history, const float* near, const float* cosines, int64_t rows,
                 float* score) {
  std::copy_n(near + history[0] * rows, rows, score);
  for (const int32_t h : history)
    for (int64_t y = 0; y < rows; ++y) score[y] = std::max(score[y], near[h * rows + y]);
  for (auto h = history.begin(); h != history.end(); ++h) {
    if (std::find(history.begin(), h, *h) != h) continue;
    for (int64_t y = 0; y < rows; ++y) score[y] += kCosineWeight * cosines[*h * rows + y];
  }
}

/// What the items of each history say of every item, [n, V + 1]; 0 without a history.
at::Tensor history_scores(const Histories& histories, const at::Tensor& co_occurrence, const at::Tensor& cosines) {
  const int64_t rows = co_occurrence.size(0);
  at::Tensor scores = at::zeros({histories.size(), rows}, at::kFloat);
  at::parallel_for(0, histories.size(), 8, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      if (const auto history = histories.of(i); !history.empty())
        add_history(history, co_occurrence.data_ptr<float>(), cosines.data_ptr<float>(), rows,
                    scores.data_ptr<float>() + i * rows);
  });
  return scores;
}

at::Tensor log_popularity_of(const CoOccurrence& pairs) {
  const std::vector<double>& counts = pairs.counts();
  const double all = std::accumulate(counts.begin(), counts.end(), static_cast<double>(counts.size() - 1));
  std::vector<float> logs(counts.size(), 0.0F);
  for (size_t y = 1; y < logs.size(); ++y) logs[y] = static_cast<float>(std::log((counts[y] + 1) / all));
  return at::tensor(logs);
}

/// near[y] = log p(y|h) - discounts[y] for every item, from the users who have h and y; the padding keeps its 0.
void set_nearness(const CoOccurrence& pairs, int64_t h, std::span<const double> together, int64_t users,
                  const float* discounts, float* near) {
  const double own = pairs.counts()[static_cast<size_t>(h)] + kSmoothing;
  for (size_t y = 1; y < together.size(); ++y) {
    const double expected = std::max(pairs.counts()[y], 0.5) / static_cast<double>(users);
    const double both = static_cast<int64_t>(y) == h ? 0 : together[y];
    near[y] = static_cast<float>(std::log((both + kSmoothing * expected) / own) - discounts[y]);
  }
}

/// A weight for each user, [n, 1].
at::Tensor weights_of(const Histories& histories, const MixtureWeights& weights, size_t part) {
  std::vector<float> of_user;
  for (int64_t i = 0; i < histories.size(); ++i)
    of_user.push_back(static_cast<float>(weights[length_class(histories.of(i))][part]));
  return at::tensor(of_user).unsqueeze(1);
}

ActiveParts parts_of_length(size_t length) {
  return length == 0 ? ActiveParts{true, false, true, true} : ActiveParts{false, true, false, true};
}

/// The value, gradient and second derivatives of a loss in the weights of the parts.
struct Derivatives {
  double loss = 0;
  PartWeights gradient{};
  std::array<PartWeights, kMixtureSize> hessian{};

  void add(const Derivatives& other) {
    loss += other.loss;
    for (size_t a = 0; a < kMixtureSize; ++a) {
      gradient[a] += other.gradient[a];
      for (size_t b = 0; b < kMixtureSize; ++b) hessian[a][b] += other.hessian[a][b];
    }
  }
};

/// What the parts say of every item for the users that count: [n, parts, V + 1].
struct Features {
  at::Tensor of_parts;
  std::vector<float> offsets;  ///< α log π_y, [V + 1]
  std::vector<int32_t> targets;
  std::vector<size_t> lengths;
};

/// Cross-entropy of one example. The padding is no candidate.
Derivatives of_example(const Features& features, size_t example, const PartWeights& weights) {
  const auto rows = static_cast<size_t>(features.of_parts.size(2));
  const float* const parts = features.of_parts.data_ptr<float>() + example * kMixtureSize * rows;
  const bool discounts = features.lengths[example] > 0;
  std::vector<double> logits(rows);
  for (size_t y = 1; y < rows; ++y) {
    logits[y] = discounts ? features.offsets[y] : 0;
    for (size_t a = 0; a < kMixtureSize; ++a) logits[y] += weights[a] * parts[a * rows + y];
  }
  const double largest = *std::max_element(logits.begin() + 1, logits.end());
  double total = 0;
  for (size_t y = 1; y < rows; ++y) total += std::exp(logits[y] - largest);
  const auto target = static_cast<size_t>(features.targets[example]);
  Derivatives result;
  result.loss = largest + std::log(total) - logits[target];
  PartWeights mean{};
  for (size_t y = 1; y < rows; ++y) {
    const double p = std::exp(logits[y] - largest) / total;
    for (size_t a = 0; a < kMixtureSize; ++a) {
      mean[a] += p * parts[a * rows + y];
      for (size_t b = 0; b <= a; ++b) result.hessian[a][b] += p * parts[a * rows + y] * parts[b * rows + y];
    }
  }
  for (size_t a = 0; a < kMixtureSize; ++a) {
    result.gradient[a] = mean[a] - parts[a * rows + target];
    for (size_t b = 0; b <= a; ++b) result.hessian[b][a] = result.hessian[a][b] -= mean[a] * mean[b];
  }
  return result;
}

/// The mean over `members` with the ridge.
Derivatives of_members(const Features& features, const std::vector<size_t>& members, const PartWeights& weights) {
  std::vector<Derivatives> each(members.size());
  at::parallel_for(0, static_cast<int64_t>(members.size()), 8, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      each[static_cast<size_t>(i)] = of_example(features, members[static_cast<size_t>(i)], weights);
  });
  Derivatives mean;
  for (const Derivatives& one : each) mean.add(one);
  const double share = 1.0 / static_cast<double>(members.size());
  mean.loss *= share;
  for (size_t a = 0; a < kMixtureSize; ++a) {
    mean.gradient[a] = mean.gradient[a] * share + kRidge * weights[a];
    mean.loss += kRidge / 2 * weights[a] * weights[a];
    for (size_t b = 0; b < kMixtureSize; ++b) mean.hessian[a][b] *= share;
    mean.hessian[a][a] += kRidge;
  }
  return mean;
}

/// H⁻¹ g by Cholesky's decomposition; H is positive definite. A part that is not `active` stays as it is.
PartWeights newton_step(Derivatives at, const ActiveParts& active) {
  for (size_t a = 0; a < kMixtureSize; ++a) {
    if (active[a]) continue;
    at.gradient[a] = 0;
    for (size_t b = 0; b < kMixtureSize; ++b) at.hessian[a][b] = at.hessian[b][a] = a == b ? 1 : 0;
  }
  std::array<PartWeights, kMixtureSize> lower{};
  for (size_t a = 0; a < kMixtureSize; ++a)
    for (size_t b = 0; b <= a; ++b) {
      double rest = at.hessian[a][b];
      for (size_t c = 0; c < b; ++c) rest -= lower[a][c] * lower[b][c];
      lower[a][b] = a == b ? std::sqrt(rest) : rest / lower[b][b];
    }
  PartWeights step = at.gradient;
  for (size_t a = 0; a < kMixtureSize; ++a) {
    for (size_t c = 0; c < a; ++c) step[a] -= lower[a][c] * step[c];
    step[a] /= lower[a][a];
  }
  for (size_t a = kMixtureSize; a-- > 0;) {
    for (size_t c = a + 1; c < kMixtureSize; ++c) step[a] -= lower[c][a] * step[c];
    step[a] /= lower[a][a];
  }
  return step;
}

/// Newton's method from 0, each step halved until the loss falls.
PartWeights minimise(const Features& features, const std::vector<size_t>& members, const ActiveParts& active) {
  PartWeights weights{};
  Derivatives now = of_members(features, members, weights);
  for (int i = 0; i < kMostSteps; ++i) {
    const PartWeights step = newton_step(now, active);
    bool fell = false;
    for (double size = 1; size > 1e-6 && !fell; size /= 2) {
      PartWeights tried = weights;
      for (size_t a = 0; a < kMixtureSize; ++a) tried[a] -= size * step[a];
      const Derivatives there = of_members(features, members, tried);
      fell = there.loss < now.loss - 1e-12;
      if (!fell) continue;
      weights = tried;
      now = there;
    }
    if (!fell) break;
  }
  return weights;
}

/// At most kMostExamples of the users with words, at equal distances.
std::vector<int64_t> chosen_users(std::span<const uint8_t> has_text) {
  std::vector<int64_t> spoken, chosen;
  for (size_t i = 0; i < has_text.size(); ++i)
    if (has_text[i] != 0) spoken.push_back(static_cast<int64_t>(i));
  const auto all = static_cast<int64_t>(spoken.size()), count = std::min(all, kMostExamples);
  for (int64_t i = 0; i < count; ++i) chosen.push_back(spoken[static_cast<size_t>(i * all / count)]);
  return chosen;
}

Features features_of(const MixtureUsers& users, std::span<const int32_t> targets, const std::vector<int64_t>& chosen,
                     const MixtureItems& items) {
  Features features;
  Histories histories;
  for (const int64_t i : chosen) {
    histories.add(users.histories->of(i));
    features.lengths.push_back(length_class(users.histories->of(i)));
    features.targets.push_back(targets[static_cast<size_t>(i)]);
  }
  const at::Tensor rows = at::tensor(chosen, at::kLong);
  const auto of_chosen = [&](const at::Tensor& all) { return all.to(at::kCPU).index_select(0, rows); };
  const int64_t count = items.popularity.size(0);
  features.of_parts = at::stack({matrix_product(of_chosen(users.by_intent), items.intents.t()),
                                 history_scores(histories, items.co_occurrence, items.cosines),
                                 items.popularity.unsqueeze(0).expand({static_cast<int64_t>(chosen.size()), count}),
                                 matrix_product(of_chosen(users.genres), items.genres.t())},
                                /*dim=*/1)
                          .contiguous();
  return features;
}

/// The parts of all items side by side, the identity in place of their history's scores. It is as large as the tables
/// of pairs, so it is filled in its place.
at::Tensor parts_of_items(const MixtureItems& items, at::Device device) {
  const int64_t rows = items.intents.size(0), width = items.intents.size(1), genres = items.genres.size(1);
  at::Tensor parts = at::zeros({rows, width + rows + 1 + genres}, at::dtype(at::kFloat).device(device));
  parts.slice(1, 0, width).copy_(items.intents);
  parts.slice(1, width, width + rows).diagonal().fill_(1);
  parts.select(1, width + rows).copy_(items.popularity);
  parts.slice(1, width + rows + 1).copy_(items.genres);
  return parts;
}

/// [n, G] of 1 and 0: each user's named genres as shares of `trust`; as they are where it is 0.
at::Tensor trusted_genres(const at::Tensor& genres, double trust) {
  return trust == 0 ? genres : genres * trust / genres.sum(1, /*keepdim=*/true).clamp_min(1);
}

/// The weights that need no learning: each part alone gives the same order with any weight.
constexpr MixtureWeights kWithoutText = {{{0, 0, 1, 0}, {0, 1, 0, 0}, {0, 1, 0, 0}, {0, 1, 0, 0}}};

/// The learned weights of the parts that kWithoutText has, for scores to which others are added.
MixtureWeights without_words(const MixtureWeights& learned) {
  MixtureWeights weights = kWithoutText;
  for (size_t n = 0; n < kMixtureLengths; ++n)
    for (size_t a = 0; a < kMixtureSize; ++a) weights[n][a] *= learned[n][a];
  return weights;
}

}  // namespace

at::Tensor named_genres(const RowTable& text, int64_t genres) {
  constexpr int64_t block = 1024;
  std::vector<at::Tensor> parts = {at::empty({0, genres}, at::kFloat)};
  for (int64_t begin = 0; begin < text.size(); begin += block)
    parts.push_back(text.block(begin, std::min(begin + block, text.size()))
                        .slice(1, text.width() - genres)
                        .gt(0)
                        .to(at::kCPU, at::kFloat));
  return at::cat(parts);
}

MixtureItems mixture_items(const at::Tensor& item_table, const at::Tensor& genres, const CoOccurrence& pairs,
                           int64_t users, double discount) {
  check_baseline_size(users, pairs.rows());
  const at::Tensor popularity = log_popularity_of(pairs);
  const at::Tensor discounts = popularity * discount;
  const int64_t rows = pairs.rows();
  at::Tensor near = at::zeros({rows, rows}, at::kFloat), cosines = at::zeros({rows, rows}, at::kFloat);
  at::parallel_for(1, rows, 16, [&](int64_t begin, int64_t end) {
    std::vector<double> row(static_cast<size_t>(rows));
    for (int64_t h = begin; h < end; ++h) {
      pairs.cosines_with(static_cast<int32_t>(h), row);
      std::copy(row.begin(), row.end(), cosines.data_ptr<float>() + h * rows);
      pairs.counts_with(static_cast<int32_t>(h), row);
      set_nearness(pairs, h, row, users, discounts.data_ptr<float>(), near.data_ptr<float>() + h * rows);
    }
  });
  return {.intents = item_table.detach().to(at::kCPU),
          .co_occurrence = near,
          .cosines = cosines,
          .popularity = popularity,
          .genres = genres};
}

ScoreMixture::ScoreMixture(const MixtureWeights& weights, const MixtureItems& items, at::Device device,
                           const SetWeights& set)
    : weights_(weights),
      set_(set),
      width_(items.intents.size(1)),
      genres_(items.genres.size(1)),
      co_occurrence_(items.co_occurrence),
      cosines_(items.cosines),
      items_(parts_of_items(items, device)) {}

at::Tensor ScoreMixture::with_text(const MixtureUsers& users) const { return vectors(users, weights_); }

at::Tensor ScoreMixture::without_text(const Histories& histories) const {
  const auto nothing = [&](int64_t width) { return at::zeros({histories.size(), width}, items_.options()); };
  return vectors({.by_intent = nothing(width_), .genres = nothing(genres_), .histories = &histories},
                 set_.mentions.defined() ? without_words(weights_) : kWithoutText);
}

at::Tensor ScoreMixture::vectors(const MixtureUsers& users, const MixtureWeights& weights) const {
  const at::Device device = items_.device();
  const auto weight = [&](size_t part) { return weights_of(*users.histories, weights, part).to(device); };
  const at::Tensor of_history = history_scores(*users.histories, co_occurrence_, cosines_).to(device);
  at::Tensor of_items = weight(1) * of_history;
  if (users.named.defined()) of_items = of_items + users.named.to(device) * set_.named;
  if (set_.mentions.defined()) of_items = of_items + set_.mentions.to(device);
  return at::cat({weight(0) * users.by_intent, of_items, weight(2),
                  weight(3) * trusted_genres(users.genres, set_.genre_trust).to(device)},
                 /*dim=*/1);
}

MixtureWeights learn_mixture(const MixtureUsers& users, std::span<const int32_t> targets,
                             std::span<const uint8_t> has_text, const MixtureItems& items, double discount) {
  const at::NoGradGuard no_grad;
  Features features = features_of(users, targets, chosen_users(has_text), items);
  const at::Tensor offsets = (items.popularity * discount).contiguous();
  features.offsets.assign(offsets.data_ptr<float>(), offsets.data_ptr<float>() + offsets.numel());
  MixtureWeights weights{};
  for (size_t length = 0; length < kMixtureLengths; ++length) {
    std::vector<size_t> members;
    for (size_t i = 0; i < features.lengths.size(); ++i)
      if (features.lengths[i] == length) members.push_back(i);
    weights[length] = members.empty() ? kWithoutText[length] : minimise(features, members, parts_of_length(length));
  }
  return weights;
}

std::string mixture_text(const MixtureWeights& weights) {
  std::string text;
  for (size_t n = 0; n < kMixtureLengths; ++n) {
    std::vector<std::string> parts;
    for (size_t a = 0; a < kMixtureSize; ++a)
      if (weights[n][a] != 0) parts.push_back(fmt::format("{} {:.2f}", kMixtureParts[a], weights[n][a]));
    text += fmt::format("{}{} item{}{}: {}", n == 0 ? "" : "; ", n, n == 1 ? "" : "s",
                        n + 1 == kMixtureLengths ? " and more" : "", fmt::join(parts, ", "));
  }
  return text;
}

void write_mixture(const MixtureWeights& weights, const std::filesystem::path& path) {
  json lengths = json::array();
  for (const PartWeights& of_length : weights) {
    json parts = json::object();
    for (size_t a = 0; a < kMixtureSize; ++a) parts[kMixtureParts[a]] = of_length[a];
    lengths.push_back(std::move(parts));
  }
  write_file_atomically(path, json{{"by_length_of_history", lengths}}.dump(2) + "\n");
}

MixtureWeights read_mixture(const std::filesystem::path& path) {
  const std::string text = read_file(path);
  try {
    const json lengths = json::parse(text).at("by_length_of_history");
    MixtureWeights weights{};
    for (size_t n = 0; n < kMixtureLengths; ++n)
      for (size_t a = 0; a < kMixtureSize; ++a) weights[n][a] = lengths.at(n).at(kMixtureParts[a]).get<double>();
    return weights;
  } catch (const json::exception& error) {
    throw data_error(fmt::format("{} holds no weights of a mixture ({}): run `latentcrs train --force`", path.string(),
                                 error.what()));
  }
}

}  // namespace latentcrs
