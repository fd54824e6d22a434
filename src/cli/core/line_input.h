// Lines from a person: edited on a terminal, as they come from a pipe.
#pragma once

#include <optional>
#include <string>

namespace latentcrs {

class LineInput {
 public:
  /// Edits lines if standard input and output are terminals.
  LineInput();

  bool is_terminal() const { return is_terminal_; }
  /// The next line without its end; nothing at the end of the input and after Ctrl-C. On a terminal it shows `prompt`,
  /// and the arrow keys bring back the lines before.
  std::optional<std::string> next(const std::string& prompt);

 private:
  bool is_terminal_;
};

}  // namespace latentcrs
