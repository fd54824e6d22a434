#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/util/error.h"
#include "base/util/files.h"
#include "cli/launcher/arguments.h"
#include "cli/launcher/commands.h"
#include "datasets/data/conversation_formats.h"

namespace latentcrs {

namespace {

class ConversationsCommand : public Command {
 public:
  ConversationsCommand()
      : Command({.name = "conversations",
                 .help = "Published conversations to the form that evaluate reads",
                 .details = "Reads dialogues of ReDial, INSPIRED and IARD in the forms in which they are published,\n"
                            "and writes a JSON object a line for every point at which the recommender names films:\n"
                            "what was said before and by whom, and the films (docs/conversations.md). Speakers are\n"
                            "those of the dialogue; in turns with `context` they alternate, and the user is last.\n\n" +
                            formats_text() +
                            "Writes  the file that --out names\n"
                            "Examples\n"
                            "  latentcrs conversations test_data.jsonl --out redial.jsonl\n"
                            "  latentcrs conversations test.jsonl.gz --entities entity2id.json.gz --out turns.jsonl\n"
                            "  latentcrs evaluate -c ml1m conversations=redial.jsonl",
                 .config = ConfigUse::none,
                 .arguments = ArgumentKind::files}) {}

  void add_options(CLI::App& parser) override {
    parser.add_option("files", files_, "Files of one form, plain or .gz")->type_name("");
    parser.add_option("--out", out_, "The file to write")->type_name("FILE");
    parser.add_option("--format", format_, "The form of the files (default: recognised)")->type_name("NAME");
    parser.add_option("--entities", entities_, "JSON from DBpedia resources to entity ids, for turns")
        ->type_name("FILE");
  }

  void finish(Invocation& /*invocation*/) override {
    expand_path(out_, "--out");
    expand_path(entities_, "--entities");
  }

  int run(const Invocation& /*invocation*/) const override;

 private:
  static std::string formats_text() {
    std::string text;
    for (const ConversationFormat& format : conversation_formats())
      text += fmt::format("{:<8}{}: {}\n", text.empty() ? "Reads" : "", format.name, format.what);
    return text;
  }

  std::vector<std::string> files_;
  std::string out_, format_, entities_;
};

int ConversationsCommand::run(const Invocation& /*invocation*/) const {
  if (files_.empty())
    throw usage_error("latentcrs conversations needs a file: latentcrs conversations FILE --out FILE");
  if (out_.empty()) throw usage_error("latentcrs conversations needs --out FILE, the file to write");
  AtomicFile out(out_);
  size_t points = 0, films = 0;
  for (const fs::path file : files_) {
    const ConversationFormat& format = conversation_format(file, format_);
    if (format.needs_entities && entities_.empty())
      throw usage_error(fmt::format("{}: files of the form {} need --entities FILE", file.string(), format.name));
    for (const ConversationPoint& conversation : format.read(file, entities_)) {
      out.stream() << conversation_line(conversation) << '\n';
      ++points;
      films += conversation.targets.size();
    }
    fmt::print("{}: {} ({})\n", file.string(), format.name, format.what);
  }
  if (points == 0) throw data_error(fmt::format("{}: no point at which a film is recommended", files_.front()));
  out.commit();
  fmt::print("{} points with {} films named by title are in {}\n", points, films, out_);
  return 0;
}

}  // namespace

std::unique_ptr<Command> make_conversations_command() { return std::make_unique<ConversationsCommand>(); }

}  // namespace latentcrs
