#include <fmt/format.h>

#include "cli/commands.h"
#include "report/run_report.h"
#include "util/error.h"
#include "util/files.h"

namespace latentcrs {

int command_report(const Invocation& invocation) {
  if (invocation.runs.empty()) throw usage_error("latentcrs report needs the folder of a run: latentcrs report RUN…");
  const std::vector<fs::path> runs(invocation.runs.begin(), invocation.runs.end());
  const fs::path page = invocation.out.empty() ? runs.front() / "report.html" : fs::path(invocation.out);
  write_file_atomically(page, render_report(runs, ResamplingOptions{}));
  fmt::print("The report is in {}\n", page.string());
  return 0;
}

}  // namespace latentcrs
