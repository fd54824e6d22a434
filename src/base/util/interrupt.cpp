#include "base/util/interrupt.h"

#include <unistd.h>

#include <csignal>
#include <string_view>

#include "base/util/error.h"

namespace latentcrs {

namespace {

volatile std::sig_atomic_t signalled = 0;

void write_to_stderr(std::string_view text) {
  // A failed write cannot be handled inside a signal handler.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
}

extern "C" void latentcrs_on_signal(int) {
  constexpr int interrupted_exit_code = 130;
  if (signalled != 0) _exit(interrupted_exit_code);
  signalled = 1;
  write_to_stderr("\nstopping at the next safe point; press Ctrl-C again to stop at once\n");
}

}  // namespace

void install_interrupt_handlers() {
  struct sigaction action {};
  action.sa_handler = latentcrs_on_signal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  for (const int signal : {SIGINT, SIGTERM}) {
    if (sigaction(signal, &action, nullptr) != 0) throw internal_error("cannot install a signal handler");
  }
}

bool interrupted() { return signalled != 0; }

void throw_if_interrupted() {
  if (interrupted()) throw Error(ErrorKind::interrupted, "stopped by a signal; the same command goes on from here");
}

}  // namespace latentcrs
