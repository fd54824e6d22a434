#include "support/running_process.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <thread>

namespace latentcrs::test {

namespace {

[[noreturn]] void become(const std::vector<std::string>& words, const ProcessOptions& options,
                         const std::filesystem::path& out, const std::filesystem::path& err) {
  constexpr int cannot_run = 127;
  for (const auto& [name, value] : options.environment) setenv(name.c_str(), value.c_str(), 1);
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const int flags = O_WRONLY | O_CREAT | O_TRUNC;
  const bool ready = dup2(open("/dev/null", O_RDONLY), STDIN_FILENO) >= 0 &&
                     dup2(open(out.c_str(), flags, 0600), STDOUT_FILENO) >= 0 &&
                     dup2(open(err.c_str(), flags, 0600), STDERR_FILENO) >= 0 && chdir(options.folder.c_str()) == 0;
  if (ready) execvp(arguments[0], arguments.data());
  _exit(cannot_run);
}

}  // namespace

RunningProcess::RunningProcess(const std::vector<std::string>& words, const ProcessOptions& options) : child_(fork()) {
  if (child_ == 0) become(words, options, dir_ / "out", dir_ / "err");
}

RunningProcess::~RunningProcess() {
  if (has_ended()) return;
  kill(child_, SIGKILL);
  waitpid(child_, &status_, 0);
}

bool RunningProcess::has_ended() {
  if (status_ == -1) waitpid(child_, &status_, WNOHANG);
  return status_ != -1;
}

std::string RunningProcess::output_with(const std::string& text) {
  const std::filesystem::path out = dir_ / "out";
  const auto output = [&out] { return std::filesystem::exists(out) ? read_text(out) : std::string(); };
  while (output().find(text) == std::string::npos && !has_ended())
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  return output();
}

Finished RunningProcess::end(int signal) {
  if (!has_ended()) {
    if (signal != 0) kill(child_, signal);
    waitpid(child_, &status_, 0);
  }
  return {WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_), read_text(dir_ / "out"),
          read_text(dir_ / "err")};
}

}  // namespace latentcrs::test
