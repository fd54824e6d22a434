#include "language/transport/run_command.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>

#include "base/util/error.h"
#include "base/util/interrupt.h"
#include "language/transport/token_text.h"

extern char** environ;

namespace latentcrs {

namespace {

/// The shell that runs the command, in a process group of its own, and our end of the pipe with its output.
class ShellProcess {
 public:
  explicit ShellProcess(const std::string& command) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw internal_error(fmt::format("no pipe: {}", std::strerror(errno)));
    output_ = ends[0];
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    std::string text = command, shell = "sh", option = "-c";
    char* arguments[] = {shell.data(), option.data(), text.data(), nullptr};
    const int failure = posix_spawn(&process_, "/bin/sh", &actions, &attributes, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    close(ends[1]);
    if (failure != 0) {
      close(output_);
      throw internal_error(fmt::format("cannot start /bin/sh: {}", std::strerror(failure)));
    }
  }

  ~ShellProcess() {
    close(output_);
    if (process_ <= 0) return;
    kill(-process_, SIGKILL);
    wait();
  }

  ShellProcess(const ShellProcess&) = delete;
  ShellProcess& operator=(const ShellProcess&) = delete;

  /// Reads everything that the command prints; false if that takes longer than `seconds`.
  bool read_all(std::string& text, double seconds) const {
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    while (std::chrono::steady_clock::now() < end) {
      throw_if_interrupted();
      pollfd ready{.fd = output_, .events = POLLIN, .revents = 0};
      if (poll(&ready, 1, 100) <= 0) continue;
      char block[4096];
      const ssize_t got = read(output_, block, sizeof block);
      if (got == 0) return true;
      if (got > 0) text.append(block, static_cast<size_t>(got));
    }
    return false;
  }

  /// Waits for the end of the process; true if its exit status is 0.
  bool wait() {
    int status = 0;
    while (waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    process_ = 0;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }

 private:
  pid_t process_ = 0;
  int output_ = -1;
};

}  // namespace

Secret run_command(const std::string& command, double seconds) {
  const auto failed = [&](std::string_view how) {
    return config_error(fmt::format("the token command '{}' {}; run it by hand to see why", command, how));
  };
  ShellProcess child(command);
  std::string text;
  if (!child.read_all(text, seconds)) throw failed(fmt::format("did not end within {} s", seconds));
  if (!child.wait()) throw failed("failed");
  Secret token = token_text(text);
  if (token.empty()) throw failed("printed no token");
  return token;
}

}  // namespace latentcrs
