// Files from elsewhere that a user puts into a run's folder: some are taken, some reported, some refused.
#include <catch2/catch.hpp>
#include <map>
#include <nlohmann/json.hpp>

#include "base/util/files.h"
#include "support/subprocess.h"
#include "support/temp_dir.h"

using namespace latentcrs::test;
using Catch::Contains;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

std::vector<std::string> command(const std::string& name, const std::vector<std::string>& more = {}) {
  std::vector<std::string> words = {LATENTCRS_BINARY, name, "--config", source_path("configs/tiny.yaml")};
  words.insert(words.end(), {"+profile=smoke", "threads=1", "exp_name=short"});
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

/// A finished run, made once, and its standard error.
struct Finish {
  TempDir dir;
  std::string err;

  Finish() {
    const Finished run = run_process(command("run"), {.folder = dir.path()});
    INFO(run.err);
    REQUIRE(run.exit_code == 0);
    err = run.err;
  }
};
const Finish& finished_run() {
  static const Finish run;
  return run;
}

/// A copy of the finished run, to put other files into.
class Run {
 public:
  Run() { fs::copy(finished_run().dir / "outputs", dir_ / "outputs", fs::copy_options::recursive); }

  fs::path operator/(const std::string& file) const { return dir_ / ("outputs/short/" + file); }
  Finished execute(const std::string& name, const std::vector<std::string>& more = {}) const {
    return run_process(command(name, more), {.folder = dir_.path()});
  }
  json read_json(const std::string& file) const { return json::parse(read_text(*this / file)); }

  std::vector<json> lines(const std::string& file) const {
    std::vector<json> all;
    latentcrs::LineReader reader(*this / file);
    for (std::string_view line; reader.next(line);) all.push_back(json::parse(line));
    return all;
  }
  void write_lines(const std::string& file, const std::vector<json>& all) const {
    std::string text;
    for (const json& line : all) text += line.dump() + "\n";
    write_text(*this / file, text);
  }

 private:
  TempDir dir_;
};

const std::string kTest = "simulate/processed_data/tiny-ml_raw_seedtest.jsonl";
const std::string kCombination = "simulate/processed_data/tiny-ml_combination.jsonl";
const std::string kEvaluation = "evaluate.multi_turn=false";

/// Title of every item, with its year.
std::map<std::string, std::string> titles() {
  std::map<std::string, std::string> found;
  latentcrs::LineReader reader(source_path("data/tiny/ml/movies.dat"));
  for (std::string_view line; reader.next(line);) {
    const std::string text(line);
    const size_t first = text.find("::"), second = text.find("::", first + 2);
    found[text.substr(0, first)] = text.substr(first + 2, second - first - 2);
  }
  return found;
}

int users_of(const json& table) { return table.at("with text").at("users").get<int>(); }

}  // namespace

TEST_CASE("a run of one's own says nothing of the layers it writes for the published code", "[imported]") {
  CHECK_THAT(finished_run().err, !Contains("nothing is computed with") && !Contains("no reply"));
}

TEST_CASE("replies without a flag are checked for the title in one turn too", "[imported]") {
  const Run run;
  const auto known = titles();
  std::vector<json> lines = run.lines(kTest);
  int given_away = 0;
  for (json& line : lines) {
    if (given_away == 10 || line.contains("leaks_title")) continue;
    line["response"] = "I would love to see \"" + known.at(line.at("target")) + "\" tonight.";
    ++given_away;
  }
  run.write_lines(kTest, lines);
  const int before = users_of(run.read_json("evaluate/one_turn.json").at("test_seen_kept_without_leaks"));

  const Finished evaluation = run.execute("evaluate", {kEvaluation});
  INFO(evaluation.err);
  REQUIRE(evaluation.exit_code == 0);
  const json tables = run.read_json("evaluate/one_turn.json");
  CHECK(users_of(tables.at("test_seen_kept")) == 289);
  CHECK(users_of(tables.at("test_seen_kept_without_leaks")) == before - 10);
}

TEST_CASE("utterances about other sequences than the dataset's are refused", "[imported]") {
  const Run run;
  const auto refused = [&](const std::string& stage, const std::string& file, const std::vector<json>& lines,
                           const std::string& reason) {
    run.write_lines(file, lines);
    const Finished finished = run.execute(stage, {kEvaluation});
    CHECK(finished.exit_code == 4);
    CHECK_THAT(finished.err, Contains(fs::path(file).filename().string() + ": " + reason));
  };
  std::vector<json> lines = run.lines(kTest);
  const std::vector<json> test = lines;
  const std::string id = lines[0].at("customer_id");
  std::swap(lines[0]["target"], lines[1]["target"]);
  refused("evaluate", kTest, lines, "2 of 289 have another history or target than the dataset's split (first: " + id);
  lines = test;
  lines[0]["target"] = "99999";
  refused("evaluate", kTest, lines,
          "1 of 289 name an item that the dataset does not have (first: " + id + ", item 99999)");
  run.write_lines(kTest, test);

  lines = run.lines(kCombination);
  json& history = lines.back()["history"];
  history.erase(history.begin());
  refused("train", kCombination, lines, "1 of " + std::to_string(lines.size()) + " have another history or target");
}

TEST_CASE("missing replies are counted wherever results are shown", "[imported]") {
  const Run run;
  std::vector<json> lines = run.lines(kTest);
  REQUIRE(lines.size() == 289);
  lines[0]["response"] = "";  // one that is there and empty, and 188 that are not there, as in published files
  lines.resize(101);
  run.write_lines(kTest, lines);

  const Finished kept = run.execute("evaluate", {"datasets.multi_turn_users=100"});
  INFO(kept.err);
  REQUIRE(kept.exit_code == 0);
  CHECK_THAT(kept.err, Contains("warning: evaluate: 189 of 289 test records have no reply"));
  CHECK_THAT(read_text(run / "run.log"), Contains("189 of 289 test records have no reply"));
  CHECK_THAT(read_text(run / "evaluate/summary.md"),
             Contains("289 users, 189 of them without a reply") && Contains("of 100 end with a missing reply"));
  CHECK(users_of(run.read_json("evaluate/one_turn.json").at("test_seen_kept")) == 289);
  const json dialogues = run.read_json("evaluate/multi_turn.json").at("all");
  CHECK(dialogues.at("users") == 100);
  CHECK(dialogues.at("missing_replies") > 40);

  const Finished dropped =
      run.execute("evaluate", {"datasets.multi_turn_users=101", "compat.drop_missing_replies=true"});
  INFO(dropped.err);
  REQUIRE(dropped.exit_code == 0);
  CHECK_THAT(dropped.err, Contains("189 of 289 test records have no reply and are left out"));
  CHECK_THAT(read_text(run / "evaluate/summary.md"),
             Contains("100 users, 189 without a reply left out") && Contains(", 1 left out for a missing reply"));
  const json score = run.read_json("evaluate/one_turn.json").at("test_seen_kept").at("with text");
  CHECK(score.at("users") == 100);
  CHECK(score.at("dropped") == 189);
  // Published: the sample is drawn from the file's lines, so only the empty one of them can be left out.
  const json fewer = run.read_json("evaluate/multi_turn.json").at("all");
  CHECK(fewer.at("users") == 100);
  CHECK(fewer.at("missing_replies") == 0);
  CHECK(fewer.at("dropped") == 1);
}

TEST_CASE("training says how many replies it lacks", "[imported]") {
  const Run run;
  std::vector<json> lines = run.lines(kCombination);
  const std::string all = std::to_string(lines.size());
  lines[0]["response"] = "";
  lines.pop_back();
  run.write_lines(kCombination, lines);
  const Finished train = run.execute("train");
  INFO(train.err);
  CHECK(train.exit_code == 0);
  CHECK_THAT(train.err, Contains("warning: train: 2 of " + all + " training records have no reply and are left out"));
}

TEST_CASE("embeddings of another width are refused by name", "[imported]") {
  const Run run, other;
  REQUIRE(other.execute("embed", {"embed.text_embedding_dim=24"}).exit_code == 0);
  const auto refused = [&](const std::string& stage, const std::vector<std::string>& settings) {
    const Finished finished = run.execute(stage, settings);
    CHECK(finished.exit_code == 4);
    return finished.err;
  };
  CHECK_THAT(refused("evaluate", {"embed.text_embedding_dim=24"}),
             Contains("have width 32") && Contains("embed.provider=offline") && Contains("with width 24") &&
                 Contains("evaluate.multi_turn=false"));
  CHECK(run.execute("evaluate", {"embed.text_embedding_dim=24", kEvaluation}).exit_code == 0);

  for (const auto& [key, stage] : {std::pair<std::string, std::string>{"test", "evaluate"}, {"valid", "train"}}) {
    const std::string file = "embed/embedding_cache/raw_" + key + ".pt";
    const std::string original = read_text(run / file);
    write_text(run / file, read_text(other / file));
    CHECK_THAT(refused(stage, {}),
               Contains("raw_" + key + ".pt holds vectors of width 24, but") && Contains("raw_raw.pt of width 32"));
    write_text(run / file, original);
  }
}

TEST_CASE("centres that are not finite are refused", "[imported]") {
  const Run run;
  const fs::path file = run / "pretrain/ICLRec-tiny-ml_clusters/centers.npy";
  std::string bytes = read_text(file);
  bytes.replace(bytes.size() - 4, 4, std::string("\0\0\xC0\x7F", 4));
  write_text(file, bytes);
  const Finished finished = run.execute("train");
  CHECK(finished.exit_code == 4);
  CHECK_THAT(finished.err, Contains("centers.npy holds a value that is not finite"));
}

TEST_CASE("networks from elsewhere are evaluated where they lie", "[imported]") {
  const Run run;
  const json before = run.read_json("evaluate/one_turn.json");
  const Run other;
  REQUIRE(other.execute("train", {"random_seed=7"}).exit_code == 0);
  for (const char* file : {"train/short_inference.pt", "train/short_prior.pt"})
    write_text(run / file, read_text(other / file));
  const Finished evaluation = run.execute("evaluate", {kEvaluation});
  INFO(evaluation.err);
  REQUIRE(evaluation.exit_code == 0);
  CHECK(run.read_json("evaluate/one_turn.json") != before);
}

TEST_CASE("a blank reply counts as none everywhere, and the first is named", "[imported]") {
  const Run run;
  std::vector<json> lines = run.lines(kTest);
  lines[0]["response"] = " \n\t ";
  run.write_lines(kTest, lines);
  const Finished embed = run.execute("embed");
  INFO(embed.err);
  REQUIRE(embed.exit_code == 0);
  CHECK_THAT(embed.err, Contains("tiny-ml_raw_seedtest.jsonl:1: the response is blank, the first of 1 among 289"));
  const Finished evaluation = run.execute("evaluate", {kEvaluation});
  INFO(evaluation.err);
  REQUIRE(evaluation.exit_code == 0);
  CHECK_THAT(evaluation.err, Contains("1 of 289 test records have no reply"));
  lines[1]["response"] = nullptr;
  run.write_lines(kTest, lines);
  const Finished refused = run.execute("evaluate", {kEvaluation});
  CHECK(refused.exit_code == 4);
  CHECK_THAT(refused.err, Contains("tiny-ml_raw_seedtest.jsonl:2: its response is null"));
}

TEST_CASE("an encoder's configuration is checked before training begins", "[imported]") {
  const Run run;
  const fs::path file = run / "pretrain/ICLRec-tiny-ml_config.json";
  const json right = json::parse(read_text(file));
  const auto refused = [&](const std::string& key, const json& value, const std::string& reason) {
    json changed = right;
    changed[key] = value;
    write_text(file, changed.dump());
    const Finished finished = run.execute("train");
    CHECK(finished.exit_code == 4);
    CHECK_THAT(finished.err, Contains("ICLRec-tiny-ml_config.json: " + key + " " + reason));
  };
  refused("hidden_dropout_prob", 1.5, "must lie in [0, 1), got 1.5");
  refused("item_size", right.at("item_size").get<int>() + 1, "is ");
}

TEST_CASE("repeated interactions are said on the terminal and in the summary, and left out on request", "[imported]") {
  const Run run;
  const TempDir data;
  const std::string ratings = read_text(source_path("data/tiny/ml/ratings.dat"));
  write_text(data / "ratings.dat", ratings + ratings);
  const std::string setting = "datasets.interactions=" + (data / "ratings.dat").string();
  const std::string once = read_text(run / "preprocess/tiny-ml.csv");
  const Finished kept = run.execute("preprocess", {setting});
  INFO(kept.err);
  REQUIRE(kept.exit_code == 0);
  CHECK_THAT(kept.err, Contains("warning: tiny-ml: ") &&
                           Contains("interactions repeat an item that the user had before") &&
                           Contains("datasets.repeats=first or last"));
  CHECK_THAT(read_text(run / "preprocess/summary.md"), Contains("repeats among them"));
  CHECK(read_text(run / "preprocess/tiny-ml.csv") != once);
  const Finished dropped = run.execute("preprocess", {setting, "datasets.repeats=first"});
  INFO(dropped.err);
  REQUIRE(dropped.exit_code == 0);
  CHECK_THAT(dropped.err, !Contains("warning: tiny-ml: "));
  CHECK(read_text(run / "preprocess/tiny-ml.csv") == once);
}
