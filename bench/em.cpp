// Times EM training and one-turn evaluation at the size of MovieLens-1M and prints one JSON object per phase.
// eager_em.py times the same in eager PyTorch on the same files; em.py runs both in turns.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/config/load_config.h"
#include "base/util/allocator.h"
#include "base/util/random.h"
#include "datasets/data/utterances.h"
#include "device.h"
#include "experiment/stages/device.h"
#include "measure.h"
#include "recommender/model/parameters.h"
#include "recommender/train/em_data.h"
#include "recommender/train/em_passes.h"
#include "recommender/train/em_trainer.h"
#include "recommender/train/flush_denormals.h"

namespace latentcrs {

namespace {

using Json = nlohmann::ordered_json;

constexpr int64_t kTextWidth = 4096, kIntents = 512;
constexpr uint64_t kSeed = 1;

struct Arguments {
  std::string data;
  std::filesystem::path work;
  std::string dtype = "float32";
  std::string device = "cpu";
  bool graphs = true;
  int threads = 2;
  int repeats = 3;
  std::string phases = "assembly,load,cold,states,gemm,stage1,stage2,joint,evaluation,train";

  bool wants(std::string_view phase) const { return lists(phases, phase); }
};

/// The files that both programs read, made once: utterances as the simulator writes them, and random embeddings.
class Files {
 public:
  Files(const Arguments& arguments, const Config& config)
      : work_(arguments.work), dtype_(arguments.dtype), config_(config) {}

  std::filesystem::path utterances(const std::string& split) const { return work_ / (split + ".jsonl"); }
  std::filesystem::path embeddings(const std::string& key) const { return work_ / dtype_ / ("raw_" + key + ".pt"); }

  void write_missing(const Interactions& interactions) const {
    at::manual_seed(kSeed);
    std::filesystem::create_directories(work_ / dtype_);
    std::vector<SplitRecord> combination;
    for (const std::string& key : config_.datasets.filter_keys) {
      const auto records = make_split(interactions, key, config_.datasets.max_history);
      write_embeddings_of(records, key);
      combination.insert(combination.end(), records.begin(), records.end());
    }
    const auto valid = make_split(interactions, "valid", config_.datasets.max_history);
    write_embeddings_of(valid, "valid");
    write_utterances_of(combination, "combination");
    write_utterances_of(valid, "valid");
  }

 private:
  /// Texts of the usual length.
  void write_utterances_of(const std::vector<SplitRecord>& records, const std::string& split) const {
    if (std::filesystem::exists(utterances(split))) return;
    std::vector<Utterance> all;
    for (const SplitRecord& record : records)
      all.push_back({.record = record, .prompt = std::string(2000, 'p'), .response = std::string(150, 'r')});
    write_utterances(std::move(all), utterances(split));
  }
  void write_embeddings_of(const std::vector<SplitRecord>& records, const std::string& key) const {
    if (std::filesystem::exists(embeddings(key))) return;
    EmbeddingTable table;
    for (const SplitRecord& record : records) table.special_id.push_back(record.customer_id);
    table.embeddings = at::randn({static_cast<int64_t>(records.size()), kTextWidth}).to(type());
    write_embeddings(table, embeddings(key));
  }
  at::ScalarType type() const { return dtype_ == "float16" ? at::kHalf : at::kFloat; }

  std::filesystem::path work_;
  std::string dtype_;
  const Config& config_;
};

/// A checksum of the bits of all parameters, to compare two runs.
std::string digest(const EmNetworks& networks) {
  uint64_t hash = 0;
  const auto add = [&hash](const torch::nn::Module& network) {
    for (const at::Tensor& parameter : network.parameters()) {
      const at::Tensor bits = parameter.detach().cpu().contiguous().view(at::kInt);
      const int32_t* words = bits.data_ptr<int32_t>();
      for (int64_t i = 0; i < bits.numel(); ++i) hash = mix64(hash ^ static_cast<uint32_t>(words[i]));
    }
  };
  add(*networks.posterior);
  add(*networks.prior);
  return fmt::format("{:016x}", hash);
}

class Bench {
 public:
  explicit Bench(const Arguments& arguments)
      : arguments_(arguments),
        device_(started(choose_device(arguments.device))),
        config_(
            load_config("ml1m", {"full_catalogue_loss=false", fmt::format("cuda_graphs={}", arguments.graphs)}).config),
        files_(arguments, config_) {}

  void run() {
    interactions_ = read_interactions(arguments_.data);
    files_.write_missing(interactions_);
    reset_peak();
    if (arguments_.wants("assembly")) assembly();
    load();
    if (arguments_.wants("cold")) load_from_disk();
    make_networks();
    if (arguments_.wants("gemm") && device_.is_cpu()) gemm();
    train_passes();
    if (arguments_.wants("evaluation")) evaluate();
    if (arguments_.wants("train")) train();
  }

 private:
  void report(const std::string& phase, const Json& result) {
    Json line = {{"side", "latentcrs"}, {"dtype", arguments_.dtype}, {"threads", arguments_.threads}, {"phase", phase}};
    if (device_.is_cuda()) line["graphs"] = arguments_.graphs;
    line.update(device_record(device_));
    line.update(result);
    line["peak_mb"] = peak_mb();
    if (arguments_.wants(phase)) fmt::print("{}\n", line.dump());
    std::fflush(stdout);
    reset_peak();
    reset_device_peak(device_);
  }

  template <class Work>
  Json timed(int runs, Work work) const {
    std::vector<double> times;
    for (int i = 0; i < runs; ++i) {
      const auto begin = Clock::now();
      work();
      finish(device_);
      times.push_back(milliseconds(begin, Clock::now()));
    }
    return {{"median_ms", median(times)}, {"runs", runs}};
  }

  EmExamples examples_of(const std::string& split, std::span<const EmbeddingFile> embeddings) const {
    return make_em_examples(
        read_utterances(files_.utterances(split), Prompts::leave_out),
        {.interactions = &interactions_, .items = &items_, .embeddings = embeddings, .missing = MissingReplies::keep});
  }

  /// From the files to examples with negatives, without the embeddings, for which one column stands.
  void assembly() {
    std::vector<EmbeddingFile> columns;
    for (const std::string& key : config_.datasets.filter_keys) {
      EmbeddingTable table = read_embeddings(files_.embeddings(key));
      table.embeddings = table.embeddings.narrow(1, 0, 1).clone();
      columns.push_back({"raw", key, files_.embeddings(key), std::move(table)});
    }
    int64_t examples = 0;
    reset_peak();
    Json result = timed(arguments_.repeats, [&] {
      interactions_ = read_interactions(arguments_.data);
      items_ = make_dense_items(interactions_);
      const EmExamples all = examples_of("combination", columns);
      draw_all({all.users, all.targets, interactions_, items_, config_.em.neg_sample_size}, kSeed, 0);
      examples = all.size();
    });
    result["examples"] = examples;
    result["items"] = items_.size() - 1;
    report("assembly", result);
  }

  std::vector<EmbeddingFile> read_files(const std::vector<std::string>& keys) const {
    std::vector<EmbeddingFile> files;
    for (const std::string& key : keys)
      files.push_back({"raw", key, files_.embeddings(key), read_embeddings(files_.embeddings(key))});
    return files;
  }

  /// From files with all training embeddings to examples.
  void load() {
    items_ = make_dense_items(interactions_);
    Json result = timed(1, [&] { train_ = examples_of("combination", read_files(config_.datasets.filter_keys)); });
    result["file_mb"] = file_mb();
    report("load", result);
    valid_ = examples_of("valid", read_files({"valid"}));
  }

  double file_mb() const {
    double bytes = 0;
    for (const std::string& key : config_.datasets.filter_keys)
      bytes += static_cast<double>(std::filesystem::file_size(files_.embeddings(key)));
    return bytes / (1 << 20);
  }

  /// The embedding files, checked and mapped, while the system does not have them in memory, compared with a plain
  /// program that reads them from beginning to end.
  void load_from_disk() {
    std::vector<double> mapped, read;
    std::vector<char> buffer(1 << 20);
    for (int i = 0; i < arguments_.repeats; ++i) {
      for (const std::string& key : config_.datasets.filter_keys) forget_file(files_.embeddings(key));
      mapped.push_back(double(timed(1, [&] { read_files(config_.datasets.filter_keys); })["median_ms"]));
      for (const std::string& key : config_.datasets.filter_keys) forget_file(files_.embeddings(key));
      read.push_back(double(timed(1, [&] {
        for (const std::string& key : config_.datasets.filter_keys) read_whole(files_.embeddings(key), buffer);
      })["median_ms"]));
    }
    report("cold", {{"median_ms", median(mapped)},
                    {"runs", arguments_.repeats},
                    {"mb_per_s", file_mb() / median(mapped) * 1000},
                    {"read_ms", median(read)},
                    {"read_mb_per_s", file_mb() / median(read) * 1000}});
  }

  void make_networks() {
    at::manual_seed(kSeed);  // the same numbers whether or not files had to be written
    const PretrainOptions& pretrain = config_.pretrain;
    const SasRec encoder(interactions_.max_item_id() + 2, pretrain.encoder, kSeed);
    model_ = {.em = config_.em,
              .compat = config_.compat,
              .items = &items_,
              .encoder = parameters_of(*encoder),
              .encoder_options = pretrain.encoder,
              .centers = at::randn({kIntents, pretrain.encoder.hidden_size}),
              .text_width = kTextWidth,
              .seed = kSeed,
              .device = device_};
    networks_ = make_em_networks(model_);
  }

  /// The rate of the matrix product of the M-steps, with all threads.
  void gemm() {
    const at::Tensor x = at::randn({config_.em.batch_size, kTextWidth}), weight = at::randn({1024, kTextWidth});
    const double flops = 2.0 * static_cast<double>(x.numel() * weight.size(0));
    std::vector<at::Tensor> products(static_cast<size_t>(arguments_.threads));
    for (at::Tensor& product : products) product = at::empty({x.size(0), weight.size(0)});
    Json result = timed(20, [&] {
      at::parallel_for(0, arguments_.threads, 1, [&](int64_t from, int64_t to) {
        for (int64_t i = from; i < to; ++i) at::mm_out(products[static_cast<size_t>(i)], x, weight.t());
      });
    });
    result["gflops"] = arguments_.threads * flops / static_cast<double>(result["median_ms"]) / 1e6;
    report("gemm", result);
  }

  /// One pass of a stage, without validation and saving.
  void train_passes() {
    const FlushDenormals flush;  // as in training
    EmSplit train(train_, model_);
    Json states = timed(1, [&] { train.compute_states(networks_, config_.em.eval_batch_size); });
    report("states", states);
    EmBatches steps(train,
                    ExampleNegatives(train_.users, train_.targets, interactions_, items_, config_.em.neg_sample_size),
                    model_);
    EmPasses passes(networks_, train, steps, model_,
                    config_.cuda_graphs ? StepLaunch::recorded : StepLaunch::one_by_one,
                    Shards(Processes::current(), 1));
    const auto stage = [&](const std::string& name, auto epoch) {
      if (!arguments_.wants(name)) return;
      Adam adam(passes.own_parameters(), config_.em.learning_rate, config_.em.optim);
      uint64_t number = 0;
      Json result = timed(arguments_.repeats, [&] {
        const PassContext context{.name = name, .seed = derive_seed(kSeed, name, {++number}), .after_step = [] {}};
        steps.draw_negatives(context.seed, static_cast<int64_t>(number));
        epoch(adam, context);
      });
      result["steps"] = steps.count();
      result["digest"] = digest(networks_);
      report(name, result);
    };
    const EStepWeights posterior{.elbo = 0, .recommendation = config_.em.e_negative_loss_weight};
    const EStepWeights expectation{.elbo = 1, .recommendation = config_.em.e_negative_loss_weight};
    const MStepWeights maximisation{
        .elbo = 1, .intents = config_.em.m_negative_loss_weight, .recommendation = config_.em.m_rec_loss_weight};
    stage("stage1", [&](Adam& adam, const PassContext& context) { passes.e_pass(adam, posterior, context); });
    stage("stage2", [&](Adam& adam, const PassContext& context) { passes.m_pass(adam, maximisation, context); });
    stage("joint", [&](Adam& adam, const PassContext& context) {
      passes.e_pass(adam, expectation, context);
      passes.m_pass(adam, maximisation, context);
    });
  }

  /// From three scores of all users to metrics; the states of frozen encoders are a table while training.
  void evaluate() {
    EmSplit valid(valid_, model_);
    const Json states = timed(arguments_.repeats, [&] { valid.compute_states(networks_, config_.em.eval_batch_size); });
    const OneTurnOptions options{.block = config_.em.eval_batch_size};
    Json result = timed(arguments_.repeats, [&] {
      const OneTurnUsers users = valid.users();
      for (const std::vector<Rank>& ranks :
           {rank_with_text(networks_.prior, users, options), rank_without_text(networks_.posterior, users, options),
            rank_sequence_only(networks_.prior, users, options)})
        for (const int k : kOneTurnCutoffs) {
          hit_at(ranks, k);
          ndcg_at(ranks, k);
        }
    });
    result["scores_ms"] = result["median_ms"];
    result["states_ms"] = states["median_ms"];
    result["median_ms"] = double(result["scores_ms"]) + double(result["states_ms"]);
    result["users"] = valid_.size();
    report("evaluation", result);
  }

  /// The three stages of a run with one epoch each, with validation and saving.
  void train() {
    networks_ = {};
    model_.em.epochs = 1;
    model_.em.validation_first = false;
    const auto folder = arguments_.work / "run";
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    EmNetworks trained;
    Json result = timed(1, [&] {
      trained = train_em({.model = model_,
                          .train = &train_,
                          .valid = &valid_,
                          .interactions = &interactions_,
                          .folder = folder,
                          .launch = config_.cuda_graphs ? StepLaunch::recorded : StepLaunch::one_by_one,
                          .save_seconds = 0})
                    .networks;
    });
    result["digest"] = digest(trained);
    report("train", result);
  }

  Arguments arguments_;
  c10::Device device_;
  Config config_;
  Files files_;
  Interactions interactions_;
  DenseItems items_;
  EmExamples train_, valid_;
  EmModel model_;
  EmNetworks networks_;
};

Arguments parse(int argc, char** argv) {
  Arguments arguments;
  const std::string usage =
      "bench_em --data ml-1m.csv --work FOLDER [--dtype float32|float16] [--threads N] [--repeats N] "
      "[--phases assembly,load,cold,states,gemm,stage1,stage2,joint,evaluation,train] [--device cpu|cuda] "
      "[--graphs true|false]";
  const OptionSetters options = {{"--data", [&](const std::string& value) { arguments.data = value; }},
                                 {"--work", [&](const std::string& value) { arguments.work = value; }},
                                 {"--dtype", [&](const std::string& value) { arguments.dtype = value; }},
                                 {"--threads", [&](const std::string& value) { arguments.threads = positive(value); }},
                                 {"--repeats", [&](const std::string& value) { arguments.repeats = positive(value); }},
                                 {"--device", [&](const std::string& value) { arguments.device = value; }},
                                 {"--graphs", [&](const std::string& value) { arguments.graphs = value == "true"; }},
                                 {"--phases", [&](const std::string& value) { arguments.phases = value; }}};
  read_options(argc, argv, options, usage);
  if (arguments.data.empty() || arguments.work.empty()) throw usage_error(usage);
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
