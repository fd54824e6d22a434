// A program that goes on, such as a server, until it is told to end.
#pragma once

#include <string>
#include <vector>

#include "support/subprocess.h"
#include "support/temp_dir.h"

namespace latentcrs::test {

class RunningProcess {
 public:
  /// Starts the command `words` (the program first), with standard input closed.
  explicit RunningProcess(const std::vector<std::string>& words, const ProcessOptions& options = {});
  /// Kills it if it still runs.
  ~RunningProcess();
  RunningProcess(const RunningProcess&) = delete;
  RunningProcess& operator=(const RunningProcess&) = delete;

  /// Standard output so far, once `text` is in it or the process has ended.
  std::string output_with(const std::string& text);
  /// Waits for the end; with a signal, sends it first.
  Finished end(int signal = 0);

 private:
  bool has_ended();

  TempDir dir_;
  int child_;
  int status_ = -1;
};

}  // namespace latentcrs::test
