#include "base/util/interrupt.h"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>

#include "base/util/error.h"

using namespace latentcrs;

namespace {

/// The exit code of a child process that runs `body`, so that the flag of this process stays clear.
template <class Body>
int exit_code_of_child(Body body) {
  const pid_t child = fork();
  if (child == 0) {
    close(STDERR_FILENO);
    install_interrupt_handlers();
    _exit(body());
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("the first signal sets a flag that throws at the next safe point", "[interrupt]") {
  for (const int signal : {SIGINT, SIGTERM}) {
    const int code = exit_code_of_child([signal] {
      throw_if_interrupted();
      raise(signal);
      try {
        throw_if_interrupted();
      } catch (const Error& e) {
        return interrupted() && e.kind() == ErrorKind::interrupted ? 11 : 12;
      }
      return 13;
    });
    CHECK(code == 11);
  }
  CHECK_FALSE(interrupted());
}

TEST_CASE("the second signal ends the process", "[interrupt]") {
  const int code = exit_code_of_child([] {
    raise(SIGINT);
    raise(SIGINT);
    return 0;
  });
  CHECK(code == 130);
}
