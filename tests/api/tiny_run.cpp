#include "api/tiny_run.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "datasets/data/splits.h"
#include "experiment/pipeline/pipeline.h"
#include "experiment/run/run_folder.h"
#include "experiment/run/stage_info.h"
#include "support/temp_dir.h"

namespace latentcrs::test {

namespace {

/// Sends standard output to /dev/null while it lives.
class SilentOutput {
 public:
  SilentOutput() {
    std::fflush(stdout);
    const int nothing = open("/dev/null", O_WRONLY);
    dup2(nothing, STDOUT_FILENO);
    close(nothing);
  }
  ~SilentOutput() {
    std::fflush(stdout);
    dup2(output_, STDOUT_FILENO);
    close(output_);
  }
  SilentOutput(const SilentOutput&) = delete;
  SilentOutput& operator=(const SilentOutput&) = delete;

 private:
  const int output_ = dup(STDOUT_FILENO);
};

TinyRun make_tiny_run(const std::filesystem::path& folder) {
  TinyRun run{
      .loaded = load_config(source_path("configs/tiny.yaml").string(),
                            {"exp_name=api", "tensorboard=false", text_override("output_dir", folder.string())}),
      .folder = folder,
      .interactions = {},
      .test = {}};
  const SilentOutput silent;
  run_stages(run.loaded, stage_names(), {});
  const RunFolder files(folder, run.loaded.config.datasets);
  run.interactions = read_interactions(files.interactions());
  run.test = read_utterances(files.utterances("test"));
  return run;
}

}  // namespace

std::vector<int64_t> TinyRun::history_of(int64_t user) const {
  const auto row = std::find(interactions.user_ids.begin(), interactions.user_ids.end(), user);
  const auto items = interactions.sequence(row - interactions.user_ids.begin());
  return {items.begin(), items.end() - 1};
}

const TinyRun& tiny_run() {
  static const TempDir temp;
  static const TinyRun run = make_tiny_run(temp / "run");
  return run;
}

}  // namespace latentcrs::test
