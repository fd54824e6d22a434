#include "experiment/stages/evaluation_requests.h"

#include <algorithm>
#include <string>

#include "base/config/provider_names.h"
#include "datasets/data/conversations.h"
#include "datasets/data/simulated_split.h"
#include "datasets/data/utterances.h"
#include "experiment/stages/conversation_evaluation.h"
#include "experiment/stages/conversation_rows.h"
#include "experiment/stages/opening_requests.h"
#include "experiment/stages/planned_embeddings.h"
#include "experiment/stages/providers.h"
#include "experiment/stages/zero_shot_evaluation.h"
#include "language/dialogue/remote_extractor.h"
#include "language/dialogue/remote_simulator.h"
#include "language/dialogue/zero_shot.h"
#include "language/text/prompt_template.h"

namespace latentcrs {

namespace {

/// Words as long as an answer is expected to be, different for each user.
std::string expected_words(const Config& config, int64_t user) {
  std::string words = std::to_string(user) + " ";
  const auto tokens = static_cast<size_t>(config.simulate.chat.price.expected_output_tokens);
  words.resize(std::max(words.size(), 4 * tokens), 'x');
  return words;
}

/// Items to fill the list that is shown in `turn`.
std::vector<int64_t> some_items(const ItemCatalogue& catalogue, int turn, int count) {
  const auto& items = catalogue.items();
  std::vector<int64_t> shown;
  for (int i = 0; i < count; ++i) shown.push_back(items[static_cast<size_t>(turn * count + i) % items.size()].id);
  return shown;
}

/// Everything said in dialogues in which every sampled user fails in every turn.
struct LongestDialogues {
  std::vector<ChatRequest> spoken;               ///< to the user simulator; the opening words exist already
  std::vector<std::vector<DialogueTurn>> heard;  ///< by the extractor: the dialogue so far, after each utterance
};

LongestDialogues longest_dialogues(const PlanInputs& plan) {
  const Config& config = plan.context.config;
  const EvaluateOptions& options = config.evaluate;
  OpeningRequests opening = OpeningPrompts(plan.context, plan.interactions, plan.catalogue).of("test");
  LongestDialogues dialogues;
  for (const int64_t user : multi_turn_sample(static_cast<int64_t>(opening.requests.size()),
                                              config.datasets.multi_turn_users, config.datasets.multi_turn_seed)) {
    UtteranceRequest& request = opening.requests[static_cast<size_t>(user)];
    const std::string words = expected_words(config, user);
    for (int turn = 1; turn <= options.max_turns; ++turn) {
      request.turns.push_back({.user = words, .shown_items = {}});
      dialogues.heard.push_back(request.turns);
      request.turns.back().shown_items = some_items(plan.catalogue, turn, options.shown_items);
      if (turn < options.max_turns) dialogues.spoken.push_back(simulator_request(request, plan.catalogue));
    }
  }
  return dialogues;
}

void plan_dialogues(const PlanInputs& plan, std::vector<PlannedRequests>& planned) {
  const Config& config = plan.context.config;
  const DialogueExtractorOptions& extractor = config.evaluate.extractor;
  const std::string& speaker = dialogue_provider(config);
  if (!asks_service(speaker) && !asks_service(extractor.provider)) return;
  const LongestDialogues dialogues = longest_dialogues(plan);
  if (asks_service(speaker)) {
    const auto chat = make_offline_chat(config, speaker, config.simulate.chat);
    planned.push_back(planned_chat("evaluate, user simulator (at most)", speaker, config.simulate.chat,
                                   chat->estimate(dialogues.spoken)));
  }
  if (asks_service(extractor.provider)) {
    const auto chat = make_offline_chat(config, extractor.provider, extractor.chat);
    const auto requests = extraction_requests(plan.context, plan.catalogue, dialogues.heard);
    planned.push_back(
        planned_chat("evaluate, extractor (at most)", extractor.provider, extractor.chat, chat->estimate(requests)));
  }
}

void plan_zero_shot(const PlanInputs& plan, std::vector<PlannedRequests>& planned) {
  const Config& config = plan.context.config;
  const ZeroShotOptions& options = config.evaluate.zero_shot;
  const auto chat = make_offline_chat(config, options.provider, options.chat);
  std::vector<SplitRecord> records = make_simulated_split(plan.interactions, "test", config);
  std::vector<Utterance> users;
  for (const size_t i : zero_shot_sample(config, records.size()))
    users.push_back(
        {.record = std::move(records[i]), .prompt = {}, .response = expected_words(config, static_cast<int64_t>(i))});
  for (const std::string& input : options.inputs)
    planned.push_back(planned_chat("evaluate, zero shot, " + input, options.provider, options.chat,
                                   chat->estimate(zero_shot_requests(plan.context, plan.catalogue, input, users))));
}

/// What is embedded in dialogues: a text for every user and turn.
void plan_dialogue_embeddings(const PlanInputs& plan, std::vector<PlannedRequests>& planned) {
  const Config& config = plan.context.config;
  const auto records = static_cast<int64_t>(make_simulated_split(plan.interactions, "test", config).size());
  const int64_t turns = std::min<int64_t>(records, config.datasets.multi_turn_users) * config.evaluate.max_turns;
  PlannedTexts texts;
  texts.expect(turns, turns * 4 * config.simulate.chat.price.expected_output_tokens);
  planned.push_back(planned_embeddings(plan.context, "evaluate, texts of dialogues (at most)", texts));
}

/// At most, because conversations without a target in the catalogue are not embedded.
void plan_conversation_embeddings(const PlanInputs& plan, std::vector<PlannedRequests>& planned) {
  ConversationFaults left_out;
  PlannedTexts texts;
  for (const ConversationPoint& conversation : read_conversations(conversations_file(plan.context), left_out)) {
    std::string text = embedded_text(conversation, plan.context.config.evaluate.conversation_text);
    if (!text.empty()) texts.known.push_back(std::move(text));
  }
  planned.push_back(planned_embeddings(plan.context, "evaluate, conversations (at most)", texts));
}

}  // namespace

void check_evaluation_templates(const StageContext& context) {
  const EvaluateOptions& options = context.config.evaluate;
  if (options.multi_turn && asks_service(options.extractor.provider))
    PromptTemplate::load(context.prompt_template(options.extractor.prompt_template), kExtractorFields);
  if (!asks_service(options.zero_shot.provider)) return;
  for (const std::string& input : options.zero_shot.inputs)
    PromptTemplate::load(context.prompt_template(zero_shot_template(options.zero_shot, input)),
                         zero_shot_fields(input));
}

std::vector<PlannedRequests> planned_evaluation_requests(const PlanInputs& plan) {
  const EvaluateOptions& options = plan.context.config.evaluate;
  std::vector<PlannedRequests> planned;
  if (options.multi_turn) plan_dialogues(plan, planned);
  if (asks_service(options.zero_shot.provider)) plan_zero_shot(plan, planned);
  if (!asks_service(plan.context.config.embed.provider)) return planned;
  if (options.multi_turn) plan_dialogue_embeddings(plan, planned);
  if (!options.conversations.empty()) plan_conversation_embeddings(plan, planned);
  return planned;
}

}  // namespace latentcrs
