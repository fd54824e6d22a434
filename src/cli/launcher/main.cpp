// The program `latentcrs`: parses the command line, reads the config, and starts the command.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <cstdio>

#include "base/config/config_names.h"
#include "base/util/error.h"
#include "cli/launcher/arguments.h"
#include "cli/report_error.h"

namespace latentcrs {

namespace {

/// Reads the config of every job before the first one starts: a mistake shows at once.
void load_jobs(Invocation& invocation, ConfigUse use) {
  if (use == ConfigUse::none) return;
  if (invocation.config.empty()) {
    if (use == ConfigUse::optional) return;
    throw usage_error(fmt::format("latentcrs {} needs --config NAME; there are: {}", invocation.command,
                                  fmt::join(config_names(), ", ")));
  }
  std::vector<std::vector<std::string>> jobs = {invocation.overrides};
  if (invocation.multirun) jobs = expand_multirun(invocation.config, invocation.overrides);
  for (const auto& overrides : jobs) invocation.jobs.push_back({overrides, load_config(invocation.config, overrides)});
}

int run(const std::vector<std::string>& arguments) {
  CommandLine line = parse_arguments(arguments);
  if (!line.answer.empty()) {
    fmt::print("{}", line.answer);
    return 0;
  }
  load_jobs(line.invocation, line.command->info().config);
  return line.command->run(line.invocation);
}

}  // namespace

}  // namespace latentcrs

int main(int argc, char** argv) {
  int code = 0;
  try {
    code = latentcrs::run({argv + 1, argv + argc});
  } catch (...) {
    code = latentcrs::report_current_exception();
  }
  // The destructors of LibTorch's statics take a tenth of a second and change nothing.
  std::fflush(nullptr);
  _exit(code);
}
