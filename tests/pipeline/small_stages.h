// Stages made for tests: each writes one small file and counts how often it ran.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/util/files.h"
#include "experiment/pipeline/stage_runner.h"
#include "experiment/stages/device.h"
#include "support/temp_dir.h"

namespace latentcrs::test {

/// A run folder, its config and the stages `first` and `second`. The result of first depends on random_seed and on
/// input.txt; second reads the file of first.
class SmallRun {
 public:
  SmallRun() {
    loaded.config.output_dir = (dir / "run").string();
    loaded.config.datasets.dataset_name = "small";
    loaded.config.threads = threads_in_use();
    loaded.file = dir / "small.yaml";
    write_text(dir / "input.txt", "in");
    stages = {make_stage("first", {}, dir / "input.txt"), make_stage("second", {"first"}, output("first"))};
  }

  StageContext context() const { return make_context(loaded, c10::kCPU); }
  std::filesystem::path folder(const std::string& stage) const { return dir / "run" / stage; }
  std::filesystem::path output(const std::string& stage) const { return folder(stage) / "out.txt"; }
  bool is_finished(const std::string& stage) const {
    const auto manifest = read_manifest(folder(stage));
    return manifest && manifest->complete();
  }

  /// Brings the first stage up to date.
  StageOutcome update_first(const RunFlags& flags = {}) { return bring_up_to_date(stages[0], context(), flags); }
  StageOutcome update_first_with_seed(int64_t seed) {
    loaded.config.random_seed = seed;
    return update_first();
  }

  TempDir dir;
  LoadedConfig loaded;
  std::vector<Stage> stages;
  std::map<std::string, int> runs = {};  ///< how often each stage ran

 private:
  Stage make_stage(const std::string& name, std::vector<std::string> needed, std::filesystem::path input) {
    StageInfo info{.name = name, .makes = "a file", .help = "", .details = ""};
    return {.info = std::move(info),
            .needs = {.stages = std::move(needed)},
            .settings =
                [](const StageContext& c) {
                  return nlohmann::json{{"seed", c.config.random_seed}};
                },
            .inputs = [input](const StageContext&) { return std::vector{input}; },
            .run = [this, name](const StageContext& c) -> StageOutcome {
              ++runs[name];
              write_text(output(name), name + " of seed " + std::to_string(c.config.random_seed));
              return {};
            }};
  }
};

}  // namespace latentcrs::test
