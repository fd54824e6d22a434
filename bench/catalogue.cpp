// Times what looks at the whole catalogue on invented users and items: the softmax loss with its gradients, alone, in a
// pretraining step and as EM uses it, and the ranks of users; and the losses that compare a position with drawn items.
// Prints one JSON object per phase. The floor of a phase is the time of its multiplications and additions at the best
// rate at which this machine multiplies square matrices.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/config/load_config.h"
#include "base/util/allocator.h"
#include "base/util/random.h"
#include "measure.h"
#include "numerics/linalg/instruction_set.h"
#include "recommender/eval/ranker.h"
#include "recommender/train/adam.h"
#include "recommender/train/next_item_losses.h"
#include "recommender/train/pretrain_objective.h"
#include "recommender/train/pretrain_step.h"

namespace latentcrs {

namespace {

using Json = nlohmann::ordered_json;

struct Arguments {
  int items = 84777, width = 64, length = 50;
  int batch = 256;      // users of a pretraining step
  int per_user = 10;    // items of a user, on average
  int examples = 480;   // of a step of EM
  int negatives = 256;  // of the losses that draw them
  int users = 4096;     // to rank
  int threads = 2, repeats = 5;
  std::string phases = "gemm,plain,loss,em,step,rank";

  bool wants(std::string_view phase) const { return lists(phases, phase); }
};

class Bench {
 public:
  explicit Bench(const Arguments& arguments)
      : arguments_(arguments),
        items_((at::randn({arguments.items + 1, arguments.width}) * 0.3).set_requires_grad(true)) {
    catalogue_ = at::arange(1, arguments.items + 1, at::kLong);
  }

  void run() {
    gemm();
    const int64_t positions = int64_t{arguments_.batch} * (arguments_.per_user - 3);
    const auto softmax = [this](const Batch& b) { return softmax_loss(b.states, b.items, b.targets, catalogue_); };
    if (arguments_.wants("plain")) loss("plain", {.positions = positions, .block = 256}, plain_softmax);
    if (arguments_.wants("loss")) loss("loss", {.positions = positions}, softmax);
    if (arguments_.wants("em")) loss("em", {.positions = arguments_.examples, .learn_items = false}, softmax);
    if (arguments_.wants("step")) step();
    if (arguments_.wants("rank")) rank();
    drawn_items(positions);
  }

 private:
  /// How a loss is measured.
  struct LossPlan {
    int64_t positions = 0;
    int64_t block = 0;        // positions at a time, which bound the memory of LibTorch's operators; 0: all
    bool learn_items = true;  // as in pretraining; else as in EM with frozen encoders
    int64_t compared = 0;     // items that a position is compared with; 0: the catalogue
  };
  /// The positions [begin, begin + P) of a loss.
  struct Batch {
    at::Tensor states, items, targets;  // [P, D], [V, D], [P]
    int64_t begin;

    at::Tensor of_positions(const at::Tensor& all) const { return all.narrow(0, begin, targets.size(0)); }
  };

  // Losses as one writes them with LibTorch.
  static at::Tensor plain_softmax(const Batch& b) {
    return at::cross_entropy_loss(at::mm(b.states, b.items.slice(0, 1).t()), b.targets - 1);
  }
  static at::Tensor plain_sampled_softmax(const Batch& b, const at::Tensor& drawn) {
    const at::Tensor own = (b.states * at::embedding(b.items, b.targets)).sum(1, true);
    const at::Tensor others = at::mm(b.states, at::embedding(b.items, drawn).t());
    const at::Tensor again = drawn.unsqueeze(0).eq(b.targets.unsqueeze(1));
    return at::cross_entropy_loss(at::cat({own, others.masked_fill(again, -INFINITY)}, 1), at::zeros_like(b.targets));
  }
  static at::Tensor plain_gbce(const Batch& b, const at::Tensor& drawn, double beta) {
    const at::Tensor rows = at::embedding(b.items, at::cat({b.targets.unsqueeze(1), b.of_positions(drawn)}, 1));
    const at::Tensor logits = at::bmm(rows, b.states.unsqueeze(2)).squeeze(2);
    return -at::cat({beta * at::log_sigmoid(logits.slice(1, 0, 1)), at::log_sigmoid(-logits.slice(1, 1))}, 1).mean();
  }

  /// The losses that compare a position with drawn items.
  void drawn_items(int64_t positions) {
    const auto draw = [&](at::IntArrayRef shape) { return at::randint(1, arguments_.items + 1, shape, at::kLong); };
    const at::Tensor shared = std::get<0>(draw({arguments_.negatives}).sort());
    const at::Tensor own = draw({positions, arguments_.negatives});
    const at::Tensor rows = own.to(at::kInt), one = own.select(1, 0).contiguous();
    const double beta = gbce_beta(arguments_.negatives, arguments_.items, 0.75);
    const auto run = [&](const std::string& phase, LossPlan plan, auto value) {
      plan.positions = positions;
      if (arguments_.wants(phase)) loss(phase, plan, value);
    };
    run("bce", {.compared = 2}, [&](const Batch& b) { return bce_loss(b.states, b.items, b.targets, one); });
    run("plain_sampled_softmax", {.compared = arguments_.negatives},
        [&](const Batch& b) { return plain_sampled_softmax(b, shared); });
    run("sampled_softmax", {.compared = arguments_.negatives},
        [&](const Batch& b) { return softmax_loss(b.states, b.items, b.targets, shared); });
    run("plain_gbce", {.block = 256, .compared = arguments_.negatives},
        [&](const Batch& b) { return plain_gbce(b, own, beta); });
    run("gbce", {.compared = arguments_.negatives},
        [&](const Batch& b) { return gbce_loss(b.states, b.items, b.targets, rows, beta); });
  }

  template <class Work>
  std::vector<double> times(Work work) const {
    std::vector<double> all;
    for (int i = 0; i <= arguments_.repeats; ++i) {
      const auto begin = Clock::now();
      work(i);
      if (i > 0) all.push_back(milliseconds(begin, Clock::now()));
    }
    return all;
  }

  void report(const std::string& phase, const std::vector<double>& times, double flops, Json more = {}) {
    Json line = {{"phase", phase},
                 {"items", arguments_.items},
                 {"width", arguments_.width},
                 {"threads", arguments_.threads},
                 {"median_ms", median(times)},
                 {"runs", times.size()},
                 {"gflop", flops / 1e9},
                 {"floor_ms", flops / rate_ / 1e6}};
    if (!more.is_null()) line.update(more);
    line["peak_mb"] = peak_mb();
    fmt::print("{}\n", line.dump());
    std::fflush(stdout);
    reset_peak();
  }

  /// The best rate of square products, as many at a time as there are threads, because BLAS itself has one thread.
  void gemm() {
    for (const int64_t size : {512, 1024}) {
      const at::Tensor a = at::randn({size, size}), b = at::randn({size, size});
      std::vector<at::Tensor> products(static_cast<size_t>(arguments_.threads));
      for (at::Tensor& product : products) product = at::empty({size, size});
      const double flops = 2.0 * arguments_.threads * static_cast<double>(size * size * size);
      for (int i = 0; i < 20; ++i) {
        const auto begin = Clock::now();
        at::parallel_for(0, arguments_.threads, 1, [&](int64_t from, int64_t to) {
          for (int64_t j = from; j < to; ++j) at::mm_out(products[static_cast<size_t>(j)], a, b);
        });
        rate_ = std::max(rate_, flops / milliseconds(begin, Clock::now()) / 1e6);
      }
    }
    const Json line = {
        {"phase", "gemm"}, {"threads", arguments_.threads}, {"gflops", rate_}, {"kernels", kernel_instruction_set()}};
    fmt::print("{}\n", line.dump());
  }

  double product(int64_t rows) const { return product(rows, arguments_.items); }
  double product(int64_t rows, int64_t items) const {
    return 2.0 * static_cast<double>(rows * items) * arguments_.width;
  }

  /// The loss and its gradients.
  template <class Loss>
  void loss(const std::string& phase, const LossPlan& plan, Loss value) {
    const int64_t positions = plan.positions, block = plan.block > 0 ? plan.block : positions;
    const at::Tensor targets = at::randint(1, arguments_.items + 1, {positions}, at::kLong);
    const at::Tensor states = at::randn({positions, arguments_.width}).set_requires_grad(true);
    const at::Tensor items = plan.learn_items ? items_ : items_.detach();
    const auto measured = times([&](int) {
      for (int64_t begin = 0; begin < positions; begin += block) {
        const int64_t end = std::min(positions, begin + block);
        value(Batch{states.slice(0, begin, end), items, targets.slice(0, begin, end), begin}).backward();
      }
      states.mutable_grad() = at::Tensor();
      items_.mutable_grad() = at::Tensor();
    });
    const int64_t compared = plan.compared > 0 ? plan.compared : arguments_.items;
    report(phase, measured, (plan.learn_items ? 3 : 2) * product(positions, compared), {{"positions", positions}});
  }

  /// Users with 5 to 2 * per_user - 5 items each; every item occurs.
  Interactions invented_users() const {
    Rng rng(1);
    Interactions interactions;
    std::vector<int32_t> sequence;
    int32_t next = 0;
    for (int64_t user = 1; next < arguments_.items || user <= 20 * arguments_.batch; ++user) {
      sequence.clear();
      for (uint64_t n = 5 + rng.below(static_cast<uint64_t>(2 * arguments_.per_user - 9)); n > 0; --n)
        sequence.push_back(next < arguments_.items
                               ? ++next
                               : static_cast<int32_t>(1 + rng.below(static_cast<uint64_t>(arguments_.items))));
      interactions.add_user(user, sequence);
    }
    return interactions;
  }

  void step() {
    PretrainOptions options =
        load_config("cds", {"pretrain.loss=softmax", "pretrain.contrast_type=none"}).config.pretrain;
    options.encoder.hidden_size = arguments_.width;
    options.encoder.max_seq_length = arguments_.length;
    options.batch_size = arguments_.batch;
    const Interactions interactions = invented_users();
    SequenceBatcher sequences(interactions, options, CompatOptions(), 1, negatives_of(options));
    SasRec encoder(sequences.item_size(), options.encoder, 1);
    encoder->set_compute({.fused = options.fused_encoder});
    PretrainObjective objective(encoder, sequences, options);
    std::vector<std::pair<std::string, at::Tensor>> parameters;
    for (const auto& parameter : encoder->named_parameters())
      parameters.emplace_back(parameter.key(), parameter.value());
    Adam adam(parameters, options.lr, {});
    PretrainStep train(objective, adam, at::kCPU, StepLaunch::one_by_one);
    const std::vector<int64_t> order = sequences.order(1);
    int64_t positions = 0;
    const auto measured = times([&](int i) {
      const auto users =
          std::span(order).subspan(static_cast<size_t>(i * arguments_.batch), static_cast<size_t>(arguments_.batch));
      const TrainingBatch batch = sequences.training_batch(users, 1, i, 0);
      if (i > 0)
        positions += std::count_if(batch.positive.begin(), batch.positive.end(), [](int64_t item) { return item > 0; });
      LossMeans means("");
      train(batch, static_cast<uint64_t>(i), means, "bench");
    });
    positions /= arguments_.repeats;
    report("step", measured, 3 * product(positions), {{"positions", positions}, {"users", arguments_.batch}});
  }

  void rank() {
    const at::Tensor users = at::randn({arguments_.users, arguments_.width});
    std::vector<int32_t> targets;
    Rng rng(2);
    for (int i = 0; i < arguments_.users; ++i)
      targets.push_back(static_cast<int32_t>(1 + rng.below(static_cast<uint64_t>(arguments_.items))));
    const auto measured = times([&](int) { rank_targets(users, items_, targets, {.non_items = {0}}); });
    report("rank", measured, product(arguments_.users), {{"users", arguments_.users}});
  }

  Arguments arguments_;
  at::Tensor items_;      // [items + 1, width]
  at::Tensor catalogue_;  // [items]
  double rate_ = 0;       // GFLOP/s
};

Arguments parse(int argc, char** argv) {
  Arguments arguments;
  const std::string usage =
      "bench_catalogue [--items N] [--width N] [--length N] [--batch N] [--per-user N] [--examples N] [--users N] "
      "[--negatives N] [--threads N] [--repeats N] [--phases gemm,plain,loss,em,step,rank,bce,plain_sampled_softmax,"
      "sampled_softmax,plain_gbce,gbce]";
  const auto number = [](int& to) { return [&to](const std::string& value) { to = positive(value); }; };
  const OptionSetters options = {{"--items", number(arguments.items)},
                                 {"--width", number(arguments.width)},
                                 {"--length", number(arguments.length)},
                                 {"--batch", number(arguments.batch)},
                                 {"--per-user", number(arguments.per_user)},
                                 {"--examples", number(arguments.examples)},
                                 {"--users", number(arguments.users)},
                                 {"--negatives", number(arguments.negatives)},
                                 {"--threads", number(arguments.threads)},
                                 {"--repeats", number(arguments.repeats)},
                                 {"--phases", [&](const std::string& value) { arguments.phases = value; }}};
  read_options(argc, argv, options, usage);
  return arguments;
}

}  // namespace

}  // namespace latentcrs

int main(int argc, char** argv) {
  try {
    const latentcrs::Arguments arguments = latentcrs::parse(argc, argv);
    latentcrs::set_thread_environment(arguments.threads, argv);
    at::set_num_threads(arguments.threads);
    latentcrs::keep_freed_memory();
    latentcrs::Bench(arguments).run();
  } catch (const latentcrs::Error& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return latentcrs::exit_code(error.kind());
  }
  return 0;
}
