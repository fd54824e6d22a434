#include "base/util/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <mutex>

namespace latentcrs::terminal {

namespace {

std::mutex mutex;
bool bar_drawn = false;

}  // namespace

bool attached() {
  static const bool is_terminal = isatty(STDERR_FILENO) != 0;
  return is_terminal;
}

int columns() {
  winsize size{};
  const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

void draw_bar(const std::string& bar) {
  if (!attached()) return;
  const std::lock_guard lock(mutex);
  if (bar.empty() && !bar_drawn) return;
  std::fprintf(stderr, "\r\x1b[K%s", bar.c_str());
  std::fflush(stderr);
  bar_drawn = !bar.empty();
}

void erase_bar() { draw_bar({}); }

}  // namespace latentcrs::terminal
