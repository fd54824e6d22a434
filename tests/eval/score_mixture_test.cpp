#include "recommender/eval/score_mixture.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <fstream>

#include "base/util/error.h"
#include "base/util/random.h"
#include "recommender/eval/text_scorer.h"
#include "support/temp_dir.h"
#include "support/three_users.h"

using namespace latentcrs;
using latentcrs::test::TempDir;
using latentcrs::test::three_users;

namespace {

const at::Tensor kItemTable = at::tensor({0.F, 0.F, 1.F, 0.F, 0.F, 1.F, 1.F, 1.F, -1.F, 0.F}).view({5, 2});
const at::Tensor kItemGenres = at::tensor({0.F, 1.F, 0.F, 1.F, 0.F}).view({5, 1});

MixtureItems items(double discount) { return mixture_items(kItemTable, kItemGenres, three_users(5), 3, discount); }

Histories histories_of(const std::vector<std::vector<int32_t>>& lists) {
  Histories histories;
  for (const auto& list : lists) histories.add(list);
  return histories;
}

}  // namespace

TEST_CASE("the parts of a mixture are those counted by hand", "[score_mixture]") {
  const MixtureItems plain = items(0), discounted = items(0.5);
  // Users of items 1 to 4: 3, 2, 1, 0, so that Σ (c + 1) is 10.
  CHECK(plain.popularity[1].item<float>() == Approx(std::log(0.4)));
  CHECK(plain.popularity[4].item<float>() == Approx(std::log(0.1)));
  // p(2|1) = (2 + 10 · 2/3) / (3 + 10); p(1|1) counts no user; an item without users counts half of one.
  CHECK(plain.co_occurrence[1][2].item<float>() == Approx(std::log((2 + 20.0 / 3) / 13)));
  CHECK(plain.co_occurrence[1][1].item<float>() == Approx(std::log(10.0 / 13)));
  CHECK(plain.co_occurrence[3][4].item<float>() == Approx(std::log(10 * 0.5 / 3 / 11)));
  CHECK(discounted.co_occurrence[1][2].item<float>() == Approx(std::log((2 + 20.0 / 3) / 13) - 0.5 * std::log(0.3)));
  CHECK(plain.co_occurrence.select(1, 0).abs().sum().item<float>() == 0);  // padding
  CHECK(plain.cosines[1][2].item<float>() == Approx(2 / std::sqrt(6.0)));
  CHECK(plain.cosines[1][1].item<float>() == 0);
  CHECK(plain.cosines[3][4].item<float>() == 0);  // nobody has item 4
}

TEST_CASE("a mixture adds up its parts with the weights of the history's length", "[score_mixture]") {
  const MixtureItems parts = items(0.5);
  const MixtureWeights weights = {{{2, 0, 3, 5}, {0, 7, 0, 11}, {0, 1, 0, 0}, {0, 1, 0, 0}}};
  const ScoreMixture mixture(weights, parts, at::kCPU);
  const Histories histories = histories_of({{}, {1}, {1, 2}});
  const at::Tensor by_intent = at::tensor({0.5F, 0.25F, 9.F, 9.F, 9.F, 9.F}).view({3, 2});
  const at::Tensor genres = at::tensor({1.F, 1.F, 0.F}).view({3, 1});
  const at::Tensor scores = at::mm(
      mixture.with_text({.by_intent = by_intent, .genres = genres, .histories = &histories}), mixture.items().t());
  const auto cell = [&](const at::Tensor& table, int64_t i, int64_t y) { return table[i][y].item<double>(); };
  CHECK(cell(scores, 0, 3) == Approx(2 * 0.75 + 3 * std::log(0.2) + 5));
  CHECK(cell(scores, 0, 2) == Approx(2 * 0.25 + 3 * std::log(0.3)));
  // Users of items 1, 2 and 3: 3, 2 and 1; the one of item 3 has the others too.
  const double of_one = 1 / std::sqrt(3.0), of_two = 1 / std::sqrt(2.0);
  CHECK(cell(scores, 1, 3) == Approx(7 * (cell(parts.co_occurrence, 1, 3) + 2 * of_one) + 11));
  CHECK(cell(parts.co_occurrence, 2, 3) > cell(parts.co_occurrence, 1, 3));  // the nearer of both items counts
  CHECK(cell(scores, 2, 3) == Approx(cell(parts.co_occurrence, 2, 3) + 2 * (of_one + of_two)));
  const at::Tensor silent = at::mm(mixture.without_text(histories), mixture.items().t());
  CHECK(cell(silent, 0, 2) == Approx(std::log(0.3)));
  CHECK(cell(silent, 1, 2) == Approx(cell(parts.co_occurrence, 1, 2) + 2 * 2 / std::sqrt(6.0)));
  CHECK(cell(silent, 0, 0) == 0);
}

TEST_CASE("named people count with a weight of their own, with a history and without", "[score_mixture]") {
  const MixtureWeights weights = {{{0, 0, 3, 0}, {0, 7, 0, 0}, {0, 1, 0, 0}, {0, 1, 0, 0}}};
  const MixtureItems parts = items(0.5);
  const ScoreMixture mixture(weights, parts, at::kCPU, {.named = 4});
  const Histories histories = histories_of({{}, {1}});
  const auto scores = [&](const at::Tensor& named) {
    return at::mm(
        mixture.with_text(
            {.by_intent = at::zeros({2, 2}), .genres = at::zeros({2, 1}), .histories = &histories, .named = named}),
        mixture.items().t());
  };
  // The first user names somebody of item 2, the second two people of item 3 and turns down somebody of item 1.
  const at::Tensor named = at::tensor({0.F, 0.F, 1.F, 0.F, 0.F, 0.F, -1.F, 0.F, 2.F, 0.F}).view({2, 5});
  const at::Tensor gain = scores(named) - scores({});
  CHECK(at::allclose(gain, 4 * named, 1e-5, 1e-5));
  CHECK(scores({})[0][2].item<double>() == Approx(3 * std::log(0.3)));
  CHECK_FALSE(TextScorer(nullptr, mixture).hears_names());
  CHECK(TextScorer(nullptr, mixture, 0, [](const std::string&) { return std::vector<NamedItem>(); }).hears_names());
}

TEST_CASE("mentions are added for every user, with the user's words and without", "[score_mixture]") {
  const MixtureWeights weights = {{{0, 0, 3, 0}, {0, 7, 0, 0}, {0, 1, 0, 0}, {0, 1, 0, 0}}};
  const MixtureItems parts = items(0.5);
  const at::Tensor mentions = at::tensor({0.F, 0.F, 0.5F, 0.F, 2.F});
  const ScoreMixture plain(weights, parts, at::kCPU), mentioned(weights, parts, at::kCPU, {.mentions = mentions});
  const Histories histories = histories_of({{}, {1}});
  const auto scores = [&](const ScoreMixture& mixture, bool with_text) {
    const MixtureUsers users{.by_intent = at::zeros({2, 2}), .genres = at::zeros({2, 1}), .histories = &histories};
    return at::mm(with_text ? mixture.with_text(users) : mixture.without_text(histories), mixture.items().t());
  };
  const at::Tensor learned = scores(plain, true);  // no part of it comes from words
  CHECK(at::allclose(scores(mentioned, true), learned + mentions, 1e-5, 1e-5));
  // Without words too, the history and popularity have the weights that mentions stand beside.
  CHECK(at::allclose(scores(mentioned, false), learned + mentions, 1e-5, 1e-5));
  CHECK(scores(plain, false)[0][2].item<double>() == Approx(std::log(0.3)));
}

TEST_CASE("with a trust in genres those that are named share it", "[score_mixture]") {
  MixtureItems parts = items(0.5);
  parts.genres = at::tensor({0.F, 0.F, 1.F, 0.F, 1.F, 1.F, 0.F, 1.F, 0.F, 0.F}).view({5, 2});
  const MixtureWeights weights = {{{0, 0, 0, 8}, {0, 0, 0, 4}, {}, {}}};
  const Histories histories = histories_of({{}, {}, {2}, {}});
  // The first user names one genre, the second and the third both, the fourth none.
  const at::Tensor genres = at::tensor({1.F, 0.F, 1.F, 1.F, 1.F, 1.F, 0.F, 0.F}).view({4, 2});
  const auto scores = [&](double trust) {
    const ScoreMixture mixture(weights, parts, at::kCPU, {.genre_trust = trust});
    return at::mm(mixture.with_text({.by_intent = at::zeros({4, 2}), .genres = genres, .histories = &histories}),
                  mixture.items().t());
  };
  // Item 1 has the first genre, item 2 both, item 3 the second.
  const at::Tensor each =
      at::tensor({0.F, 8.F, 8.F, 0.F, 0.F, 0.F, 8.F, 16.F, 8.F, 0.F, 0.F, 4.F, 8.F, 4.F, 0.F, 0.F, 0.F, 0.F, 0.F, 0.F});
  const at::Tensor shared = at::tensor(
      {0.F, 6.F, 6.F, 0.F, 0.F, 0.F, 3.F, 6.F, 3.F, 0.F, 0.F, 1.5F, 3.F, 1.5F, 0.F, 0.F, 0.F, 0.F, 0.F, 0.F});
  CHECK(at::allclose(scores(0).view(-1), each));
  CHECK(at::allclose(scores(0.75).view(-1), shared));
}

TEST_CASE("words of others come with their vectors", "[score_mixture]") {
  const std::vector<std::string> words = {"a", "b"};
  std::vector<std::string> store;
  const SaidWords said{.text = at::tensor({1.F, 2.F}).view({2, 1}), .words = words};
  const SaidWords other = said.reordered({1, 1}, store);
  CHECK(store == std::vector<std::string>{"b", "b"});
  CHECK(other.text.all()[0][0].item<float>() == 2);
  CHECK((SaidWords{.text = said.text}).reordered({1, 0}, store).words.empty());
}

TEST_CASE("an item that a history of a mixture repeats counts once", "[score_mixture]") {
  const ScoreMixture mixture({}, items(0.5), at::kCPU);
  const Histories histories = histories_of({{1, 2}, {1, 2, 1}});
  const at::Tensor scores = at::mm(mixture.without_text(histories), mixture.items().t());
  CHECK(at::allclose(scores[0], scores[1]));
  CHECK(scores[0].abs().sum().item<double>() > 0);
}

TEST_CASE("the weights of a mixture minimise its loss", "[score_mixture]") {
  // Of four users without a history who name the genre of items 1 and 3, three want one of these: with a weight w of
  // the genre alone the loss would be least where 2 e^w / (2 e^w + 2) is 3/4 without the ridge, w = log 3.
  const Histories histories = histories_of({{}, {}, {}, {}});
  MixtureItems parts = items(0.5);
  parts.popularity = at::zeros_like(parts.popularity);
  const MixtureUsers users{.by_intent = at::zeros({4, 2}), .genres = at::ones({4, 1}), .histories = &histories};
  const std::vector<int32_t> targets = {1, 3, 1, 2};
  const std::vector<uint8_t> spoken(4, 1);
  const MixtureWeights weights = learn_mixture(users, targets, spoken, parts, 0.5);
  CHECK(weights[0][3] == Approx(std::log(3.0)).epsilon(0.01));
  CHECK(weights[0][0] == Approx(0).margin(1e-12));
  CHECK(weights[0][1] == 0);                     // no history
  CHECK(weights[1] == PartWeights{0, 1, 0, 0});  // nobody to learn from

  SECTION("users without words do not count") {
    const std::vector<uint8_t> one_silent = {1, 1, 1, 0};
    CHECK(learn_mixture(users, targets, one_silent, parts, 0.5)[0][3] > 2);
  }
}

TEST_CASE("a mixture learns which part tells the target, with any number of threads", "[score_mixture]") {
  constexpr int64_t kUsers = 300;
  Rng rng(3);
  const CoOccurrence pairs = three_users(5);
  std::vector<std::vector<int32_t>> lists;
  std::vector<int32_t> targets;
  at::Tensor genres = at::zeros({kUsers, 1});
  for (int64_t i = 0; i < kUsers; ++i) {
    lists.push_back(i % 2 == 0 ? std::vector<int32_t>{} : std::vector<int32_t>{2});
    targets.push_back(static_cast<int32_t>(1 + rng.below(4)));
    genres[i][0] = targets.back() % 2 == 1 && rng.uniform() < 0.9 ? 1.F : 0.F;
  }
  const Histories histories = histories_of(lists);
  const MixtureUsers users{.by_intent = at::zeros({kUsers, 2}), .genres = genres, .histories = &histories};
  const std::vector<uint8_t> spoken(kUsers, 1);
  const MixtureWeights weights = learn_mixture(users, targets, spoken, items(0.5), 0.5);
  CHECK(weights[0][3] > 1);
  CHECK(weights[1][3] > 1);
  const int threads = at::get_num_threads();
  at::set_num_threads(threads == 1 ? 2 : 1);
  CHECK(learn_mixture(users, targets, spoken, items(0.5), 0.5) == weights);
  at::set_num_threads(threads);
}

TEST_CASE("weights of a mixture are kept in a file", "[score_mixture]") {
  const TempDir folder;
  const MixtureWeights weights = {{{0.1, 0, 0.7, 5.95}, {0, 3, 0, 6}, {0, 4, 0, 6}, {0, 5, 0, 1.0 / 3}}};
  write_mixture(weights, folder / "mixture.json");
  CHECK(read_mixture(folder / "mixture.json") == weights);
  CHECK(mixture_text(weights) ==
        "0 items: intents 0.10, popularity 0.70, genres 5.95; 1 item: history 3.00, genres 6.00; "
        "2 items: history 4.00, genres 6.00; 3 items and more: history 5.00, genres 0.33");
  CHECK_THROWS_AS(read_mixture(folder / "none.json"), Error);
  std::ofstream(folder / "mixture.json") << R"({"by_length_of_history": [{"intents": 1}]})";
  CHECK_THROWS_WITH(read_mixture(folder / "mixture.json"), Catch::Contains("run `latentcrs train --force`"));
}

TEST_CASE("genres are named by the last coordinates of a text's vector", "[score_mixture]") {
  const at::Tensor text = at::tensor({9.F, 4.F, -4.F, 9.F, 0.F, 4.F}).view({2, 3});
  CHECK(at::equal(named_genres(text, 2), at::tensor({1.F, 0.F, 0.F, 1.F}).view({2, 2})));
  CHECK(named_genres(text, 0).sizes() == at::IntArrayRef{2, 0});
}
