// A program outside this tree that embeds the recommender, built against an installation.
#include <catch2/catch.hpp>

#include "support/subprocess.h"
#include "support/temp_dir.h"

using namespace latentcrs::test;
namespace fs = std::filesystem;
using Catch::Matchers::Contains;

namespace {

void require_success(const Finished& finished) {
  INFO(finished.out + finished.err);
  REQUIRE(finished.exit_code == 0);
}

/// Runs the example with `words` on standard input.
Finished run_example(const fs::path& program, const fs::path& run_folder, const std::string& titles,
                     const std::string& words) {
  const std::string command = "printf '%s\\n' \"$4\" | \"$1\" \"$2\" \"$3\"";
  return run_process({"/bin/sh", "-c", command, "sh", program.string(), run_folder.string(), titles, words});
}

}  // namespace

TEST_CASE("a program with find_package(latentcrs) recommends from a run", "[cli][api]") {
  const TempDir temp;
  const std::string prefix = (temp / "prefix").string(), build = (temp / "build").string();
  for (const std::string component : {"libraries", "development"})
    require_success(
        run_process({"cmake", "--install", LATENTCRS_BUILD_FOLDER, "--prefix", prefix, "--component", component}));
  // Moved after its installation, like everything that is installed.
  const std::string moved = (temp / "moved").string();
  fs::rename(prefix, moved);
  require_success(run_process({"cmake", "-S", source_path("examples/recommend").string(), "-B", build,
                               "-DCMAKE_PREFIX_PATH=" + moved, "-DCMAKE_CXX_COMPILER=" LATENTCRS_COMPILER}));
  require_success(run_process({"cmake", "--build", build}));
  const fs::path program = fs::path(build) / "recommend";

  const fs::path run_folder = temp / "run";
  require_success(
      run_process({LATENTCRS_BINARY, "run", "-q", "-c", source_path("configs/tiny.yaml").string(), "pretrain.epochs=2",
                   "epochs=2", "evaluate.multi_turn=false", "exp_name=embedded", "output_dir=" + run_folder.string()}));
  const std::string features = read_text(run_folder / "preprocess/movie_features.csv");
  const size_t row = features.find('\n') + 1, title = features.find('\t', row) + 1;
  const std::string liked = features.substr(title, features.find('\t', title) - title);

  const Finished finished = run_example(program, run_folder, liked, "I would like a comedy.");
  require_success(finished);
  CHECK_THAT(finished.out, Contains("embedded: ") && Contains("movies") && Contains("liked: " + liked));
  CHECK_THAT(finished.out, Contains("From the history alone:\n  1. ") && Contains("  5. "));
  CHECK_THAT(finished.out, Contains("> I would like a comedy.\n  1. ") && Contains("  intent "));
  CHECK(finished.err.empty());

  fs::remove_all(run_folder / "train");
  const Finished failed = run_example(program, run_folder, liked, "");
  CHECK(failed.exit_code == 1);
  CHECK_THAT(failed.err, Contains("recommend: train has not been run in " + run_folder.string()));
}
