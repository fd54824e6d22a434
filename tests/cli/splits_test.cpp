// Datasets without words, other splits than leave-one-out, sampled ranks and exports, by the real program.
#include <catch2/catch.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "support/subprocess.h"
#include "support/temp_dir.h"

using namespace latentcrs::test;
using Catch::Matchers::Contains;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

/// The invented ratings as a CSV of four columns, and nothing about the items.
void write_log(const fs::path& path) {
  std::istringstream ratings(read_text(source_path("data/tiny/ml/ratings.dat")));
  std::string text = "customer_id,sku,score,ts\n";
  for (std::string line; std::getline(ratings, line);) {
    for (size_t at; (at = line.find("::")) != std::string::npos;) line.replace(at, 2, ",");
    text += line + "\n";
  }
  write_text(path, text);
}

/// A folder with a log and a config for it.
class Work {
 public:
  Work() {
    write_log(dir_ / "log.csv");
    write_text(dir_ / "mine.yaml",
               "defaults: [tiny, _self_]\nexp_name: mine\noutput_dir: " + (dir_ / "run").string() +
                   "\ndatasets:\n  dataset_name: mine\n  format: csv\n  interactions: " + (dir_ / "log.csv").string() +
                   "\n  metadata: ''\n  features_name: ''\n  columns: {user: customer_id, item: sku, rating: score, "
                   "time: ts}\ntensorboard: false\n");
  }
  fs::path operator/(const std::string& name) const { return dir_ / name; }

  Finished run(const std::string& command, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {LATENTCRS_BINARY, command, "-c", (dir_ / "mine.yaml").string()};
    words.insert(words.end(), more.begin(), more.end());
    return run_process(words, {.folder = source_path(".")});
  }

 private:
  TempDir dir_;
};

std::vector<std::vector<std::string>> rows_of(const fs::path& file, char separator) {
  std::vector<std::vector<std::string>> rows;
  std::istringstream text(read_text(file));
  for (std::string line; std::getline(text, line);) {
    rows.emplace_back();
    std::istringstream cells(line);
    for (std::string cell; std::getline(cells, cell, separator);) rows.back().push_back(cell);
  }
  return rows;
}

}  // namespace

TEST_CASE("a CSV without an item file goes to the tables, split by time and ranked among drawn items",
          "[cli][splits]") {
  const Work work;
  const std::vector<std::string> settings = {"+profile=smoke", "datasets.split.by=time",
                                             "datasets.split.valid_from=0.7", "datasets.split.test_from=0.85",
                                             "evaluate.sampled_negatives=20"};
  const Finished finished = work.run("run", settings);
  CAPTURE(finished.err, finished.out);
  REQUIRE(finished.exit_code == 0);
  CHECK_THAT(finished.err, Contains("items come without words"));
  CHECK_THAT(finished.out, Contains("SAMPLED: ranked among 20 drawn items"));

  // A record for each target, all of them after the training part of their users.
  const auto parts = rows_of(work / "run/preprocess/mine_parts.tsv", '\t');
  std::map<std::string, int> tests;
  int all = 0;
  for (size_t u = 1; u < parts.size(); ++u) {
    const int before = std::stoi(parts[u][1]) + std::stoi(parts[u][2]), test = std::stoi(parts[u][3]);
    tests[parts[u][0]] = before == 0 ? std::max(test - 1, 0) : test;
    all += tests[parts[u][0]];
  }
  const auto ranks = rows_of(work / "run/evaluate/ranks_test_seen_kept.tsv", '\t');
  CHECK(static_cast<int>(ranks.size()) == all + 1);
  std::map<std::string, int> ranked;
  for (size_t i = 1; i < ranks.size(); ++i) {
    ++ranked[ranks[i][0].substr(0, ranks[i][0].find('_'))];
    for (size_t c = 3; c < ranks[i].size(); ++c) CHECK((std::stoi(ranks[i][c]) >= 0 && std::stoi(ranks[i][c]) <= 21));
  }
  for (const auto& [user, count] : ranked) CHECK(tests[user] == count);

  const std::string summary = read_text(work / "run/summary.md");
  CHECK_THAT(summary, Contains(" targets of ") && Contains("SAMPLED: ranked among 20 drawn items"));
  const json report = json::parse(read_text(work / "run/evaluate/one_turn.json"));
  for (const auto& [table, rows] : report.items())
    for (const auto& [row, figures] : rows.items()) CHECK(figures.at("sampled_negatives") == 20);

  // The marks follow the figures, and sampled ranks are not compared with those among all items.
  const std::string run = (work / "run").string();
  const Finished compared = run_process({LATENTCRS_BINARY, "compare", run});
  CHECK_THAT(compared.out, Contains("SAMPLED"));
  REQUIRE(run_process({LATENTCRS_BINARY, "report", run}).exit_code == 0);
  CHECK_THAT(read_text(work / "run/report.html"), Contains("SAMPLED: among 20 drawn items"));
  fs::create_directories(work / "other/evaluate");
  fs::copy_file(work / "run/evaluate/ranks_test_seen_kept.tsv", work / "other/evaluate/ranks_test_seen_kept.tsv");
  const Finished refused = run_process({LATENTCRS_BINARY, "compare", run, (work / "other").string()});
  CHECK(refused.exit_code == 4);
  CHECK_THAT(refused.err, Contains("evaluate.sampled_negatives"));
}

TEST_CASE("settings of a split that do not fit exit with 3", "[cli][splits]") {
  const Work work;
  for (const auto& [overrides, message] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"datasets.split.by=column"}, "datasets.split.column"},
           {{"datasets.split.column=part"}, "of no use with datasets.split.by=leave_one_out"},
           {{"datasets.split.by=files"}, "datasets.split.test"},
           {{"datasets.split.by=time", "datasets.sort_by_time=false"}, "datasets.sort_by_time"},
           {{"datasets.split.by=chance"}, "leave_last"}}) {
    const Finished finished = work.run("preprocess", overrides);
    CAPTURE(message, finished.err);
    CHECK(finished.exit_code == 3);
    CHECK_THAT(finished.err, Contains(message));
  }
}

TEST_CASE("export writes one dataset in each form", "[cli][export]") {
  const Work work;
  CHECK(work.run("export", {"--to", "csv"}).exit_code == 4);  // before preprocess
  CHECK(work.run("export").exit_code == 2);
  CHECK(work.run("export", {"--to", "spss"}).exit_code == 2);
  REQUIRE(work.run("preprocess").exit_code == 0);
  for (const char* form : {"csv", "recbole", "rectools"}) {
    const Finished finished = work.run("export", {"--to", form});
    CAPTURE(finished.err);
    REQUIRE(finished.exit_code == 0);
  }
  const auto sequences = rows_of(work / "run/preprocess/mine.csv", '\t');
  const auto csv = rows_of(work / "run/export/csv/interactions.csv", ',');
  const auto recbole = rows_of(work / "run/export/recbole/mine/mine.inter", '\t');
  const auto rectools = rows_of(work / "run/export/rectools/interactions.csv", ',');
  CHECK(recbole[0] == std::vector<std::string>{"user_id:token", "item_id:token", "timestamp:float"});
  REQUIRE(recbole.size() == csv.size());
  REQUIRE(rectools.size() == csv.size());
  size_t row = 1;
  for (const auto& user : sequences) {
    std::istringstream items(user[1]);
    std::vector<std::string> all;
    for (std::string item; items >> item;) all.push_back(item);
    for (size_t i = 0; i < all.size(); ++i, ++row) {
      const std::string part = i + 1 == all.size() ? "test" : i + 2 == all.size() ? "valid" : "train";
      REQUIRE(csv[row].size() == 5);
      CHECK(std::vector(csv[row].begin(), csv[row].end() - 1) ==
            std::vector<std::string>{user[0], all[i], std::to_string(i + 1), part});
      CHECK(std::vector(recbole[row].begin(), recbole[row].end() - 1) == std::vector<std::string>{user[0], all[i]});
      CHECK(rectools[row][1] == all[i]);
      if (i == 0) continue;
      CHECK(std::stoll(csv[row][4]) >= std::stoll(csv[row - 1][4]));  // the real times
      CHECK(std::stof(recbole[row][2]) > std::stof(recbole[row - 1][2]));
      CHECK(rectools[row][3] > rectools[row - 1][3]);
    }
  }
  CHECK(row == csv.size());

  // Another split goes to RecBole as rows with what came before.
  const std::vector<std::string> last = {"datasets.split.by=leave_last", "datasets.split.test_items=2"};
  REQUIRE(work.run("preprocess", last).exit_code == 0);
  REQUIRE(work.run("export", {last[0], last[1], "--to", "recbole", "--out", (work / "out").string()}).exit_code == 0);
  const auto test = rows_of(work / "out/mine/mine.test.inter", '\t');
  CHECK(test.size() == 2 * sequences.size() + 1);
  std::istringstream before(test[2][1]);
  std::string item, final;
  while (before >> item) final = item;
  CHECK(final == test[1][2]);  // the first target is among the input of the second
  CHECK_FALSE(fs::exists(work / "out/mine/mine.inter"));
}

TEST_CASE("a changed file of genres beside the items makes preprocess again", "[cli][splits]") {
  const TempDir dir;
  std::string ratings, films;
  for (int user = 1; user <= 4; ++user)
    for (int item = 1; item <= 5; ++item)
      ratings += std::to_string(user) + "\t" + std::to_string(item) + "\t5\t" + std::to_string(881250949 + item) + "\n";
  for (int item = 1; item <= 5; ++item)
    films += std::to_string(item) + "|Film (1995)|01-Jan-1995||http|0|1|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0\n";
  const auto write_genres = [&](const std::string& second) {
    std::string text = "unknown|0\n" + second + "|1\n";
    for (int genre = 2; genre < 19; ++genre) text += "G" + std::to_string(genre) + "|" + std::to_string(genre) + "\n";
    write_text(dir / "u.genre", text);
  };
  write_text(dir / "u.data", ratings);
  write_text(dir / "u.item", films);
  write_genres("Action");
  const auto preprocess = [&] {
    const Finished finished =
        run_process({LATENTCRS_BINARY, "preprocess", "-c", "tiny", "output_dir=" + (dir / "run").string(),
                     "datasets.format=movielens-100k", "datasets.interactions=" + (dir / "u.data").string(),
                     "datasets.metadata=" + (dir / "u.item").string()},
                    {.folder = source_path(".")});
    CAPTURE(finished.err);
    REQUIRE(finished.exit_code == 0);
    return finished.err;
  };
  const auto features = [&] { return read_text(dir / "run/preprocess/movie_features.csv"); };
  preprocess();
  CHECK_THAT(features(), Contains("Action"));
  CHECK_THAT(preprocess(), Contains("preprocess: up to date"));
  write_genres("Stunts");
  CHECK_THAT(preprocess(), !Contains("preprocess: up to date"));
  CHECK_THAT(features(), Contains("Stunts") && !Contains("Action"));
}
