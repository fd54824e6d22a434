// The commands of a conversation on a terminal.
#include <fmt/format.h>

#include "base/util/error.h"
#include "base/util/files.h"
#include "base/util/home.h"
#include "service/talk/talk_terminal.h"
#include "service/talk/turn_text.h"

namespace latentcrs {

namespace {

TerminalReply show_help(TalkTerminal& /*terminal*/, std::string_view /*argument*/) {
  std::string text =
      "A line is a sentence for the recommender, or says something about its last list:\n"
      "  not 2 · none of these · more like 3 · something older · newer than 1990 · I take 1\n";
  for (const TerminalCommand& command : terminal_commands())
    text += fmt::format("  {:<18} {}\n", fmt::format("{} {}", command.name, command.argument), command.help);
  return {.text = text};
}

TerminalReply show_reasons(TalkTerminal& terminal, std::string_view argument) {
  return {.text = terminal.reasons_text(terminal.session().why(terminal.item_named(argument)))};
}

TerminalReply accept_item(TalkTerminal& terminal, std::string_view argument) {
  terminal.session().accept(terminal.item_named(argument));
  return {.text = terminal.history_text()};
}

TerminalReply take_back(TalkTerminal& terminal, std::string_view /*argument*/) {
  if (!terminal.session().undo()) return {.text = "There is nothing to take back.\n"};
  const auto& turns = terminal.session().turns();
  if (turns.empty()) return {.text = "Back at the beginning.\n" + terminal.history_text()};
  return {.text = fmt::format("Back after: {}\n{}", turns.back().said, terminal.turn_text(turns.back()))};
}

TerminalReply save_dialogue(TalkTerminal& terminal, std::string_view argument) {
  if (argument.empty()) throw usage_error("/save needs the name of a file, as in /save talk.jsonl");
  const fs::path file = expand_home(std::string(argument)).value_or(std::string(argument));
  write_file_atomically(file, terminal.session().dialogue_lines(file.stem().string()));
  return {.text = fmt::format("Saved in {}; `latentcrs evaluate conversations={}` measures with it.\n", file.string(),
                              file.string())};
}

TerminalReply show_history(TalkTerminal& terminal, std::string_view /*argument*/) {
  return {.text = terminal.history_text()};
}

TerminalReply leave(TalkTerminal& /*terminal*/, std::string_view /*argument*/) { return {.ends = true}; }

}  // namespace

const std::vector<TerminalCommand>& terminal_commands() {
  static const std::vector<TerminalCommand> commands = {
      {"/why", "[N or title]", "why an item has its place; the first one without a number", show_reasons},
      {"/accept", "[N or title]", "take an item: it joins your history", accept_item},
      {"/undo", "", "take back the last sentence or acceptance", take_back},
      {"/history", "", "your items, the newest last", show_history},
      {"/save", "FILE", "the dialogue for `latentcrs evaluate conversations=FILE`", save_dialogue},
      {"/help", "", "this list", show_help},
      {"/quit", "", "leave (also Ctrl-D)", leave},
  };
  return commands;
}

}  // namespace latentcrs
