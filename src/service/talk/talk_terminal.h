// A conversation on a terminal: lines in, text out.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "service/talk/talk_session.h"

namespace latentcrs {

struct TerminalForm {
  bool has_colours = false;
  int columns = 80;  ///< lines are cut there; 0: they are not cut
};

/// The text for one line of the person.
struct TerminalReply {
  std::string text = {};
  bool ends = false;  ///< the person has left
};

/// Sentences go to the session, and lines that begin with / are commands (terminal_commands()).
class TalkTerminal {
 public:
  /// `session` and `recommender` outlive the object.
  TalkTerminal(TalkSession& session, const RecommenderService& recommender, TerminalForm form)
      : session_(session), recommender_(recommender), form_(form) {}

  /// What to say before the first line.
  std::string greeting() const;
  /// Never throws Error of the kinds usage and remote: their messages are the reply.
  TerminalReply answer(std::string_view line);

  TalkSession& session() { return session_; }
  std::string turn_text(const TalkTurn& turn) const;
  std::string reasons_text(const Reasons& reasons) const;
  std::string history_text() const;
  /// An item by its number in the last list, or by its title; without any, the first of the list. Throws Error(usage).
  std::int64_t item_named(std::string_view name) const;

 private:
  std::string intent_line(const NamedIntent& intent, const std::string& remark) const;
  std::string moved_line(std::string_view label, const std::vector<MovedItem>& items) const;
  std::string bold(std::string_view text) const;
  std::string dim(std::string_view text) const;

  TalkSession& session_;
  const RecommenderService& recommender_;
  TerminalForm form_;
};

struct TerminalCommand {
  std::string_view name;      ///< "/why"
  std::string_view argument;  ///< "[N]"; empty without one
  std::string_view help;
  std::function<TerminalReply(TalkTerminal&, std::string_view argument)> run;
};
/// All commands, in the order of the help.
const std::vector<TerminalCommand>& terminal_commands();

}  // namespace latentcrs
