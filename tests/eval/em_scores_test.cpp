#include "recommender/eval/em_scores.h"

#include <ATen/core/grad_mode.h>

#include <catch2/catch.hpp>

#include "support/em_fixture.h"

using namespace latentcrs;
using namespace latentcrs::test;

namespace {

/// The fixture's first batch as a split of eight users.
struct Split {
  StateDict state = fixture("em_stage_joint");
  EmNetworks networks = em_networks("em_stage_joint");
  std::vector<int32_t> targets;
  std::vector<uint8_t> has_text = std::vector<uint8_t>(8, 1);
  Histories histories;
  OneTurnUsers users;

  Split() {
    const at::NoGradGuard no_grad;
    const at::Tensor history = get(state, "batch0.history"), target = get(state, "batch0.target");
    for (int64_t i = 0; i < 8; ++i) {
      targets.push_back(static_cast<int32_t>(target[i].item<int64_t>()));
      std::vector<int32_t> items;
      for (int64_t j = 0; j < history.size(1); ++j)
        if (const auto item = history[i][j].item<int64_t>()) items.push_back(static_cast<int32_t>(item));
      histories.add(items);
    }
    users = {.posterior_states = em_states(networks.posterior->encoder(), history).select(1, -1),
             .prior_states = em_states(networks.prior->encoder(), history).select(1, -1),
             .text = get(state, "batch0.text"),
             .targets = targets,
             .has_text = has_text,
             .seen = &histories};
  }

  /// The least distance between a target's score and another item's.
  double least_gap(const at::Tensor& scores) const {
    double least = 1;
    for (int64_t i = 0; i < 8; ++i)
      for (int64_t y = 0; y < 40; ++y)
        if (y != targets[static_cast<size_t>(i)])
          least = std::min(least, std::abs(scores[i][y].item<double>() - scores[i][targets[i]].item<double>()));
    return least;
  }

  /// Rank of each target by the fixture's scores of all rows, counted here.
  std::vector<Rank> counted(const std::string& scores_name, const OneTurnOptions& options) const {
    const at::Tensor scores = get(state, scores_name);
    REQUIRE(least_gap(scores) > 1e-5);  // so that rounding, of 16 terms to 6e-8 each, decides no rank
    std::vector<Rank> ranks;
    for (int64_t i = 0; i < 8; ++i) {
      const auto history = histories.of(i);
      const float own = scores[i][targets[i]].item<float>();
      Rank rank = 1;
      for (int32_t y = options.rank_non_items ? 0 : 1; y < 40; ++y) {
        const bool seen = std::find(history.begin(), history.end(), y) != history.end();
        if (y == targets[i] || (seen && options.seen_items == SeenItems::mask)) continue;
        rank += scores[i][y].item<float>() >= own;
      }
      ranks.push_back(rank);
    }
    return ranks;
  }
};

}  // namespace

TEST_CASE("one-turn ranks are those of the published scores", "[device]") {
  Split split;
  for (const OneTurnOptions& options : {OneTurnOptions{}, OneTurnOptions{.seen_items = SeenItems::mask},
                                        OneTurnOptions{.rank_non_items = true}, OneTurnOptions{.block = 3}}) {
    CHECK(rank_with_text(split.networks.prior, split.users, options) == split.counted("out.scores_with_text", options));
    CHECK(rank_without_text(split.networks.posterior, split.users, options) ==
          split.counted("out.scores_without_text", options));
    CHECK(rank_sequence_only(split.networks.prior, split.users, options) ==
          split.counted("out.scores_user_sequence", options));
  }
}

TEST_CASE("one pass ranks with both treatments of the items seen", "[device]") {
  Split split;
  const at::Tensor &states = split.users.prior_states, items = split.networks.prior->item_table();
  for (const bool rank_non_items : {false, true}) {
    OneTurnOptions options{.rank_non_items = rank_non_items};
    const BothRanks both = rank_by_vectors_both_ways(states, items, split.users, options);
    CHECK(both.kept == rank_by_vectors(states, items, split.users, options));
    options.seen_items = SeenItems::mask;
    CHECK(both.left_out == rank_by_vectors(states, items, split.users, options));
    CHECK(both.left_out != both.kept);
  }
  split.users.negatives = at::tensor({1, 2, 3}, at::kLong).expand({8, 3}).contiguous();
  const BothRanks sampled = rank_by_vectors_both_ways(states, items, split.users, {});
  CHECK(sampled.kept == rank_by_vectors(states, items, split.users, {}));
  CHECK(sampled.left_out == sampled.kept);
}

TEST_CASE("the history is not left out where it is not known of every user") {
  Split split;
  const OneTurnOptions mask{.seen_items = SeenItems::mask};
  split.users.seen = nullptr;
  CHECK_THROWS_WITH(rank_with_text(split.networks.prior, split.users, mask), Catch::Contains("of 0 of 8 users"));
  split.histories.offsets.pop_back();
  split.users.seen = &split.histories;
  CHECK_THROWS_WITH(rank_sequence_only(split.networks.prior, split.users, mask), Catch::Contains("of 7 of 8 users"));
}

TEST_CASE("a user without a reply is a miss with text, and only there") {
  Split split;
  split.has_text[2] = 0;
  const std::vector<Rank> with_text = rank_with_text(split.networks.prior, split.users, {});
  std::vector<Rank> expected = split.counted("out.scores_with_text", {});
  expected[2] = 0;
  CHECK(with_text == expected);
  CHECK(rank_without_text(split.networks.posterior, split.users, {}) == split.counted("out.scores_without_text", {}));
}

TEST_CASE("top_k_with_text lists the best items by the score with text") {
  Split split;
  Candidates candidates;
  candidates.non_items = {0};
  const auto best = top_k_with_text(split.networks.prior, split.users.prior_states, split.users.text, 5, candidates);
  at::Tensor scores = get(split.state, "out.scores_with_text").clone();
  scores.select(1, 0).fill_(-1e9);
  const auto [values, expected] = scores.topk(6);
  REQUIRE((values.slice(1, 0, 5) - values.slice(1, 1, 6)).min().item<double>() > 1e-5);  // rounding decides no place
  REQUIRE(best.size() == 8);
  for (int64_t i = 0; i < 8; ++i)
    for (int64_t j = 0; j < 5; ++j)
      CHECK(best[static_cast<size_t>(i)][static_cast<size_t>(j)] == expected[i][j].item<int64_t>());
}

TEST_CASE("weights that are not finite never become a rank") {
  Split split;
  at::Tensor text = split.users.text.all().clone();
  text[3][0] = std::nan("");
  split.users.text = text;
  CHECK_THROWS_WITH(rank_with_text(split.networks.prior, split.users, {}), Catch::Contains("user 3"));
}
