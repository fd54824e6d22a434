// Running a program as a user does.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace latentcrs::test {

struct Finished {
  int exit_code = -1;  ///< 128 + signal if it was killed
  std::string out;
  std::string err;
};

struct ProcessOptions {
  std::filesystem::path folder = ".";                                 ///< current folder of the process
  std::vector<std::pair<std::string, std::string>> environment = {};  ///< added to ours
};

/// Runs the command `words` (the program first) to its end, with standard input closed.
Finished run_process(const std::vector<std::string>& words, const ProcessOptions& options = {});

}  // namespace latentcrs::test
