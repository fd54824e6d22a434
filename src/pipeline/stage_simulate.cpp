#include <fmt/format.h>

#include <algorithm>

#include "latentcrs/config/load_config.h"
#include "latentcrs/data/utterances.h"
#include "latentcrs/text/checked_speech.h"
#include "latentcrs/text/prompt_file.h"
#include "latentcrs/text/prompt_template.h"
#include "latentcrs/util/error.h"
#include "latentcrs/util/files.h"
#include "latentcrs/util/interrupt.h"
#include "latentcrs/util/log.h"
#include "providers.h"

namespace latentcrs {

namespace {

using nlohmann::json;

json settings(const StageContext& context) {
  const json dataset = section(context.config, "datasets");
  return {{"simulate", section(context.config, "simulate")},
          {"random_seed", context.config.random_seed},
          {"item_noun", dataset.at("item_noun")},
          {"max_history", dataset.at("max_history")},
          {"filter_keys", dataset.at("filter_keys")},
          {"root_category", dataset.at("root_category")}};
}

std::vector<std::filesystem::path> inputs(const StageContext& context) {
  return {context.folder.interactions(), context.folder.features(), context.prompt_template()};
}

/// Prompts and utterances of one split, in memory and on disk.
std::vector<Utterance> simulate_split(const StageContext& context, const std::string& key, UserSimulator& simulator,
                                      const ItemCatalogue& catalogue, const std::vector<SplitRecord>& records) {
  const PromptTemplate prompt = PromptTemplate::load(context.prompt_template());
  std::vector<UtteranceRequest> requests(records.size());
  for (size_t i = 0; i < records.size(); ++i)
    requests[i] = {.record = &records[i],
                   .turns = {},
                   .prompt = user_prompt(prompt, records[i], catalogue, context.config.datasets)};
  write_prompt_file(requests, context.folder.prompts(key));
  auto spoken = speak_checked(simulator, requests, catalogue, context.config.simulate);

  std::vector<Utterance> utterances;
  for (size_t i = 0; i < records.size(); ++i)
    if (spoken[i].text)
      utterances.push_back({records[i], std::move(requests[i].prompt), *spoken[i].text, spoken[i].leaks_title});
  return utterances;
}

void run(const StageContext& context) {
  const DatasetOptions& dataset = context.config.datasets;
  const Interactions interactions = read_interactions(context.folder.interactions());
  const ItemCatalogue catalogue = read_item_catalogue(context.folder.features(), dataset);
  const auto simulator = make_user_simulator(context, catalogue);

  std::vector<Utterance> combination;
  json report = json::object();
  for (const std::string& key : all_split_keys(dataset)) {
    throw_if_interrupted();
    const auto records = make_split(interactions, key, dataset.max_history);
    const auto utterances = simulate_split(context, key, *simulator, catalogue, records);
    write_utterances(utterances, context.folder.utterances(key));
    if (key != "valid" && key != "test") combination.insert(combination.end(), utterances.begin(), utterances.end());
    const auto leaking =
        std::count_if(utterances.begin(), utterances.end(), [](const Utterance& u) { return u.leaks_title; });
    report[key] = {{"records", records.size()}, {"missing", records.size() - utterances.size()}, {"leaking", leaking}};
    log::info("simulate: {}: {} records, {} without an answer, {} leak the title", key, records.size(),
              records.size() - utterances.size(), leaking);
  }
  write_utterances(combination, context.folder.combination());
  write_file_atomically(context.folder.stage("simulate") / "simulation_report.json", report.dump(2) + "\n");
}

}  // namespace

Stage make_simulate_stage() { return {"simulate", "prompts and utterances", settings, inputs, run}; }

}  // namespace latentcrs
