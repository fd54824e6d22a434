#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>

#include "config/load_config.h"
#include "config/provider_names.h"
#include "config/result_settings.h"
#include "data/utterances.h"
#include "dialogue/checked_speech.h"
#include "dialogue/prompt_file.h"
#include "dialogue/remote_simulator.h"
#include "dialogue/speech_trial.h"
#include "dialogue/user_prompt.h"
#include "stages/opening_requests.h"
#include "stages/providers.h"
#include "stages/unanswered.h"
#include "util/error.h"
#include "util/files.h"
#include "util/interrupt.h"
#include "util/log.h"

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

/// Splits that are asked for together: not more prompts than one job can take, for the sake of memory. Asked for one
/// after the other, each would end with a few requests alone at the server.
using Wave = std::vector<std::string>;

std::vector<Wave> plan_waves(const StageContext& context, const OpeningPrompts& prompts) {
  constexpr size_t most_prompts = 200'000;
  std::vector<Wave> waves;
  size_t size = most_prompts;
  for (const std::string& key : all_split_keys(context.config.datasets)) {
    const size_t count = prompts.count(key);
    if (waves.empty() || size + count > most_prompts) {
      waves.emplace_back();
      size = 0;
    }
    waves.back().push_back(key);
    size += count;
  }
  return waves;
}

/// The requests of a wave's splits, one split after the other; they point to the records of `openings`.
struct WaveRequests {
  std::vector<OpeningRequests> openings;  ///< without their requests
  std::vector<UtteranceRequest> requests;
};

WaveRequests requests_of(const Wave& wave, const OpeningPrompts& prompts) {
  WaveRequests all;
  for (const std::string& key : wave) {
    OpeningRequests& opening = all.openings.emplace_back(prompts.of(key));
    std::move(opening.requests.begin(), opening.requests.end(), std::back_inserter(all.requests));
    opening.requests.clear();
  }
  return all;
}

/// What the stage has made so far.
struct Simulated {
  std::vector<Utterance> combination;
  std::vector<Unanswered> unanswered;
  size_t all = 0;  ///< records
  json report = json::object();
  Usage usage;
};

/// Writes the utterances of one split. `spoken` and `requests` are those of its records.
void write_split(const StageContext& context, const std::string& key, const std::vector<SplitRecord>& records,
                 std::span<UtteranceRequest> requests, std::span<const CheckedUtterance> spoken, Simulated& simulated) {
  std::vector<Utterance> utterances;
  size_t leaking = 0, leaked_at_first = 0, shortened = 0;
  for (size_t i = 0; i < records.size(); ++i) {
    simulated.usage += spoken[i].usage;
    leaked_at_first += spoken[i].leaked_at_first ? 1 : 0;
    shortened += spoken[i].shortened ? 1 : 0;
    leaking += spoken[i].leaks_title ? 1 : 0;
    if (spoken[i].text)
      utterances.push_back({records[i], std::move(requests[i].prompt), *spoken[i].text, spoken[i].leaks_title});
    else
      simulated.unanswered.push_back(
          {records[i].customer_id, spoken[i].problem, {spoken[i].attempts - 1, spoken[i].unusable}});
  }
  write_utterances(utterances, context.folder.utterances(key));
  const size_t missing = records.size() - utterances.size();
  json& report = simulated.report[key] = {{"records", records.size()}, {"missing", missing}, {"leaking", leaking}};
  if (asks_service(context.config.simulate.provider)) {
    report["leaked_at_first"] = leaked_at_first;
    report["shortened"] = shortened;
  }
  log::info("simulate: {}: {} records, {} without an answer, {} leak the title{}", key, records.size(), missing,
            leaking,
            leaked_at_first > 0 ? fmt::format(" ({} at the first try, asked again)", leaked_at_first) : std::string());
  simulated.all += records.size();
  if (key != "valid" && key != "test")
    std::move(utterances.begin(), utterances.end(), std::back_inserter(simulated.combination));
}

/// Throws Error(remote) for a split without a single utterance: model and server have failed, and its users are not
/// merely silent.
void require_an_answer(const StageContext& context, const std::string& key, std::span<const UtteranceRequest> requests,
                       std::span<const CheckedUtterance> spoken) {
  if (!asks_service(context.config.simulate.provider)) return;
  std::vector<SpokenWords> answers;
  for (const CheckedUtterance& one : spoken) {
    if (one.text) return;
    answers.push_back({.problem = one.problem, .wordless = one.problem == kNoWords});
  }
  judge_replies({requests.begin(), requests.end()}, answers, fmt::format("the {} records of {}", answers.size(), key),
                context.config.simulate.least_usable);
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

/// Batch jobs take hours, so the waves do not wait for each other: all go into common jobs before the stage asks for
/// them one by one, which then finds every answer in the cache. Returns the number of answers still to come, which is 0
/// without context.detach.
size_t ask_ahead(const StageContext& context, const OpeningPrompts& prompts, const ItemCatalogue& catalogue,
                 UserSimulator& simulator, const std::vector<Wave>& waves) {
  const auto ask_all = [&](UserSimulator& asked) {
    size_t to_come = 0;
    for (const Wave& wave : waves) {
      throw_if_interrupted();
      const WaveRequests all = requests_of(wave, prompts);
      to_come += speak_checked(asked, all.requests, catalogue, context.config.simulate).to_come;
    }
    return to_come;
  };
  if (!context.detach && waves.size() > 1) ask_all(*make_user_simulator(context, catalogue, Waiting::not_at_all));
  return ask_all(simulator);
}

/// Asks for the utterances of a wave and writes them. Returns the number of answers still to come.
size_t simulate_wave(const StageContext& context, const Wave& wave, const OpeningPrompts& prompts,
                     const ItemCatalogue& catalogue, UserSimulator& simulator, Simulated& simulated) {
  throw_if_interrupted();
  WaveRequests asked = requests_of(wave, prompts);
  std::span<UtteranceRequest> requests = asked.requests;
  for (size_t k = 0, begin = 0; k < wave.size(); begin += asked.openings[k++].records.size())
    write_prompt_file({requests.begin() + static_cast<ptrdiff_t>(begin),
                       requests.begin() + static_cast<ptrdiff_t>(begin + asked.openings[k].records.size())},
                      context.folder.prompts(wave[k]));
  const std::string& provider = context.config.simulate.provider;
  if (asks_service(provider) && !asks_by_batch(provider) && simulated.all == 0)
    try_out(context, simulator, asked.requests);
  const auto answered = speak_checked(simulator, asked.requests, catalogue, context.config.simulate);
  if (!answered.complete()) return answered.to_come;
  std::span<const CheckedUtterance> spoken = answered.all;
  for (size_t k = 0; k < wave.size(); ++k) {
    const auto& records = asked.openings[k].records;
    require_an_answer(context, wave[k], requests.first(records.size()), spoken.first(records.size()));
    write_split(context, wave[k], records, requests.first(records.size()), spoken.first(records.size()), simulated);
    requests = requests.subspan(records.size());
    spoken = spoken.subspan(records.size());
  }
  return 0;
}

StageOutcome run(const StageContext& context) {
  const DatasetOptions& dataset = context.config.datasets;
  const Interactions interactions = read_interactions(context.folder.interactions(), context.folder.parts());
  const ItemCatalogue catalogue = read_item_catalogue(context.folder.features(), dataset);
  const OpeningPrompts prompts(context, interactions, catalogue, read_unanswered(retry_file(context.folder)));
  const auto waves = plan_waves(context, prompts);
  const auto simulator =
      make_user_simulator(context, catalogue, context.detach ? Waiting::not_at_all : Waiting::until_ended);
  if (asks_by_batch(context.config.simulate.provider))
    if (const size_t to_come = ask_ahead(context, prompts, catalogue, *simulator, waves); to_come > 0)
      return {.answers_to_come = to_come};

  Simulated simulated;
  for (const Wave& wave : waves)
    if (const size_t to_come = simulate_wave(context, wave, prompts, catalogue, *simulator, simulated); to_come > 0)
      return {.answers_to_come = to_come};
  if (const Usage& used = simulated.usage; used.input > 0)
    log::info("simulate: {} tokens read and {} written, as the server counts", used.input, used.output);
  write_utterances(simulated.combination, context.folder.combination());
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
