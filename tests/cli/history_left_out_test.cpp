// Rankings with the history left out, by the real program: an item that a user had before the target is not a
// candidate, however long ago it was. Checked against rankings made here from the sequences alone.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <sstream>

#include "base/util/files.h"
#include "support/subprocess.h"
#include "support/temp_dir.h"

using namespace latentcrs::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

using Sequences = std::map<std::string, std::vector<int>>;  ///< by user

Sequences read_sequences(const fs::path& csv) {
  Sequences sequences;
  latentcrs::LineReader lines(csv);
  for (std::string_view line; lines.next(line);) {
    std::istringstream words{std::string(line)};
    std::string user;
    words >> user;
    for (int item = 0; words >> item;) sequences[user].push_back(item);
  }
  return sequences;
}

/// Ranks by score and user of a file ranks_<split>_….tsv.
using Ranks = std::map<std::string, std::map<std::string, int>>;

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream text(line);
  for (std::string cell; std::getline(text, cell, '\t');) cells.push_back(cell);
  return cells;
}

Ranks read_ranks(const fs::path& tsv) {
  std::istringstream text(read_text(tsv));
  std::string line;
  std::getline(text, line);
  const std::vector<std::string> head = cells_of(line);
  Ranks ranks;
  while (std::getline(text, line)) {
    const std::vector<std::string> cells = cells_of(line);
    for (size_t i = 3; i < cells.size(); ++i)
      ranks[head[i]][cells[0].substr(0, cells[0].find('_'))] = std::stoi(cells[i]);
  }
  return ranks;
}

/// Rank of each user's item that `behind` items follow, by how often items occur in training, among the items that the
/// user did not have before; ties count as above.
std::map<std::string, int> popularity_ranks(const Sequences& sequences, size_t behind) {
  std::map<int, int> counts;
  for (const auto& [user, items] : sequences)
    for (size_t i = 0; i < items.size(); ++i) counts[items[i]] += i + 2 < items.size() ? 1 : 0;
  std::map<std::string, int> ranks;
  for (const auto& [user, items] : sequences) {
    const size_t place = items.size() - 1 - behind;
    const std::set<int> before(items.begin(), items.begin() + static_cast<ptrdiff_t>(place));
    int& rank = ranks[user] = 1;
    for (const auto& [item, count] : counts)
      rank += item != items[place] && !before.contains(item) && count >= counts[items[place]] ? 1 : 0;
  }
  return ranks;
}

constexpr int kMovies = 40, kUsers = 60, kWatched = 36;

/// Users who have watched all but four of the movies, in an order of their own.
void write_world(const fs::path& folder) {
  std::mt19937 random(7);
  std::string ratings, movies;
  for (int movie = 1; movie <= kMovies; ++movie)
    movies += std::to_string(movie) + "::Film " + std::to_string(movie) + " (19" + std::to_string(50 + movie) +
              ")::" + (movie % 2 == 0 ? "Drama" : "Comedy") + "\n";
  for (int user = 1; user <= kUsers; ++user) {
    std::vector<int> order(kMovies);
    for (int i = 0; i < kMovies; ++i) order[static_cast<size_t>(i)] = i + 1;
    std::shuffle(order.begin(), order.end(), random);
    for (int i = 0; i < kWatched; ++i)
      ratings += std::to_string(user) + "::" + std::to_string(order[static_cast<size_t>(i)]) +
                 "::5::" + std::to_string(1000 + i) + "\n";
  }
  write_text(folder / "ratings.dat", ratings);
  write_text(folder / "movies.dat", movies);
}

Finished run_on(const fs::path& data, const fs::path& folder, std::vector<std::string> more) {
  std::vector<std::string> words = {LATENTCRS_BINARY,
                                    "run",
                                    "-c",
                                    source_path("configs/tiny.yaml"),
                                    "+profile=smoke",
                                    "datasets.interactions=" + (data / "ratings.dat").string(),
                                    "datasets.metadata=" + (data / "movies.dat").string(),
                                    "exp_name=world"};
  words.insert(words.end(), more.begin(), more.end());
  return run_process(words, {.folder = folder});
}

}  // namespace

TEST_CASE("with the history left out every score ranks the target among the items never had", "[history]") {
  const TempDir dir;
  write_world(dir.path());
  const Finished run = run_on(dir.path(), dir.path(), {"neg_sample_size=1", "evaluate.seen_items=mask"});
  INFO(run.err);
  REQUIRE(run.exit_code == 0);
  const fs::path folder = dir / "outputs/world";
  const Sequences sequences = read_sequences(folder / "preprocess/tiny-ml.csv");
  REQUIRE(sequences.size() == kUsers);

  for (const auto& [split, behind] : {std::pair<std::string, size_t>{"test", 0}, {"valid", 1}}) {
    const Ranks ranks = read_ranks(folder / ("evaluate/ranks_" + split + "_seen_left_out.tsv"));
    for (const char* score :
         {"with text", "without text", "sequence only", "text only", "popularity", "other's text", "other's history"}) {
      CAPTURE(split, score);
      REQUIRE(ranks.contains(score));
      const int never_had = kMovies - (kWatched - 1 - static_cast<int>(behind));  // the target among them
      int highest = 0;
      for (const auto& [user, rank] : ranks.at(score)) highest = std::max(highest, rank);
      CHECK(highest <= never_had);
      CHECK(highest > 1);
    }
    CHECK(ranks.at("popularity") == popularity_ranks(sequences, behind));
    // The same program with the history among the candidates ranks worse: the test above cannot hold by chance.
    const Ranks kept = read_ranks(folder / ("evaluate/ranks_" + split + "_seen_kept.tsv"));
    int worst = 0;
    for (const auto& [user, rank] : kept.at("sequence only")) worst = std::max(worst, rank);
    CHECK(worst > 12);
  }

  // Early stopping ranks the validation users in the same way, and a dialogue shows items that the user never had.
  latentcrs::LineReader curves(folder / "train/metrics.jsonl");
  for (std::string_view line; curves.next(line);) {
    const json epoch = json::parse(line);
    for (const char* score : {"with_text", "without_text", "sequence_only"})
      CHECK(epoch.at("valid").at(score).at("HIT@10") == 1.0);
  }
  latentcrs::LineReader dialogues(folder / "evaluate/transcripts.jsonl");
  int shown = 0;
  for (std::string_view line; dialogues.next(line);) {
    const json dialogue = json::parse(line);
    const std::string id = dialogue.at("customer_id");
    const std::vector<int>& items = sequences.at(id.substr(0, id.find('_')));
    CHECK(dialogue.at("success_turn") == 1);  // five items are shown, and five were never had
    for (const json& turn : dialogue.at("turns"))
      for (const json& item : turn.at("shown")) {
        ++shown;
        CHECK(std::find(items.begin(), items.end() - 1, item.get<int>()) == items.end() - 1);
      }
  }
  CHECK(shown == 20 * 5);
}

TEST_CASE("popularity on ML-1M with the history left out is what the sequences give", "[history][real-data]") {
  const fs::path data = real_data_dir() / "ml-1m";
  if (real_data_dir().empty() || !fs::exists(data)) {
    WARN("real data is absent: popularity on ML-1M not checked");
    return;
  }
  const TempDir dir;
  const Finished run = run_process(
      {LATENTCRS_BINARY, "run", "-c", source_path("configs/ml1m.yaml"), "+profile=smoke", "evaluate.multi_turn=false",
       "evaluate.controls=false", "datasets.interactions=" + (data / "ratings.dat").string(),
       "datasets.metadata=" + (data / "movies.dat").string()},
      {.folder = dir.path()});
  INFO(run.err);
  REQUIRE(run.exit_code == 0);
  const fs::path folder = dir / "outputs/ml1m";
  const Sequences sequences = read_sequences(folder / "preprocess/ml-1m.csv");
  const Ranks test = read_ranks(folder / "evaluate/ranks_test_seen_left_out.tsv"),
              valid = read_ranks(folder / "evaluate/ranks_valid_seen_left_out.tsv");
  CHECK(test.at("popularity") == popularity_ranks(sequences, 0));
  CHECK(valid.at("popularity") == popularity_ranks(sequences, 1));
  CHECK(test.at("popularity").at("127") == 5);
  const json figures =
      json::parse(read_text(folder / "evaluate/one_turn.json")).at("test_seen_left_out").at("popularity");
  CHECK(figures.at("HIT@10").get<double>() == Approx(.0404).margin(.00005));
  CHECK(figures.at("NDCG@10").get<double>() == Approx(.0190).margin(.00005));
}
