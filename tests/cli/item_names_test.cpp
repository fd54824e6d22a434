// Items asked for by the names of people, by the real program: recommending, conversations, chat, and names that do not
// fit.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "support/subprocess.h"
#include "support/temp_dir.h"

using namespace latentcrs::test;
using Catch::Matchers::Contains;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

constexpr const char* kSettings[] = {"threads=1",
                                     "pretrain.epochs=2",
                                     "epochs=2",
                                     "exp_name=named",
                                     "evaluate.multi_turn=false",
                                     "score_mixture=true",
                                     "embed.genre_weight=4",
                                     "short_histories.most=3",
                                     "short_histories.empty=0.4"};

Finished named_run(std::vector<std::string> words, const fs::path& folder, const std::string& names = "names.tsv") {
  words.insert(words.begin(), LATENTCRS_BINARY);
  words.insert(words.end(), {"--config", source_path("configs/tiny.yaml").string()});
  words.insert(words.end(), std::begin(kSettings), std::end(kSettings));
  if (!names.empty()) words.push_back("datasets.item_names=" + names);
  return run_process(words, {.folder = folder});
}

/// The items that the first user of the tiny dataset had, in their order.
std::vector<std::string> items_of_first_user(const fs::path& run) {
  std::istringstream words(read_text(run / "preprocess/tiny-ml.csv"));
  std::string line, item;
  std::getline(words, line);
  std::istringstream first(line);
  first >> item;
  std::vector<std::string> items;
  while (first >> item) items.push_back(item);
  return items;
}

/// The first items of the list for somebody without a history who says `words`.
std::vector<std::string> best_items(const fs::path& folder, const std::string& words, int count) {
  write_text(folder / "people.jsonl", json{{"user", "a"}, {"utterance", words}}.dump() + "\n");
  const Finished listed = named_run(
      {"recommend", "--histories", "people.jsonl", "--format", "jsonl", "--top", std::to_string(count)}, folder);
  INFO(listed.err);
  REQUIRE(listed.exit_code == 0);
  std::vector<std::string> items;
  const json list = json::parse(listed.out.substr(0, listed.out.find('\n')));
  for (const json& item : list.at("items")) items.push_back(item.at("item").dump());
  return items;
}

}  // namespace

TEST_CASE("items come first whose people the words name, in recommend, chat and conversations", "[cli][names]") {
  const TempDir dir;
  const fs::path run = dir / "outputs/named";
  REQUIRE(named_run({"preprocess"}, dir.path(), "").exit_code == 0);
  const std::vector<std::string> items = items_of_first_user(run);
  REQUIRE(items.size() >= 3);
  const std::string &a = items[0], &b = items[1];
  write_text(dir / "names.tsv",
             "item\tnames\n" + a + "\tZelda Quill\n" + b + "\tZelda Quill|Orin Vask\n987654\tOrin Vask\n");
  CHECK(named_run({"run", "--dry-run"}, dir.path()).exit_code == 0);  // before there is a file of the names
  const Finished all = named_run({"run"}, dir.path());
  INFO(all.err);
  REQUIRE(all.exit_code == 0);
  CHECK_THAT(all.err, Contains("2 of ") && Contains("items have names, 2 different ones"));
  CHECK_THAT(all.err, Contains("1 lines of names.tsv do not count: an item that the dataset does not have"));

  const auto best = best_items(dir.path(), "something with zelda quill", 2);
  CHECK(((best == std::vector{a, b}) || (best == std::vector{b, a})));
  CHECK(best_items(dir.path(), "something of Zelda Quill with Orin Vask", 1) == std::vector{b});
  const auto refused = best_items(dir.path(), "not Zelda Quill, please", 20);
  CHECK(std::count(refused.begin(), refused.end(), a) + std::count(refused.begin(), refused.end(), b) == 0);

  const std::string talk = "printf 'With Zelda Quill, please\\n/why 1\\n' | \"$1\" chat \"$2\"";
  const Finished spoken = run_process({"/bin/sh", "-c", talk, "sh", LATENTCRS_BINARY, run.string()});
  INFO(spoken.out + spoken.err);
  CHECK_THAT(spoken.out, Contains("You asked for Zelda Quill.") && Contains("You asked for it: Zelda Quill"));

  // The words of both speakers count.
  const json asked = {"user", "A film?"}, answered = {"recommender", "With Orin Vask?"};
  const json talked = {{"id", "x/1"},
                       {"utterances", json::array({asked, answered})},
                       {"history", json::array()},
                       {"targets", {std::stoi(b)}}};
  write_text(dir / "talks.jsonl", talked.dump() + "\n");
  REQUIRE(named_run({"evaluate", "conversations=talks.jsonl"}, dir.path()).exit_code == 0);
  const json line = json::parse(read_text(run / "evaluate/conversations.jsonl"));
  CHECK(line.at("ranks").at("with text") == 1);
  CHECK(line.at("ranks").at("mixture without text") > 1);

  // A weight of 0 takes them out of the score, and evaluate alone is made again.
  const Finished without = named_run({"run", "named_weight=0", "conversations=talks.jsonl"}, dir.path());
  CHECK_THAT(without.err, Contains("train: up to date") && Contains("evaluate: making"));
  CHECK(json::parse(read_text(run / "evaluate/conversations.jsonl")).at("ranks").at("with text") > 1);
}

TEST_CASE("a file of names that fits nothing is refused", "[cli][names]") {
  const TempDir dir;
  CHECK(named_run({"preprocess"}, dir.path(), "nowhere.tsv").exit_code == 4);
  write_text(dir / "names.tsv", "item\tnames\n987654\tZelda Quill\n");
  const Finished foreign = named_run({"preprocess"}, dir.path());
  CHECK(foreign.exit_code == 4);
  CHECK_THAT(foreign.err, Contains("names.tsv: none of its 1 lines is about an item of the dataset"));
  write_text(dir / "names.tsv", "film\tcast\n1\tZelda Quill\n");
  const Finished other = named_run({"preprocess"}, dir.path());
  CHECK(other.exit_code == 4);
  CHECK_THAT(other.err, Contains("names.tsv:1") && Contains("'film', 'cast'"));
}
