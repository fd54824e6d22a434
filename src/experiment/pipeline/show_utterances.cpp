#include "experiment/pipeline/show_utterances.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/config/provider_names.h"
#include "base/util/error.h"
#include "experiment/stages/opening_requests.h"
#include "experiment/stages/providers.h"
#include "experiment/stages/stage_table.h"
#include "language/dialogue/checked_speech.h"

namespace latentcrs {

namespace {

const std::filesystem::path& present(const std::filesystem::path& file) {
  if (!std::filesystem::is_regular_file(file))
    throw data_error(
        fmt::format("--show needs {}: run `latentcrs preprocess` with the same config first", file.string()));
  return file;
}

/// `text` with `margin` before each of its lines.
std::string indented(const std::string& text, const std::string& margin) {
  std::string out = margin;
  for (const char c : text) out += c == '\n' ? "\n" + margin : std::string(1, c);
  return out;
}

std::string verdict(const SpokenWords& words, bool last, const CheckedUtterance& spoken) {
  if (!words.text) return words.problem;
  std::string text = words.shortened ? "cut off; its whole sentences count" : "whole";
  if (!last || spoken.leaks_title) text += ", gives the title away";
  return text + (last ? "" : ", asked again");
}

std::string shown(const UtteranceRequest& request, const CheckedUtterance& spoken, const ItemCatalogue& catalogue) {
  std::string text = fmt::format("{} wants {}\n{}\n", request.record->customer_id,
                                 catalogue.at(request.record->target).title, indented(request.prompt, "  | "));
  for (size_t i = 0; i < spoken.all.size(); ++i) {
    const SpokenWords& words = spoken.all[i];
    const bool last = i + 1 == spoken.all.size();
    const std::string& reply = words.reply.empty() && words.text ? *words.text : words.reply;
    text += fmt::format("  reply {} ({}):\n{}\n", i + 1, verdict(words, last, spoken), indented(reply, "  > "));
  }
  const std::string title = spoken.leaks_title ? " (gives the title away)" : "";
  return text + (spoken.text ? fmt::format("  utterance{}: {}\n", title, *spoken.text)
                             : fmt::format("  no utterance: {}\n", spoken.problem));
}

/// `count` of the requests, at equal distances.
std::vector<UtteranceRequest> spread(const std::vector<UtteranceRequest>& requests, size_t count) {
  std::vector<UtteranceRequest> some;
  count = std::min(count, requests.size());
  for (size_t i = 0; i < count; ++i) some.push_back(requests[i * requests.size() / count]);
  return some;
}

}  // namespace

std::string show_utterances(const LoadedConfig& loaded, int count) {
  const StageContext context = make_context(loaded, c10::kCPU);
  const Stage& stage = stage_named("simulate");
  stage.checks.settings(context);
  stage.checks.templates(context);
  const Config& config = loaded.config;
  const Interactions interactions = read_interactions(present(context.folder.interactions()));
  const ItemCatalogue catalogue = read_item_catalogue(present(context.folder.features()), config.datasets);
  const OpeningRequests opening =
      OpeningPrompts(context, interactions, catalogue).of(config.datasets.filter_keys.at(0));
  // Asked directly even where the stage asks by batch jobs: the answers are the same, and nobody waits for hours.
  Config direct = config;
  if (asks_service(config.simulate.provider)) direct.simulate.provider = service_of(config.simulate.provider);
  const StageContext asking{
      .config = direct, .folder = context.folder, .data_roots = context.data_roots, .config_file = context.config_file};
  const auto simulator = make_user_simulator(asking, catalogue, Waiting::until_ended);
  const auto requests = spread(opening.requests, static_cast<size_t>(count));
  const auto spoken = speak_checked(*simulator, requests, catalogue, config.simulate, SpeechRecord::every_attempt).all;
  std::string text;
  for (size_t i = 0; i < requests.size(); ++i) text += (i == 0 ? "" : "\n") + shown(requests[i], spoken[i], catalogue);
  const auto usable = std::count_if(spoken.begin(), spoken.end(), [](const auto& one) { return one.text.has_value(); });
  const auto leaks = std::count_if(spoken.begin(), spoken.end(), [](const auto& one) { return one.leaked_at_first; });
  return text +
         fmt::format("\n{} of {} are usable, {} gave the title away at the first try\n", usable, spoken.size(), leaks);
}

}  // namespace latentcrs
