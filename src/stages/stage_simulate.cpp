#include <fmt/format.h>

#include <algorithm>

#include "config/load_config.h"
#include "config/provider_names.h"
#include "config/result_settings.h"
#include "data/utterances.h"
#include "dialogue/checked_speech.h"
#include "dialogue/prompt_file.h"
#include "dialogue/remote_simulator.h"
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
  PromptTemplate::load(context.prompt_template(options.prompt_template), kUserPromptFields);
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

/// Utterances of one split, in memory; its prompts on disk. Records without one are added to `unanswered`.
Answers<Utterance> simulate_split(const StageContext& context, const std::string& key, UserSimulator& simulator,
                                  const ItemCatalogue& catalogue, OpeningRequests opening,
                                  std::vector<Unanswered>& unanswered) {
  auto& [records, requests] = opening;
  write_prompt_file(requests, context.folder.prompts(key));
  const auto answered = speak_checked(simulator, requests, catalogue, context.config.simulate);
  if (!answered.complete()) return Answers<Utterance>::still_to_come(answered.to_come);
  const std::vector<CheckedUtterance>& spoken = answered.all;

  std::vector<Utterance> utterances;
  for (size_t i = 0; i < records.size(); ++i) {
    if (spoken[i].text)
      utterances.push_back({records[i], std::move(requests[i].prompt), *spoken[i].text, spoken[i].leaks_title});
    else
      unanswered.push_back({records[i].customer_id, spoken[i].problem, {spoken[i].attempts - 1, spoken[i].unusable}});
  }
  return utterances;
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

/// Batch jobs take hours, so the splits do not wait for each other: they go into common jobs before the stage asks for
/// them one by one, which then finds every answer in the cache.
class AskAhead {
 public:
  AskAhead(const StageContext& context, const OpeningPrompts& prompts, const ItemCatalogue& catalogue)
      : context_(context), prompts_(prompts), catalogue_(catalogue) {}

  /// Returns the number of answers still to come, which is 0 without context.detach.
  size_t run(UserSimulator& simulator) {
    const auto waves = plan_waves();
    if (context_.detach) return ask_all(simulator, waves);
    if (waves.size() > 1) ask_all(*make_user_simulator(context_, catalogue_, Waiting::not_at_all), waves);
    return ask_all(simulator, waves);
  }

 private:
  using Wave = std::vector<std::string>;  ///< keys of splits

  /// Splits that go together: not more prompts than one job can take, for the sake of memory.
  std::vector<Wave> plan_waves() const {
    constexpr size_t most_prompts = 200'000;
    std::vector<Wave> waves;
    size_t size = most_prompts;
    for (const std::string& key : all_split_keys(context_.config.datasets)) {
      const size_t count = prompts_.count(key);
      if (waves.empty() || size + count > most_prompts) {
        waves.emplace_back();
        size = 0;
      }
      waves.back().push_back(key);
      size += count;
    }
    return waves;
  }

  /// Returns the number of answers still to come.
  size_t ask(UserSimulator& simulator, const Wave& wave) const {
    throw_if_interrupted();
    std::vector<OpeningRequests> openings;
    std::vector<UtteranceRequest> requests;
    for (const std::string& key : wave) {
      openings.push_back(prompts_.of(key));  // holds the records that the requests point to
      requests.insert(requests.end(), openings.back().requests.begin(), openings.back().requests.end());
      openings.back().requests.clear();
    }
    return speak_checked(simulator, requests, catalogue_, context_.config.simulate).to_come;
  }

  /// Returns the number of answers still to come.
  size_t ask_all(UserSimulator& simulator, const std::vector<Wave>& waves) const {
    size_t to_come = 0;
    for (const auto& wave : waves) to_come += ask(simulator, wave);
    return to_come;
  }

  const StageContext& context_;
  const OpeningPrompts& prompts_;
  const ItemCatalogue& catalogue_;
};

StageOutcome run(const StageContext& context) {
  const DatasetOptions& dataset = context.config.datasets;
  const Interactions interactions = read_interactions(context.folder.interactions(), context.folder.parts());
  const ItemCatalogue catalogue = read_item_catalogue(context.folder.features(), dataset);
  const OpeningPrompts prompts(context, interactions, catalogue, read_unanswered(retry_file(context.folder)));
  const auto simulator =
      make_user_simulator(context, catalogue, context.detach ? Waiting::not_at_all : Waiting::until_ended);
  if (asks_by_batch(context.config.simulate.provider))
    if (const size_t to_come = AskAhead(context, prompts, catalogue).run(*simulator); to_come > 0)
      return {.answers_to_come = to_come};

  std::vector<Utterance> combination;
  std::vector<Unanswered> unanswered;
  size_t all = 0;
  json report = json::object();
  for (const std::string& key : all_split_keys(dataset)) {
    throw_if_interrupted();
    OpeningRequests opening = prompts.of(key);
    const size_t records = opening.records.size();
    all += records;
    const auto answered = simulate_split(context, key, *simulator, catalogue, std::move(opening), unanswered);
    if (!answered.complete()) return {.answers_to_come = answered.to_come};
    const std::vector<Utterance>& utterances = answered.all;
    write_utterances(utterances, context.folder.utterances(key));
    if (key != "valid" && key != "test") combination.insert(combination.end(), utterances.begin(), utterances.end());
    const auto leaking =
        std::count_if(utterances.begin(), utterances.end(), [](const Utterance& u) { return u.leaks_title; });
    report[key] = {{"records", records}, {"missing", records - utterances.size()}, {"leaking", leaking}};
    log::info("simulate: {}: {} records, {} without an answer, {} leak the title", key, records,
              records - utterances.size(), leaking);
  }
  write_utterances(combination, context.folder.combination());
  write_file_atomically(context.folder.stage("simulate") / "simulation_report.json", report.dump(2) + "\n");
  report_unanswered(context, unanswered, all);
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
