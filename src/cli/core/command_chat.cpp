#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

#include "base/util/error.h"
#include "base/util/interrupt.h"
#include "base/util/log.h"
#include "base/util/terminal.h"
#include "cli/core/core_command.h"
#include "cli/core/line_input.h"
#include "cli/core_requests.h"
#include "experiment/stages/providers.h"
#include "service/api/run_recommender.h"
#include "service/talk/phrasing.h"
#include "service/talk/talk_session.h"
#include "service/talk/talk_terminal.h"

namespace latentcrs {

namespace {

PhraseTurn phrasing_of(const RunRecommender& recommender, const std::string& provider) {
  if (provider.empty()) return {};
  const StageContext& context = recommender.run().context();
  return phrase_with(make_provider_chat(context, provider, context.config.simulate.chat, Waiting::until_ended),
                     PromptTemplate::load(context.prompt_template("prompts/chat_answer.txt"), kPhrasingFields),
                     context.config.datasets.item_noun, [](const std::string& remark) { log::warn("{}", remark); });
}

std::vector<int64_t> first_history(const RunRecommender& recommender, const TalkRequest& request) {
  std::vector<int64_t> history;
  if (!request.user.empty()) history = recommender.history_of(request.user, request.moment);
  std::vector<std::string> unknown;
  for (const ItemDetails& item : read_history(recommender, request.history, unknown)) history.push_back(item.id);
  for (const std::string& name : unknown) log::warn("--history: the dataset has no item {}; it is left out", name);
  return history;
}

TerminalForm form_of(const LineInput& input) {
  if (!input.is_terminal()) return {.has_colours = false, .columns = 0};
  const char* const no_colour = std::getenv("NO_COLOR");  // no-color.org
  const char* const kind = std::getenv("TERM");
  const bool plain = (no_colour != nullptr && *no_colour != '\0') || (kind != nullptr && std::string(kind) == "dumb");
  return {.has_colours = !plain, .columns = terminal::columns()};
}

int command_chat(const Invocation& invocation) {
  const auto& request = std::any_cast<const TalkRequest&>(invocation.request);
  const auto recommender =
      std::make_shared<const RunRecommender>(request.run, OpenOptions{.settings = request.settings});
  TalkSession session(recommender, {.history = first_history(*recommender, request),
                                    .shown_items = request.shown_items,
                                    .phrase = phrasing_of(*recommender, request.phrase)});
  LineInput input;
  TalkTerminal terminal(session, *recommender, form_of(input));
  fmt::print("{}", terminal.greeting());
  std::fflush(stdout);
  while (const auto line = input.next("> ")) {
    const TerminalReply reply = terminal.answer(*line);
    fmt::print("{}", reply.text);
    std::fflush(stdout);
    if (reply.ends) return 0;
  }
  throw_if_interrupted();
  if (input.is_terminal()) fmt::print("\n");
  return 0;
}

const CoreCommand chat_command("chat", command_chat);

}  // namespace

}  // namespace latentcrs
