#include "cli/core/line_input.h"

#include <editline/readline.h>
#include <unistd.h>

#include <clocale>
#include <cstdlib>
#include <iostream>
#include <memory>

#include "base/util/interrupt.h"
#include "base/util/text.h"

namespace latentcrs {

namespace {

struct FreeLine {
  void operator()(char* line) const { std::free(line); }
};

}  // namespace

LineInput::LineInput() : is_terminal_(isatty(STDIN_FILENO) != 0 && isatty(STDOUT_FILENO) != 0) {
  if (!is_terminal_) return;
  std::setlocale(LC_CTYPE, "");  // the library edits bytes otherwise
  rl_catch_signals = 1;          // puts the terminal back before our handler ends the process
  using_history();
}

std::optional<std::string> LineInput::next(const std::string& prompt) {
  if (interrupted()) return std::nullopt;
  if (!is_terminal_) {
    std::string line;
    if (!std::getline(std::cin, line)) return std::nullopt;
    if (line.ends_with('\r')) line.pop_back();
    return line;
  }
  const std::unique_ptr<char, FreeLine> line(readline(prompt.c_str()));
  if (line == nullptr || interrupted()) return std::nullopt;
  if (!is_blank(line.get())) add_history(line.get());
  return line.get();
}

}  // namespace latentcrs
