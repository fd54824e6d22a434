#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <map>

#include "base/config/provider_names.h"
#include "base/util/error.h"
#include "cli/core_requests.h"
#include "cli/launcher/arguments.h"
#include "cli/launcher/commands.h"
#include "cli/launcher/run_in_core.h"
#include "service/api/run_settings.h"

namespace latentcrs {

namespace {

/// Those that answer at once.
std::vector<std::string> direct_providers() {
  std::vector<std::string> names = with_chat_providers({});
  std::erase_if(names, [](const std::string& name) { return name.ends_with("_batch"); });
  return names;
}

class ChatCommand : public Command {
 public:
  ChatCommand()
      : Command({.name = "chat",
                 .help = "Talk to a finished run: say what you like, criticise, ask why",
                 .details =
                     "Sentences are ranked as in `evaluate`'s dialogues. \"not 2\", \"more like 3\", \"something "
                     "older\" and\n"
                     "\"I take 1\" are about the last list; /help lists the commands. Works offline. With --phrase a\n"
                     "language model (simulate.chat.model) words the answers; the items still come from the ranking.\n"
                     "Further arguments are settings in place of the run's own.\n\n"
                     "Reads   <RUN>/\n"
                     "Writes  the file of /save; nothing else\n"
                     "Examples\n"
                     "  latentcrs chat outputs/ml1m --history \"Toy Story, Aladdin\"\n"
                     "  latentcrs chat outputs/ml1m --user 42\n"
                     "  latentcrs chat outputs/ml1m --phrase openai simulate.chat.model=NAME\n"
                     "  printf 'a funny film\\nnot 2\\n' | latentcrs chat outputs/ml1m",
                 .config = ConfigUse::none,
                 .arguments = ArgumentKind::run_folders}) {}

  void add_options(CLI::App& parser) override {
    parser.add_option("run", words_, "The run's folder, then settings (key=value)")->type_name("");
    parser.add_option("--user", request_.user, "Begin with the items of this user of the data")->type_name("ID");
    parser.add_option("--as-of", moment_, "now (default), test or valid: the user's items as of then")
        ->type_name("MOMENT")
        ->check(CLI::IsMember({"now", "test", "valid"}));
    parser.add_option("--history", request_.history, "Begin with these items: titles or ids, with commas\nbetween")
        ->type_name("ITEMS");
    parser.add_option("--shown", request_.shown_items, "Items shown a turn (default: as the run was evaluated)")
        ->type_name("N")
        ->check(CLI::Range(1, 1000));
    parser.add_option("--phrase", request_.phrase, "Chat provider that words the answers")
        ->type_name("PROVIDER")
        ->check(CLI::IsMember(direct_providers()));
  }

  void finish(Invocation& invocation) override;

  int run(const Invocation& invocation) const override {
    Invocation with_job = invocation;
    with_job.jobs.push_back({request_.settings, load_run_settings(request_.run, {.settings = request_.settings})});
    return run_in_core(with_job, "chat", request_);
  }

 private:
  TalkRequest request_;
  std::vector<std::string> words_;
  std::string moment_ = "now";
};

void ChatCommand::finish(Invocation& /*invocation*/) {
  if (words_.empty() || words_.front().find('=') != std::string::npos)
    throw usage_error("latentcrs chat needs the folder of a run: latentcrs chat RUN");
  expand_path(words_.front(), "RUN");
  request_.run = words_.front();
  request_.settings.assign(words_.begin() + 1, words_.end());
  for (const std::string& setting : request_.settings)
    if (setting.find('=') == std::string::npos)
      throw usage_error(fmt::format("{}: not a setting (key=value); latentcrs chat takes one run", setting));
  if (moment_ != "now" && request_.user.empty()) throw usage_error("--as-of is about a user of the data: give --user");
  request_.moment = moment_ == "test" ? Moment::test : moment_ == "valid" ? Moment::valid : Moment::now;
}

}  // namespace

std::unique_ptr<Command> make_chat_command() { return std::make_unique<ChatCommand>(); }

}  // namespace latentcrs
