// A first user's experience: how a run ends, datasets that go only part of the way, checkpoints of another shape, and
// why a stage is made again.
#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "support/subprocess.h"
#include "support/temp_dir.h"

using namespace latentcrs::test;
using Catch::Contains;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

Finished run_latentcrs(std::vector<std::string> words, const fs::path& folder) {
  words.insert(words.begin(), LATENTCRS_BINARY);
  return run_process(
      words,
      {.folder = folder, .environment = {{"LATENTCRS_CONFIG_DIR", source_path("configs")}, {"HOME", folder.string()}}});
}

/// A finished smoke run of tiny, made once; copied where a test changes it.
const TempDir& finished_run() {
  static const TempDir dir;
  static const bool made = [] {
    const Finished run = run_latentcrs({"run", "-c", "tiny", "+profile=smoke"}, dir.path());
    INFO(run.err);
    REQUIRE(run.exit_code == 0);
    write_text(dir / "printed", run.out);
    return true;
  }();
  REQUIRE(made);
  return dir;
}

struct Copy : TempDir {
  Copy() { fs::copy(finished_run() / "outputs", *this / "outputs", fs::copy_options::recursive); }
};

/// Users of 30 products in an order that repeats; the file is ICLRec's, without anything about the products.
void write_sequences(const fs::path& file) {
  std::string text;
  for (int user = 1; user <= 50; ++user) {
    text += std::to_string(user);
    for (int i = 0; i < 8; ++i) text += " " + std::to_string(1 + (user * 7 + i * (1 + user % 3)) % 30);
    text += "\n";
  }
  write_text(file, text);
}

void write_features(const fs::path& file) {
  std::string text = "ItemID\ttitle\tcategories\tdescription\n";
  for (int item = 1; item <= 30; ++item)
    text += std::to_string(item) + "\tProduct number " + std::to_string(item) + "\tSoap,Kind " +
            std::to_string(item % 4) + "\tIt smells of herb " + std::to_string(item) + "\n";
  write_text(file, text);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);)
    if (!line.empty()) lines.push_back(line);
  return lines;
}

}  // namespace

TEST_CASE("a run ends with a few lines, and with its tables where they are asked for", "[first]") {
  const std::string out = read_text(finished_run() / "printed");
  CHECK(lines_of(out).size() <= 15);
  for (const char* part :
       {"latentcrs run -c tiny +profile=smoke\n", "tiny-ml, 289 users", "with text ", "sequence only ", "popularity ",
        "HIT@10", "NDCG@10", " ± ", "SR@5 ", "AT ", "over sequence only", "outputs/tiny/summary.md",
        "latentcrs report outputs/tiny makes outputs/tiny/report.html", "latentcrs compare outputs/tiny\n"})
    CHECK_THAT(out, Contains(part));
  CHECK_THAT(out, !Contains("|"));
  CHECK_THAT(read_text(finished_run() / "outputs/tiny/summary.md"), Contains("One turn, test") && Contains("SR@5"));

  const Copy run;
  const Finished tables = run_latentcrs({"run", "-c", "tiny", "+profile=smoke", "--tables"}, run.path());
  CHECK_THAT(tables.out, Contains("### One turn, test") && Contains("### Multi turn") && Contains(out));
  // The figures are those of the tables.
  const json scores = json::parse(read_text(run / "outputs/tiny/evaluate/one_turn.json")).at("test_seen_kept");
  char line[100];
  for (const char* score : {"with text", "sequence only", "popularity"}) {
    const auto figure = [&](const char* name) { return scores.at(score).at(name).get<double>(); };
    std::snprintf(line, sizeof line, "%-17s%.4f ± %.4f   %.4f ± %.4f\n", score, figure("HIT@10"), figure("HIT@10_ci95"),
                  figure("NDCG@10"), figure("NDCG@10_ci95"));
    CHECK_THAT(out, Contains(line));
  }
  const Finished compared = run_latentcrs({"compare", "outputs/tiny", "--json"}, run.path());
  for (const json& pair : json::parse(compared.out).at("comparisons")) {
    if (pair.at("b") != "sequence only") continue;
    const json& ndcg = pair.at("results").at(3);
    REQUIRE(ndcg.at("metric") == "NDCG@10");
    std::snprintf(line, sizeof line, "NDCG@10 %+.4f [%+.4f, %+.4f] over sequence only",
                  ndcg.at("difference").get<double>(), ndcg.at("ci95").at(0).get<double>(),
                  ndcg.at("ci95").at(1).get<double>());
    CHECK_THAT(out, Contains(line));
  }
  // A stage alone prints its tables still.
  const Finished evaluated = run_latentcrs({"evaluate", "-c", "tiny", "+profile=smoke"}, run.path());
  CHECK_THAT(evaluated.out, Contains("### One turn, test") && !Contains("Asked"));
  CHECK(run_latentcrs({"train", "-c", "tiny", "--tables"}, run.path()).exit_code == 2);
  // The commands that it names work.
  CHECK(run_latentcrs({"report", "outputs/tiny"}, run.path()).exit_code == 0);
  CHECK(fs::exists(run / "outputs/tiny/report.html"));
}

TEST_CASE("pretraining shows both treatments of the history and says which is which", "[first]") {
  const Copy run;
  const Finished pretrain = run_latentcrs({"pretrain", "-c", "tiny", "+profile=smoke"}, run.path());
  CHECK_THAT(pretrain.out, Contains("### Next item by the encoder alone, 289 users, history left out\n") &&
                               Contains("289 users, history among the candidates, as RecBole and RecTools rank\n"));
  const json figures = json::parse(read_text(run / "outputs/tiny/pretrain/next_item.json"));
  for (const char* split : {"valid", "test"})
    CHECK(figures.at("seen_kept").at(split).at("NDCG@10") < figures.at("seen_left_out").at(split).at("NDCG@10"));
  const Finished published =
      run_latentcrs({"pretrain", "-c", "tiny", "+profile=smoke", "compat.seen_items_score_zero=true"}, run.path());
  CHECK_THAT(published.out, Contains("history scored 0, as published"));
}

TEST_CASE("a dataset of sequences alone runs as far as it can, and says so first", "[first]") {
  const TempDir dir;
  write_sequences(dir / "products.txt");
  const std::vector<std::string> settings = {"-c", "beauty", "+profile=smoke", "datasets.interactions=~/products.txt"};
  const auto execute = [&](const std::string& name, std::vector<std::string> more = {}) {
    more.insert(more.begin(), settings.begin(), settings.end());
    more.insert(more.begin(), name);
    return run_latentcrs(more, dir.path());
  };
  const Finished run = execute("run");
  INFO(run.err);
  CHECK(run.exit_code == 0);
  const std::string plan = "this run makes preprocess, pretrain; simulate and evaluate need item features";
  CHECK_THAT(run.err,
             Contains(plan) && Contains("datasets.metadata") && Contains("embed and train need what simulate makes"));
  CHECK(run.err.find(plan) < run.err.find("preprocess: making"));
  CHECK_THAT(run.err, Contains("pretrain: done") && !Contains("simulate: ") && !Contains("error"));
  CHECK_THAT(run.out, Contains("Next item, test") && Contains("history kept") && Contains("Not run ") &&
                          Contains("Next             latentcrs intents -c beauty"));
  CHECK(lines_of(run.out).size() <= 15);
  CHECK_FALSE(fs::exists(dir / "outputs/beauty/simulate"));
  CHECK(execute("run").exit_code == 0);
  CHECK_THAT(execute("run", {"--tables"}).out, Contains("### Next item by the encoder alone"));
  CHECK(execute("intents").exit_code == 0);
  CHECK_THAT(execute("doctor").out, Contains("beauty can run, in part: simulate and evaluate need item features"));

  for (const char* stage : {"simulate", "embed", "train", "evaluate"}) {
    const Finished alone = execute(stage);
    CAPTURE(stage, alone.err);
    CHECK(alone.exit_code == 4);
    CHECK_THAT(alone.err, Contains("simulate") && Contains("item features (a dataset of sequences alone has none"));
  }
  CHECK_THAT(execute("simulate", {"--dry-run"}).err, Contains("the dry run needs item features"));

  write_features(dir / "products.tsv");
  const Finished whole =
      execute("run", {"datasets.metadata=~/products.tsv", "datasets.features_name=products.csv", "neg_sample_size=2"});
  INFO(whole.err);
  CHECK(whole.exit_code == 0);
  CHECK_THAT(whole.out, Contains("with text") && !Contains("Not run"));
}

TEST_CASE("a folder where a file is wanted is named with its setting", "[first]") {
  const TempDir dir;
  fs::create_directories(dir / "folder");
  const Finished run = run_latentcrs({"run", "-c", "beauty", "datasets.interactions=folder"}, dir.path());
  CHECK(run.exit_code == 4);
  CHECK_THAT(run.err, Contains("datasets.interactions: ") && Contains("folder is a folder, not a file"));
}

TEST_CASE("a checkpoint of another shape is an error that says the setting to give, or gives the sizes itself",
          "[first]") {
  const Copy run;
  const std::vector<std::string> smoke = {"pretrain", "-c", "tiny", "+profile=smoke"};
  const auto pretrain = [&](std::vector<std::string> more) {
    more.insert(more.begin(), smoke.begin(), smoke.end());
    return run_latentcrs(more, run.path());
  };
  const Finished deep = pretrain({"pretrain.num_hidden_layers=3"});
  REQUIRE(deep.exit_code == 0);
  fs::copy_file(run / "outputs/tiny/pretrain/ICLRec-tiny-ml.pt", run / "deep.pt");

  const std::vector<std::string> use = {"--evaluate-only", "--checkpoint", "deep.pt"};
  const Finished refused = pretrain(use);
  CHECK(refused.exit_code == 3);
  CHECK_THAT(refused.err, Contains("deep.pt does not fit the settings: pretrain.encoder.num_hidden_layers is 1 (") &&
                              Contains("give pretrain.encoder.num_hidden_layers=3"));
  CHECK(refused.out.empty());

  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.end(), use.begin(), use.end());
    return pretrain(more);
  };
  const Finished given = with({"pretrain.encoder.num_hidden_layers=3"});
  INFO(given.err);
  CHECK(given.exit_code == 0);
  CHECK(given.out == deep.out);
  CHECK_THAT(given.err, !Contains("warning"));
  const Finished none_given = with({"~pretrain.encoder"});
  INFO(none_given.err);
  CHECK(none_given.exit_code == 0);
  CHECK(none_given.out == deep.out);
}

TEST_CASE("a stage that is made again says which settings changed, a line each", "[first]") {
  const Copy run;
  const Finished train = run_latentcrs(
      {"train", "-c", "tiny", "+profile=smoke", "stages.joint.epochs=1", "learning_rate=0.004"}, run.path());
  CHECK_THAT(train.err, Contains("train: making posterior and prior, because\n") &&
                            Contains("  learning_rate was 0.003 and is 0.004\n") &&
                            Contains("  stages.joint.epochs was -1 and is 1\n"));
  CHECK_THAT(train.err, !Contains("{") && !Contains("no_estep"));
  const Finished back = run_latentcrs({"train", "-c", "tiny", "+profile=smoke", "stages.joint.epochs=0"}, run.path());
  CHECK_THAT(back.err, !Contains("no stage trains"));
  const Finished none = run_latentcrs(
      {"train", "-c", "tiny", "+profile=smoke", "stages.joint.epochs=0", "stages.prior.epochs=0"}, run.path());
  CHECK_THAT(none.err, Contains("no stage trains the prior") && !Contains("trains the posterior"));
  CHECK(back.exit_code == 0);
  CHECK_THAT(back.err, Contains("joint: skipped, its epochs are 0"));
  CHECK_THAT(back.out, Contains("| joint") && Contains("skipped"));
}

TEST_CASE("~ in a path is the home folder; that of another user is refused", "[first]") {
  const TempDir dir;
  const Finished finished = run_latentcrs({"preprocess", "-c", "tiny", "output_dir=~/runs/a"}, dir.path());
  INFO(finished.err);
  CHECK(finished.exit_code == 0);
  CHECK(fs::exists(dir / "runs/a/preprocess/manifest.json"));
  CHECK_FALSE(fs::exists(dir / "~"));
  CHECK(run_latentcrs({"report", "runs/a", "--out=~/page.html"}, dir.path()).exit_code == 0);
  CHECK(fs::exists(dir / "page.html"));
  const Finished other = run_latentcrs({"preprocess", "-c", "tiny", "output_dir='~nobody/a'"}, dir.path());
  CHECK(other.exit_code == 3);
  CHECK_THAT(other.err, Contains("output_dir: begins with ~nobody"));
  CHECK(run_latentcrs({"report", "runs/a", "--out=~nobody/page.html"}, dir.path()).exit_code == 2);
}
