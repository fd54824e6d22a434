#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/config/load_config.h"
#include "base/config/provider_names.h"
#include "base/config/result_settings.h"
#include "base/util/files.h"
#include "base/util/interrupt.h"
#include "base/util/log.h"
#include "base/util/open_file.h"
#include "base/util/profile.h"
#include "datasets/data/utterances.h"
#include "experiment/stages/opening_requests.h"
#include "experiment/stages/providers.h"
#include "experiment/stages/spoken_split.h"
#include "experiment/stages/unanswered.h"
#include "language/dialogue/checked_speech.h"
#include "language/dialogue/prompt_file.h"
#include "language/dialogue/remote_simulator.h"
#include "language/dialogue/speech_trial.h"
#include "language/dialogue/user_prompt.h"

namespace latentcrs {

namespace {

using nlohmann::json;

json settings(const StageContext& context) { return result_settings(context.config, "simulate"); }

std::vector<std::filesystem::path> inputs(const StageContext& context) {
  std::vector<std::filesystem::path> files = context.folder.dataset();
  files.insert(files.end(),
               {context.folder.features(), context.prompt_template(context.config.simulate.prompt_template)});
  return files;
}

void check_settings(const StageContext& context) { check_service_settings(context.config, "simulate"); }

void check_templates(const StageContext& context) {
  const SimulateOptions& options = context.config.simulate;
  if (!asks_service(options.provider)) return;
  load_user_prompt(context.prompt_template(options.prompt_template));
}

/// The opening words of every record that the cache does not have.
std::vector<PlannedRequests> planned_requests(const PlanInputs& plan) {
  const Config& config = plan.context.config;
  const SimulateOptions& options = config.simulate;
  if (!asks_service(options.provider)) return {};
  const auto again =
      read_unanswered(plan.retry ? unanswered_file(plan.context.folder) : retry_file(plan.context.folder));
  const OpeningPrompts prompts(plan.context, plan.interactions, plan.catalogue, again);
  const auto chat = make_offline_chat(config, options.provider, options.chat);
  CostEstimate sum;
  for (const std::string& key : all_split_keys(config.datasets)) {
    const OpeningRequests opening = prompts.of(key);
    std::vector<ChatRequest> requests;
    for (const UtteranceRequest& request : opening.requests)
      requests.push_back(simulator_request(request, plan.catalogue));
    sum += chat->estimate(requests);
  }
  return {planned_chat("simulate", options.provider, options.chat, sum)};
}

/// A split to simulate. It holds what is needed to make its requests, a piece at a time.
struct PlannedSplit {
  std::string key;
  std::vector<Target> targets;  ///< of its records
  std::vector<size_t> order;    ///< processed_order()

  /// The targets with these places in the utterance file.
  std::vector<Target> part(size_t begin, size_t end) const {
    std::vector<Target> part;
    for (size_t i = begin; i < end; ++i) part.push_back(targets[order[i]]);
    return part;
  }
};

std::vector<PlannedSplit> plan_splits(const StageContext& context, const Interactions& interactions,
                                      const OpeningPrompts& prompts) {
  std::vector<PlannedSplit> splits;
  for (const std::string& key : all_split_keys(context.config.datasets)) {
    PlannedSplit& split = splits.emplace_back(PlannedSplit{key, prompts.targets(key), {}});
    split.order = processed_order(interactions, key, split.targets);
  }
  return splits;
}

/// Requests that are asked for together. Asked for split after split, each would end with a few requests alone at the
/// server, so a wave goes on over the end of a split.
struct Wave {
  struct Piece {
    size_t split, begin, end;  ///< places in the split's utterance file
  };
  std::vector<Piece> pieces;
};

/// As many as one job can take with a service of batch jobs, whose every wave takes hours; otherwise as many as keep
/// memory small. A service waits at the end of each wave, for the time of a reply, and the next wave is in memory then.
size_t most_requests(const std::string& provider) {
  if (asks_by_batch(provider)) return 200'000;
  return asks_service(provider) ? 8'192 : 4'096;
}

std::vector<Wave> plan_waves(const std::vector<PlannedSplit>& splits, size_t most) {
  std::vector<Wave> waves;
  size_t room = 0;
  for (size_t s = 0; s < splits.size(); ++s) {
    size_t begin = 0;
    do {
      if (room == 0) {
        waves.emplace_back();
        room = most;
      }
      const size_t end = std::min(splits[s].targets.size(), begin + room);
      waves.back().pieces.push_back({s, begin, end});
      room -= end - begin;
      begin = end;
    } while (begin < splits[s].targets.size());
  }
  return waves;
}

/// The requests of a wave's pieces, one after the other; they point to the records of `openings`.
struct WaveRequests {
  std::vector<OpeningRequests> openings;  ///< without their requests
  std::vector<UtteranceRequest> requests;
};

WaveRequests requests_of(const Wave& wave, const std::vector<PlannedSplit>& splits, const OpeningPrompts& prompts) {
  WaveRequests all;
  for (const auto& [split, begin, end] : wave.pieces) {
    OpeningRequests& opening = all.openings.emplace_back(prompts.of(splits[split].key, splits[split].part(begin, end)));
    std::move(opening.requests.begin(), opening.requests.end(), std::back_inserter(all.requests));
    opening.requests.clear();
  }
  return all;
}

/// Writes the prompts of a split in the order of its records, before the first one is asked.
void write_prompts_of(const PlannedSplit& split, const OpeningPrompts& prompts, const std::filesystem::path& path) {
  const profile::Scope scope("prompt file");
  constexpr size_t at_once = 4'096;
  const std::span<const Target> targets = split.targets;
  AtomicFile file(path);
  for (size_t begin = 0; begin < targets.size(); begin += at_once) {
    throw_if_interrupted();
    write_prompts(prompts.of(split.key, targets.subspan(begin, std::min(at_once, targets.size() - begin))).requests,
                  file.stream());
  }
  file.commit();
}

/// Asks a language model for the first replies alone, so that one that does not fit its prompt is noticed before all
/// others are asked for. They are in the cache then.
void try_out(const StageContext& context, UserSimulator& simulator, const std::vector<UtteranceRequest>& requests) {
  const std::vector<UtteranceRequest> first(
      requests.begin(), requests.begin() + static_cast<ptrdiff_t>(std::min(requests.size(), kTrialReplies)));
  const auto spoken = simulator.speak(first);
  check_prompt_counts(first, spoken.all);
  judge_replies(first, spoken.all, fmt::format("the first {} replies", first.size()),
                context.config.simulate.least_usable);
}

/// The same before batch jobs, which would show an unfit model after hours and when all is paid: a job does not answer
/// the first replies, the service does so directly.
void try_out_before_jobs(const StageContext& context, const Interactions& interactions, const ItemCatalogue& catalogue,
                         const OpeningPrompts& prompts) {
  if (context.config.simulate.least_usable <= 0) return;
  const std::vector<PlannedSplit> splits = plan_splits(context, interactions, prompts);
  const WaveRequests first = requests_of(plan_waves(splits, kTrialReplies).front(), splits, prompts);
  try_out(context, *make_direct_simulator(context, catalogue), first.requests);
}

void report_unanswered(const StageContext& context, const std::vector<Unanswered>& records, size_t all) {
  const auto file = unanswered_file(context.folder);
  write_unanswered(records, file);
  std::filesystem::remove(retry_file(context.folder));
  if (records.empty()) return;
  log::warn("simulate: {} of {} records have no utterance: {}; {} lists them{}", records.size(), all,
            count_problems(records), file.string(),
            asks_service(context.config.simulate.provider) ? ", `latentcrs simulate --retry` asks for them again" : "");
}

/// Renames the list of a finished stage, so that the next run asks for its records again.
size_t retry(const StageContext& context) {
  const auto file = unanswered_file(context.folder);
  const size_t count = read_unanswered(file).size();
  if (count > 0) std::filesystem::rename(file, retry_file(context.folder));
  return count;
}

/// Asks for the utterances of all splits, wave after wave, and writes each split when its last one has come.
class Simulation {
 public:
  Simulation(const StageContext& context, const Interactions& interactions, const ItemCatalogue& catalogue,
             const OpeningPrompts& prompts, UserSimulator& simulator)
      : context_(context),
        catalogue_(catalogue),
        prompts_(prompts),
        simulator_(simulator),
        splits_(plan_splits(context, interactions, prompts)),
        waves_(plan_waves(splits_, most_requests(context.config.simulate.provider))) {}

  /// Batch jobs take hours, so the waves do not wait for each other: all go into common jobs before the stage asks for
  /// them one by one, which then finds every answer in the cache. Returns the number of answers still to come, which is
  /// 0 without context.detach.
  size_t ask_ahead();
  /// Returns the number of answers still to come.
  size_t run();
  const Simulated& result() const { return simulated_; }

 private:
  size_t ask_all(UserSimulator& asked) const;
  std::future<WaveRequests> prepare(size_t wave) const;
  size_t run_wave(const Wave& wave, WaveRequests asked);
  void take(const Wave::Piece& piece, std::span<UtteranceRequest> requests, std::span<const CheckedUtterance> spoken);

  const StageContext& context_;
  const ItemCatalogue& catalogue_;
  const OpeningPrompts& prompts_;
  UserSimulator& simulator_;
  std::vector<PlannedSplit> splits_;
  std::vector<Wave> waves_;
  std::optional<SpokenSplit> spoken_;  // the split whose answers are coming
  Simulated simulated_;
};

size_t Simulation::ask_all(UserSimulator& asked) const {
  size_t to_come = 0;
  for (const Wave& wave : waves_) {
    throw_if_interrupted();
    const WaveRequests all = requests_of(wave, splits_, prompts_);
    to_come += speak_checked(asked, all.requests, catalogue_, context_.config.simulate).to_come;
  }
  return to_come;
}

size_t Simulation::ask_ahead() {
  if (!context_.detach && waves_.size() > 1) ask_all(*make_user_simulator(context_, catalogue_, Waiting::not_at_all));
  return ask_all(simulator_);
}

size_t Simulation::run() {
  std::future<WaveRequests> prepared = prepare(0);
  for (size_t wave = 0; wave < waves_.size(); ++wave) {
    throw_if_interrupted();
    WaveRequests asked = prepared.get();
    prepared = prepare(wave + 1);
    if (const size_t to_come = run_wave(waves_[wave], std::move(asked)); to_come > 0) return to_come;
  }
  return 0;
}

/// The requests of a wave, with the prompts of the splits that begin in it written: beside the wave before it where a
/// server takes the time and the processor would wait, and when it is asked for otherwise.
std::future<WaveRequests> Simulation::prepare(size_t wave) const {
  if (wave == waves_.size()) return {};
  const std::string& provider = context_.config.simulate.provider;
  const bool ahead = asks_service(provider) && !asks_by_batch(provider);
  return std::async(ahead ? std::launch::async : std::launch::deferred, [this, &pieces = waves_[wave]] {
    for (const auto& [split, begin, end] : pieces.pieces)
      if (begin == 0) write_prompts_of(splits_[split], prompts_, context_.folder.prompts(splits_[split].key));
    return requests_of(pieces, splits_, prompts_);
  });
}

size_t Simulation::run_wave(const Wave& wave, WaveRequests asked) {
  const std::string& provider = context_.config.simulate.provider;
  if (asks_service(provider) && !asks_by_batch(provider) && &wave == &waves_.front())
    try_out(context_, simulator_, asked.requests);
  const auto answered = speak_checked(simulator_, asked.requests, catalogue_, context_.config.simulate);
  if (!answered.complete()) return answered.to_come;
  std::span<UtteranceRequest> requests = asked.requests;
  std::span<const CheckedUtterance> spoken = answered.all;
  for (const Wave::Piece& piece : wave.pieces) {
    const size_t count = piece.end - piece.begin;
    take(piece, requests.first(count), spoken.first(count));
    requests = requests.subspan(count);
    spoken = spoken.subspan(count);
  }
  return 0;
}

void Simulation::take(const Wave::Piece& piece, std::span<UtteranceRequest> requests,
                      std::span<const CheckedUtterance> spoken) {
  const PlannedSplit& split = splits_[piece.split];
  if (piece.begin == 0) spoken_.emplace(context_, split.key, split.order);
  spoken_->add(requests, spoken);
  if (piece.end == split.targets.size()) spoken_->finish(simulated_);
}

void append_file(const std::filesystem::path& path, std::ostream& out) {
  OpenFile file(path);
  std::vector<char> block(size_t{1} << 20);
  while (const size_t got = file.read(block.data(), block.size()))
    out.write(block.data(), static_cast<std::streamsize>(got));
}

/// The utterances of the training splits in one file. Their own files have its order already.
void write_combination(const StageContext& context) {
  std::vector<std::string> keys;
  for (const std::string& key : all_split_keys(context.config.datasets))
    if (key != "valid" && key != "test") keys.push_back(key);
  const auto place = [](const std::string& key) { return split_kind(key) + "_" + key; };
  std::sort(keys.begin(), keys.end(), [&](const auto& a, const auto& b) { return place(a) < place(b); });
  const profile::Scope scope("write");
  AtomicFile file(context.folder.combination());
  for (const std::string& key : keys) append_file(context.folder.utterances(key), file.stream());
  file.commit();
}

StageOutcome run(const StageContext& context) {
  const DatasetOptions& dataset = context.config.datasets;
  const Interactions interactions = read_interactions(context.folder.interactions(), context.folder.parts());
  const ItemCatalogue catalogue =
      profile::timed("read items", [&] { return read_item_catalogue(context.folder.features(), dataset); });
  const auto wanted_again = read_unanswered(retry_file(context.folder));
  const OpeningPrompts prompts(context, interactions, catalogue, wanted_again);
  const bool by_batch = asks_by_batch(context.config.simulate.provider);
  if (by_batch && wanted_again.empty()) try_out_before_jobs(context, interactions, catalogue, prompts);
  // Made after the trial, whose answers it finds in the cache.
  const auto simulator =
      make_user_simulator(context, catalogue, context.detach ? Waiting::not_at_all : Waiting::until_ended);
  Simulation simulation(context, interactions, catalogue, prompts, *simulator);
  if (by_batch)
    if (const size_t to_come = simulation.ask_ahead(); to_come > 0) return {.answers_to_come = to_come};
  if (const size_t to_come = simulation.run(); to_come > 0) return {.answers_to_come = to_come};

  const Simulated& simulated = simulation.result();
  if (const Usage& used = simulated.usage; used.input > 0)
    log::info("simulate: {} tokens read and {} written, as the server counts", used.input, used.output);
  write_combination(context);
  write_file_atomically(context.folder.stage("simulate") / "simulation_report.json", simulated.report.dump(2) + "\n");
  report_unanswered(context, simulated.unanswered, simulated.all);
  return {};
}

}  // namespace

Stage make_simulate_stage() {
  return {.info = stage_info("simulate"),
          .needs = {.stages = {"preprocess"}, .item_features = true},
          .settings = settings,
          .inputs = inputs,
          .checks = {.settings = check_settings,
                     .templates = check_templates,
                     .credentials = [](const StageContext& context) { check_credentials(context, "simulate"); }},
          .planned_requests = planned_requests,
          .run = run,
          .retry = retry};
}

}  // namespace latentcrs
