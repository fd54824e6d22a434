// The files of others in ../shared/cases beside the checkout, each put into a run of the program: skipped without them.
#include <catch2/catch.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/util/files.h"
#include "support/subprocess.h"
#include "support/temp_dir.h"

using namespace latentcrs::test;
using Catch::Contains;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

fs::path cases() { return real_data_dir().empty() ? fs::path() : real_data_dir().parent_path() / "cases/files"; }

/// The run of case.yaml, made once.
const TempDir& base_run() {
  static const TempDir dir;
  if (fs::exists(dir / "out")) return dir;
  for (const char* file : {"case.yaml", "ratings.dat", "movies.dat"}) write_text(dir / file, read_text(cases() / file));
  const Finished run = run_process({LATENTCRS_BINARY, "run", "-c", "case.yaml"}, {.folder = dir.path()});
  INFO(run.err);
  REQUIRE(run.exit_code == 0);
  return dir;
}

/// A folder with some stages of that run, to put a file into.
class Run {
 public:
  explicit Run(const std::vector<std::string>& stages) {
    const TempDir& base = base_run();
    for (const char* file : {"case.yaml", "ratings.dat", "movies.dat"}) fs::copy(base / file, dir_ / file);
    fs::create_directory(dir_ / "r");
    for (const std::string& stage : stages)
      fs::copy(base / ("out/case/" + stage), dir_ / ("r/" + stage), fs::copy_options::recursive);
  }
  fs::path operator/(const std::string& file) const { return dir_ / ("r/" + file); }
  void put(const std::string& file, const std::string& as) const { write_text(*this / as, read_text(cases() / file)); }

  Finished stage(const std::string& name, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {LATENTCRS_BINARY, name,           "-c",
                                      "case.yaml",      "output_dir=r", "evaluate.multi_turn=false"};
    words.insert(words.end(), more.begin(), more.end());
    return run_process(words, {.folder = dir_.path()});
  }

 private:
  TempDir dir_;
};

const std::vector<std::string> kBeforeTraining = {"preprocess", "pretrain", "simulate", "embed"};

/// The one line of an output that holds `part`.
std::string line_with(const std::string& output, const std::string& part) {
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);)
    if (line.find(part) != std::string::npos) return line;
  return {};
}

void check_refused(const Finished& finished, const std::vector<std::string>& parts) {
  INFO(finished.err);
  CHECK(finished.exit_code == 4);
  const std::string line = line_with(finished.err, "error: ");
  for (const std::string& part : parts) CHECK_THAT(line, Contains(part));
}

std::string encoder_figures(const std::string& file) {
  const Run run({"preprocess"});
  const Finished finished = run.stage("pretrain", {"pretrain.checkpoint=" + (cases() / "encoder" / file).string()});
  INFO(finished.err);
  REQUIRE(finished.exit_code == 0);
  const std::string line = line_with(finished.err, "pretrain: test, the history left out");
  return line.substr(line.find("HIT@"));
}

}  // namespace

TEST_CASE("cases: encoders", "[cases]") {
  if (!fs::exists(cases())) return;
  const std::string right = encoder_figures("right.pt");
  for (const char* file : {"module.pt", "wrapped_model.pt", "parameter_note.pt"}) CHECK(encoder_figures(file) == right);
  CHECK(encoder_figures("negative.pt") == encoder_figures("negative_right.pt"));
  CHECK(encoder_figures("negative.pt") != right);
  const auto refused = [](const std::string& file, const std::string& reason) {
    const Run run({"preprocess"});
    check_refused(run.stage("pretrain", {"pretrain.checkpoint=" + (cases() / "encoder" / file).string()}),
                  {file + ": ", reason});
  };
  refused("int8.pt", "item_embeddings.weight holds numbers of type Char");
  refused("int8_scale.pt", "holds numbers of type Char");
  const Run deeper({"preprocess"});  // the settings of `tiny` say one layer
  const Finished extra =
      deeper.stage("pretrain", {"pretrain.checkpoint=" + (cases() / "encoder/extra_layer.pt").string()});
  CHECK(extra.exit_code == 3);
  CHECK_THAT(extra.err, Contains("extra_layer.pt does not fit the settings") &&
                            Contains("give pretrain.encoder.num_hidden_layers=2"));

  const Run run(kBeforeTraining);
  run.put("encoder/dropout_1.5_config.json", "pretrain/ICLRec-tiny-ml_config.json");
  check_refused(run.stage("train", {"frozen_encoder_dropout=true"}),
                {"ICLRec-tiny-ml_config.json: ", "_dropout_prob must lie in [0, 1), got 1.5"});
}

TEST_CASE("cases: intent centres", "[cases]") {
  if (!fs::exists(cases())) return;
  const auto train = [](const std::string& file) {
    const Run run(kBeforeTraining);
    run.put("centers/" + file, "pretrain/ICLRec-tiny-ml_clusters/centers.npy");
    fs::remove(run / "pretrain/ICLRec-tiny-ml_clusters/intents.faissindex");
    return run.stage("train");
  };
  const Finished right = train("right.npy"), raw = train("raw.npy");
  INFO(raw.err);
  CHECK(right.exit_code == 0);
  CHECK(raw.exit_code == 0);
  CHECK_THAT(raw.err, Contains("4 of 4 intent centres have another length than 1 (0.4 to 5) and are normalised"));
  const std::string joint = line_with(right.out + right.err, "joint  ");
  CHECK_FALSE(joint.empty());
  CHECK(line_with(raw.out + raw.err, "joint  ") == joint);
  check_refused(train("int64.npy"), {"centers.npy holds numbers of type Long"});
}

TEST_CASE("cases: sequences and item features", "[cases]") {
  if (!fs::exists(cases())) return;
  const Run third({"preprocess"});
  third.put("sequences/length_column.csv", "preprocess/tiny-ml.csv");
  check_refused(third.stage("pretrain"), {"tiny-ml.csv:1: ", "third column"});
  const Run latin1({"preprocess"});
  latin1.put("features/latin1.csv", "preprocess/movie_features.csv");
  check_refused(latin1.stage("simulate"), {"movie_features.csv:", "is not UTF-8"});
  const Run untitled({"preprocess"});
  untitled.put("features/no_title.csv", "preprocess/movie_features.csv");
  const Finished simulated = untitled.stage("simulate");
  INFO(simulated.err);
  CHECK(simulated.exit_code == 0);
  CHECK_THAT(simulated.err, Contains("movie_features.csv:6: item 5 has no title, the first of 1 among 30 items"));
}

TEST_CASE("cases: embeddings and networks", "[cases]") {
  if (!fs::exists(cases())) return;
  const auto train = [](const std::string& folder, Finished& finished) {
    const Run run(kBeforeTraining);
    for (const auto& file : fs::directory_iterator(cases() / "embeddings" / folder))
      write_text(run / ("embed/embedding_cache/" + file.path().filename().string()), read_text(file.path()));
    finished = run.stage("train");
    return finished.exit_code == 0 ? latentcrs::sha256_file(run / "train/case_prior.pt") : std::string();
  };
  Finished finished;
  const std::string base = latentcrs::sha256_file(base_run() / "out/case/train/case_prior.pt");
  const std::string negative = train("negative", finished);
  INFO(finished.err);
  CHECK_FALSE(negative.empty());
  CHECK(negative == train("negative_right", finished));
  CHECK(negative != base);
  train("device_beside", finished);
  CHECK(finished.exit_code == 0);
  train("width_0", finished);
  check_refused(finished, {"its embeddings have width 0"});

  std::vector<std::string> stages = kBeforeTraining;
  stages.push_back("train");
  const Run run(stages);
  fs::remove(run / "train/manifest.json");
  run.put("networks/int8_inference.pt", "train/case_inference.pt");
  check_refused(run.stage("evaluate"), {"case_inference.pt: intent_embedding holds numbers of type Char"});
}

TEST_CASE("cases: users who have nearly the whole catalogue", "[cases]") {
  const fs::path report = cases().parent_path() / "reports/nearly-whole-catalogue";
  if (cases().empty() || !fs::exists(report)) return;
  const TempDir dir;
  std::string movies;
  for (int id = 1; id <= 60; ++id) movies += std::to_string(id) + "::Film " + std::to_string(id) + " (1990)::Drama\n";
  write_text(dir / "movies.dat", movies);
  const auto run = [&](const std::vector<std::string>& more) {
    std::vector<std::string> words = {LATENTCRS_BINARY, "run",      "-c", source_path("configs/tiny.yaml"),
                                      "+profile=smoke", "threads=1"};
    words.insert(words.end(), {"datasets.interactions=" + (report / "ratings.dat").string(),
                               "datasets.metadata=" + (dir / "movies.dat").string(), "output_dir=r",
                               "pretrain.num_intent_clusters=[4]", "evaluate.multi_turn=false"});
    words.insert(words.end(), more.begin(), more.end());
    return run_process(words, {.folder = dir.path()});
  };
  const Finished whole = run({});
  INFO(whole.err);
  CHECK(whole.exit_code == 0);
  check_refused(run({"full_catalogue_loss=false"}),
                {"to draw negatives from", "full_catalogue_loss=false", "neg_sample_size"});
}
