#include "support/subprocess.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "support/temp_dir.h"

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

Finished run_process(const std::vector<std::string>& words, const ProcessOptions& options) {
  const TempDir dir;
  const pid_t child = fork();
  if (child == 0) become(words, options, dir / "out", dir / "err");
  int status = 0;
  waitpid(child, &status, 0);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), read_text(dir / "out"),
          read_text(dir / "err")};
}

}  // namespace latentcrs::test
