// Times the parts of a pretraining epoch, and evaluation; prints one JSON object per phase, then a table.
// eager_pretrain.py times the same in eager PyTorch; pretrain.py runs both in turns.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/record_function.h>
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/config/load_config.h"
#include "base/util/allocator.h"
#include "base/util/error.h"
#include "base/util/random.h"
#include "base/util/table.h"
#include "device.h"
#include "experiment/stages/device.h"
#include "measure.h"
#include "recommender/train/adam.h"
#include "recommender/train/flush_denormals.h"
#include "recommender/train/next_item_losses.h"
#include "recommender/train/pretrain_objective.h"
#include "recommender/train/pretrain_step.h"
#include "recommender/train/pretrainer.h"

namespace latentcrs {

namespace {

using Json = nlohmann::ordered_json;

struct Arguments {
  std::string data, setting;
  int threads = 2;
  int steps = 20;   // steps that are measured
  int repeats = 3;  // repetitions of the other phases
  bool fused = true;
  std::string device = "cpu";
  bool graphs = true, fused_attention = false;
  std::string loss = "bce", contrast = "Hybrid", precision = "float32";
  bool profile = false;
  std::string phases = "load,gemm,clustering,kmeans,step,evaluation";

  bool wants(std::string_view phase) const { return lists(phases, phase); }
};

/// Floating point operations that every implementation needs (docs/log/performance.md derives them).
struct Arithmetic {
  double tokens, length, width, layers;

  explicit Arithmetic(const EncoderOptions& encoder, double rows)
      : tokens(rows * encoder.max_seq_length),
        length(encoder.max_seq_length),
        width(encoder.hidden_size),
        layers(encoder.num_hidden_layers) {}
  double encoder_forward() const { return layers * tokens * (24 * width * width + 4 * width * (length + 1) / 2); }
};

double step_flops(const PretrainOptions& options) {
  const double batch = options.batch_size, width = options.encoder.hidden_size;
  const double length = options.encoder.max_seq_length, pairs = options.n_views * (options.n_views - 1) / 2.0;
  const double encoder = 3 * Arithmetic(options.encoder, batch * (1 + 2 * pairs)).encoder_forward();
  const double next_item = 3 * 4 * batch * length * width;
  const double instances = 14 * pairs * batch * batch * length * width;
  const double intents = 20 * pairs * batch * batch * width + 2 * batch * options.num_intent_clusters.front() * width;
  return encoder + next_item + instances + intents;
}

double clustering_flops(const PretrainOptions& options, int64_t users) {
  return Arithmetic(options.encoder, static_cast<double>(users)).encoder_forward();
}

/// The time of each operator without that of the operators it calls, on this thread.
class OperatorTimes {
 public:
  OperatorTimes() {
    current = nullptr;
    milliseconds_by_name.clear();
    handle_ = at::addGlobalCallback(at::RecordFunctionCallback(&begin, &end)
                                        .scopes({at::RecordScope::FUNCTION, at::RecordScope::BACKWARD_FUNCTION}));
  }
  ~OperatorTimes() { at::removeCallback(handle_); }
  OperatorTimes(const OperatorTimes&) = delete;
  OperatorTimes& operator=(const OperatorTimes&) = delete;

  /// Milliseconds by name, the largest first.
  static std::vector<std::pair<std::string, double>> sorted() {
    std::vector<std::pair<std::string, double>> times(milliseconds_by_name.begin(), milliseconds_by_name.end());
    std::sort(times.begin(), times.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    return times;
  }

 private:
  struct Call : at::ObserverContext {
    Clock::time_point begin;
    double of_callees = 0;
    Call* caller = nullptr;
  };
  static std::unique_ptr<at::ObserverContext> begin(const at::RecordFunction&) {
    auto call = std::make_unique<Call>();
    call->caller = std::exchange(current, call.get());
    call->begin = Clock::now();
    return call;
  }
  static void end(const at::RecordFunction& function, at::ObserverContext* context) {
    const auto* call = static_cast<const Call*>(context);
    const double spent = latentcrs::milliseconds(call->begin, Clock::now());
    milliseconds_by_name[function.name()] += spent - call->of_callees;
    if (call->caller != nullptr) call->caller->of_callees += spent;
    current = call->caller;
  }

  static inline thread_local Call* current = nullptr;
  static inline std::map<std::string, double> milliseconds_by_name;
  at::CallbackHandle handle_;
};

class Bench {
 public:
  explicit Bench(const Arguments& arguments)
      : arguments_(arguments), device_(started(choose_device(arguments.device))) {
    const std::string file = arguments.setting == "ml-1m" ? "ml1m" : arguments.setting;
    // The published losses, which the baseline has, whatever losses the configuration prefers.
    options_ = load_config(file, {"pretrain.loss=" + arguments.loss, "pretrain.contrast_type=" + arguments.contrast,
                                  "pretrain.precision=" + arguments.precision,
                                  fmt::format("pretrain.fused_encoder={}", arguments.fused)})
                   .config.pretrain;
  }

  void run() {
    reset_peak();
    load();
    if (arguments_.wants("gemm") && device_.is_cpu()) gemm();
    if (arguments_.wants("clustering") || arguments_.wants("kmeans")) find_intents();
    if (arguments_.wants("step")) step();
    if (arguments_.wants("evaluation")) evaluate();
    std::fputs(table_.to_text().c_str(), stderr);
  }

 private:
  void report(const std::string& phase, Json result) {
    Json line = {{"side", "latentcrs"},
                 {"setting", arguments_.setting},
                 {"threads", arguments_.threads},
                 {"fused", arguments_.fused},
                 {"phase", phase}};
    if (device_.is_cuda())
      line.update(Json{{"graphs", arguments_.graphs},
                       {"fused_attention", arguments_.fused_attention},
                       {"loss", arguments_.loss},
                       {"contrast", arguments_.contrast},
                       {"precision", arguments_.precision}});
    line.update(device_record(device_));
    line.update(result);
    line["peak_mb"] = peak_mb();
    fmt::print("{}\n", line.dump());
    std::fflush(stdout);
    const auto cell = [&](const char* key) {
      return line.contains(key) ? fmt::format("{:.1f}", double(line[key])) : "";
    };
    table_.rows.push_back({phase, cell("median_ms"), cell("gflop"), cell("gflops"), std::to_string(peak_mb())});
    reset_peak();
    reset_device_peak(device_);
  }

  /// Runs `work` `runs` times and measures it.
  Json timed(int runs, const std::function<void()>& work) const {
    std::vector<double> times;
    for (int i = 0; i < runs; ++i) {
      const auto begin = Clock::now();
      work();
      finish(device_);
      times.push_back(milliseconds(begin, Clock::now()));
    }
    return {{"median_ms", median(times)}, {"runs", runs}};
  }

  void load() {
    Json result = timed(1, [&] {
      interactions_ = read_interactions(arguments_.data);
      sequences_.emplace(interactions_, options_, CompatOptions(), kSeed, negatives_of(options_));
    });
    encoder_ = SasRec(sequences_->item_size(), options_.encoder, kSeed);
    encoder_->to(device_);
    encoder_->set_compute({.fused = options_.fused_encoder,
                           .fused_attention = arguments_.fused_attention,
                           .precision = options_.precision});
    objective_.emplace(encoder_, *sequences_, options_);
    result["users"] = interactions_.num_users();
    if (arguments_.wants("load")) report("load", result);
  }

  /// The best rate of square products, as many at a time as there are threads, because BLAS itself has one thread.
  void gemm() {
    double best = 0;
    int runs = 0;
    for (int64_t size : {512, 1024, 2048}) {
      const at::Tensor a = at::randn({size, size}), b = at::randn({size, size});
      std::vector<at::Tensor> products(arguments_.threads, at::empty({0}));
      for (at::Tensor& product : products) product = at::empty({size, size});
      const double flops = 2.0 * arguments_.threads * static_cast<double>(size * size * size);
      for (int i = 0; i < std::max<int>(3, static_cast<int>(4e10 / flops)); ++i, ++runs) {
        const auto begin = Clock::now();
        at::parallel_for(0, arguments_.threads, 1, [&](int64_t from, int64_t to) {
          for (int64_t j = from; j < to; ++j) at::mm_out(products[static_cast<size_t>(j)], a, b);
        });
        best = std::max(best, flops / milliseconds(begin, Clock::now()) / 1e6);
      }
    }
    report("gemm", {{"gflops", best}, {"runs", runs}});
  }

  void find_intents() {
    at::Tensor points;
    Json clustering = timed(arguments_.repeats, [&] { points = objective_->train_representations(); });
    clustering["gflop"] = clustering_flops(options_, sequences_->num_train_users()) / 1e9;
    if (arguments_.wants("clustering")) report("clustering", clustering);
    if (!arguments_.wants("kmeans")) return;
    report("kmeans", timed(arguments_.repeats, [&] { intents_ = cluster(points, options_.kmeans_nredo); }));
    if (device_.is_cpu()) return;
    report("kmeans_libtorch",
           timed(arguments_.repeats, [&] { cluster(points, options_.kmeans_nredo, KMeansOptions::Search::libtorch); }));
  }

  std::vector<IntentClusters> cluster(const at::Tensor& points, int nredo,
                                      KMeansOptions::Search search = KMeansOptions::Search::automatic) const {
    std::vector<IntentClusters> intents;
    for (int k : options_.num_intent_clusters)
      intents.push_back(cluster_intents(points, {.k = k,
                                                 .niter = options_.kmeans_niter,
                                                 .nredo = nredo,
                                                 .seed = 1,
                                                 .max_points_per_centroid = options_.kmeans_max_points_per_centroid,
                                                 .search = search}));
    return intents;
  }

  /// Medians over the steps after the first one. The cost of a step does not depend on the quality of the clusters.
  void step() {
    const FlushDenormals flush;  // as in training
    if (!objective_->needs_intents(1))
      intents_.clear();
    else if (intents_.empty())
      intents_ = cluster(at::randn({4096, options_.encoder.hidden_size}).to(device_), 1);
    std::vector<std::pair<std::string, at::Tensor>> parameters;
    for (const auto& parameter : encoder_->named_parameters())
      parameters.emplace_back(parameter.key(), parameter.value());
    Adam adam(parameters, options_.lr, {});
    if (device_.is_cuda()) {
      steps_on_gpu(adam);
      return;
    }
    std::map<std::string, std::vector<double>> times;
    std::unique_ptr<OperatorTimes> operators;
    for (int number = 0; number <= arguments_.steps; ++number) {
      if (arguments_.profile && number == 1) operators = std::make_unique<OperatorTimes>();
      train_one(adam, number, times);
      if (number == 0) times.clear();
    }
    Json result = {{"median_ms", median(times["total"])}, {"runs", arguments_.steps}};
    for (const char* part : {"batch", "forward", "backward", "adam"})
      result[fmt::format("{}_ms", part)] = median(times[part]);
    result["steps_an_epoch"] =
        static_cast<double>(sequences_->num_train_users()) / static_cast<double>(options_.batch_size);
    result["gflop"] = step_flops(options_) / 1e9;
    if (operators) result["operators_ms"] = a_step(OperatorTimes::sorted());
    report("step", result);
  }

  /// Rounds of steps that are queued on the GPU one after the other, as in training; only the end of a round waits for
  /// it.
  void steps_on_gpu(Adam& adam) {
    PretrainStep step(*objective_, adam, device_, arguments_.graphs ? StepLaunch::recorded : StepLaunch::one_by_one);
    step.set_intents(intents_);
    const std::vector<int64_t> order = sequences_->order(1);
    const auto batch_size = static_cast<size_t>(options_.batch_size);
    std::vector<double> times;
    for (int round = 0; round <= arguments_.repeats; ++round) {  // the first round records the graphs
      const auto begin = Clock::now();
      LossMeans means("");
      for (int number = 0; number < arguments_.steps; ++number) {
        const size_t first = static_cast<size_t>(number) % (order.size() / batch_size) * batch_size;
        step(sequences_->training_batch(std::span(order).subspan(first, batch_size), round, number,
                                        objective_->views(1)),
             derive_seed(kSeed, "bench.dropout", {static_cast<uint64_t>(number)}), means, "bench");
      }
      means.means();
      finish(device_);
      if (round > 0) times.push_back(milliseconds(begin, Clock::now()) / arguments_.steps);
    }
    report("step", {{"median_ms", median(times)},
                    {"runs", arguments_.repeats * arguments_.steps},
                    {"steps_an_epoch",
                     static_cast<double>(sequences_->num_train_users()) / static_cast<double>(options_.batch_size)},
                    {"gflop", step_flops(options_) / 1e9}});
  }

  Json a_step(const std::vector<std::pair<std::string, double>>& times) const {
    Json by_name;
    for (size_t i = 0; i < std::min<size_t>(times.size(), 20); ++i)
      by_name[times[i].first] = times[i].second / arguments_.steps;
    return by_name;
  }

  void train_one(Adam& adam, int number, std::map<std::string, std::vector<double>>& times) {
    const auto batch_size = static_cast<size_t>(options_.batch_size);
    const std::vector<int64_t> order = sequences_->order(1);
    const size_t full_batches = order.size() / batch_size;
    if (full_batches == 0) throw config_error("the data has fewer users than a batch");
    const size_t first = static_cast<size_t>(number) % full_batches * batch_size;
    const auto start = Clock::now();
    const TrainingBatch batch =
        sequences_->training_batch(std::span(order).subspan(first, batch_size), number, 0, objective_->views(1));
    const auto batched = Clock::now();
    Dropout dropout(derive_seed(kSeed, "bench.dropout", {static_cast<uint64_t>(number)}));
    const LossTerms terms = (*objective_)(batch_tensors(batch, device_), intents_, dropout);
    LossMeans("").add(terms, "bench");
    const auto forward = Clock::now();
    adam.clear_gradients();
    terms.back().second.backward();
    const auto backward = Clock::now();
    adam.step();
    const auto stepped = Clock::now();
    times["batch"].push_back(milliseconds(start, batched));
    times["forward"].push_back(milliseconds(batched, forward));
    times["backward"].push_back(milliseconds(forward, backward));
    times["adam"].push_back(milliseconds(backward, stepped));
    times["total"].push_back(milliseconds(start, stepped));
  }

  void evaluate() {
    Json result = timed(arguments_.repeats, [&] {
      const std::vector<Rank> ranks = evaluate_encoder(encoder_, *sequences_, Split::valid, CompatOptions());
      for (int k : kPretrainCutoffs)
        for (const char* kind : {"HIT@", "NDCG@"}) metric(ranks, kind + std::to_string(k));
    });
    result["users_measured"] = interactions_.num_users();
    report("evaluation", result);
  }

  static constexpr uint64_t kSeed = 1;

  Arguments arguments_;
  c10::Device device_;
  PretrainOptions options_;
  Interactions interactions_;
  std::optional<SequenceBatcher> sequences_;
  SasRec encoder_ = nullptr;
  std::optional<PretrainObjective> objective_;
  std::vector<IntentClusters> intents_;
  Table table_{.title = "", .rows = {{"phase", "median ms", "GFLOP", "GFLOP/s", "peak MB"}}};
};

Arguments parse(int argc, char** argv) {
  Arguments arguments;
  const std::string usage =
      "bench_pretrain --data FILE --setting beauty|ml-1m [--threads N] [--steps N] [--repeats N] [--fused true|false] "
      "[--profile true|false] [--phases load,gemm,clustering,kmeans,step,evaluation] [--device cpu|cuda] "
      "[--graphs true|false] [--loss bce|softmax|…] [--contrast none|Hybrid|…] [--precision float32|bfloat16] "
      "[--fused-attention true|false]";
  const OptionSetters options = {
      {"--data", [&](const std::string& value) { arguments.data = value; }},
      {"--setting", [&](const std::string& value) { arguments.setting = value; }},
      {"--threads", [&](const std::string& value) { arguments.threads = positive(value); }},
      {"--steps", [&](const std::string& value) { arguments.steps = positive(value); }},
      {"--repeats", [&](const std::string& value) { arguments.repeats = positive(value); }},
      {"--fused", [&](const std::string& value) { arguments.fused = value == "true"; }},
      {"--profile", [&](const std::string& value) { arguments.profile = value == "true"; }},
      {"--device", [&](const std::string& value) { arguments.device = value; }},
      {"--graphs", [&](const std::string& value) { arguments.graphs = value == "true"; }},
      {"--fused-attention", [&](const std::string& value) { arguments.fused_attention = value == "true"; }},
      {"--loss", [&](const std::string& value) { arguments.loss = value; }},
      {"--contrast", [&](const std::string& value) { arguments.contrast = value; }},
      {"--precision", [&](const std::string& value) { arguments.precision = value; }},
      {"--phases", [&](const std::string& value) { arguments.phases = value; }}};
  read_options(argc, argv, options, usage);
  if (arguments.data.empty() || arguments.setting.empty()) throw usage_error(usage);
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
