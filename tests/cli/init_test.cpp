// `init` as a user types it: from a file to the tables with two commands, and what it refuses.
#include <algorithm>
#include <catch2/catch.hpp>

#include "support/subprocess.h"
#include "support/temp_dir.h"

using namespace latentcrs::test;
using Catch::Contains;
namespace fs = std::filesystem;

namespace {

Finished run_latentcrs(std::vector<std::string> words, const fs::path& folder) {
  words.insert(words.begin(), LATENTCRS_BINARY);
  return run_process(words, {.folder = folder, .environment = {{"HOME", folder.string()}}});
}

/// 40 users of 25 items with four columns that nobody prepared.
std::string four_columns() {
  std::string text = "customer,film,score,seen\n";
  for (int user = 1; user <= 40; ++user) {
    for (int i = 0; i < 8; ++i)
      text += "c" + std::to_string(user) + ",film " + std::to_string((user * 3 + i * (1 + user % 4)) % 25) + "," +
              std::to_string(3 + (user + i) % 3) + ",2020-01-" + std::to_string(10 + i) + " 10:00:00\n";
  }
  return text;
}

}  // namespace

TEST_CASE("two commands go from a table of four columns to the tables", "[init][pipeline]") {
  const TempDir dir;
  write_text(dir / "log.csv", four_columns());
  const Finished init = run_latentcrs({"init", "log.csv", "--name", "films"}, dir.path());
  INFO(init.err);
  REQUIRE(init.exit_code == 0);
  CHECK_THAT(init.out, Contains("40 users, 25 items, 320 interactions") && Contains("from 3 to 5") &&
                           Contains("latentcrs run -c films"));
  CHECK_THAT(read_text(dir / "configs/datasets/films.yaml"),
             Contains("  user: customer") && Contains("# by its name") && Contains("min_interactions: "));
  const Finished run = run_latentcrs({"run", "-c", "films"}, dir.path());
  INFO(run.err);
  CHECK(run.exit_code == 0);
  CHECK_THAT(run.out, Contains("with text") && Contains("popularity") && Contains("summary.md"));
  CHECK_THAT(read_text(dir / "outputs/films/evaluate/transcripts.html"),
             Contains("<span>c") && Contains("_raw_test wants"));
  const Finished lists =
      run_latentcrs({"recommend", "-c", "films", "--users", "c7", "--top", "2", "--format", "tsv"}, dir.path());
  INFO(lists.err);
  CHECK_THAT(lists.out, Contains("\nc7\t1\tfilm ") && Contains("\nc7\t2\tfilm "));  // ids as the file writes them
  const Finished like =
      run_latentcrs({"recommend", "-c", "films", "--like", "film 3", "--format", "jsonl"}, dir.path());
  CHECK_THAT(like.out, Contains(R"("user":"film 3")") && Contains(R"({"item":"film )"));
}

TEST_CASE("conversations and chat take the ids of the raw files", "[init][conversations][talk]") {
  const TempDir dir;
  std::string log = "user,item,rating\n", films = "item,title,genres\n";
  for (int item = 0; item < 30; ++item)
    films += std::to_string(1000 + 7 * item) + ",Number " + std::string(1, static_cast<char>('A' + item % 26)) +
             std::to_string(item) + " (1990)," + (item % 2 == 0 ? "Drama" : "Comedy") + "\n";
  for (int user = 0; user < 40; ++user)
    for (int i = 0; i < 8; ++i)
      log +=
          "u" + std::to_string(user) + "," + std::to_string(1000 + 7 * ((user * 3 + i * (1 + user % 4)) % 30)) + ",5\n";
  write_text(dir / "log.csv", log);
  write_text(dir / "films.csv", films);
  write_text(dir / "talks.jsonl",
             R"({"id": "a", "utterances": [["user", "A comedy"]], "history": [1000], "targets": [1007]}
{"id": "b", "utterances": [["user", "A drama"]], "history": ["1000"], "targets": ["1021"]}
{"id": "c", "utterances": [["user", "A drama"]], "targets": [3]}
)");
  REQUIRE(run_latentcrs({"init", "log.csv", "films.csv", "--name", "own"}, dir.path()).exit_code == 0);
  const Finished run = run_latentcrs(
      {"run", "-c", "own", "+profile=smoke", "evaluate.multi_turn=false", "conversations=talks.jsonl"}, dir.path());
  INFO(run.err);
  REQUIRE(run.exit_code == 0);
  CHECK_THAT(run.err, Contains("left out 1 targets outside the catalogue") && Contains("talks.jsonl:3 item 3"));
  const std::string ranks = read_text(dir / "outputs/own/evaluate/ranks_conversations_seen_left_out.tsv");
  CHECK(std::count(ranks.begin(), ranks.end(), '\n') == 3);
  CHECK(ranks.find("\nc/") == std::string::npos);
  const Finished chat = run_process({LATENTCRS_BINARY, "chat", "outputs/own", "--history", "1007, 3"},
                                    {.folder = dir.path(), .environment = {{"HOME", dir.path().string()}}});
  CHECK_THAT(chat.out, Contains("Your history has 1 item: Number B1 (1990)"));
  CHECK_THAT(chat.err, Contains("the dataset has no item 3"));
}

TEST_CASE("init says what a file is in which no line can be read", "[init][cli]") {
  const TempDir dir;
  const auto refused = [&](const std::string& text, const std::string& reason) {
    write_text(dir / "log.csv", text);
    const Finished init = run_latentcrs({"init", "log.csv"}, dir.path());
    INFO(init.out + init.err);
    CHECK(init.exit_code == 4);
    CHECK_THAT(init.err, Contains(reason));
    CHECK_FALSE(fs::exists(dir / "configs"));
  };
  std::string mac = four_columns(), wide = "\xFF\xFE";
  std::replace(mac.begin(), mac.end(), '\n', '\r');
  for (const char c : four_columns()) wide += {c, '\0'};
  refused(mac, "its lines end with CR alone");
  refused("user_id,item_id,rating,timestamp" + mac.substr(mac.find('\r')), "its lines end with CR alone");
  refused(wide, "this is UTF-16");
  refused("\x28\xB5\x2F\xFD" + four_columns(), "this is zstd data: unpack it with `zstd -d");
  refused("\"user_id:token\titem_id:token\n1\t2\n", "no user has 3");  // a quote that does not end
  refused("user_id,item_id,rating,timestamp\n", "0 users, 0 items and 0 interactions were read");
}

TEST_CASE("init writes over nothing, and asks where two readings fit", "[init][cli]") {
  const TempDir dir;
  write_text(dir / "log.csv", four_columns());
  CHECK(run_latentcrs({"init", "log.csv"}, dir.path()).exit_code == 0);
  const Finished again = run_latentcrs({"init", "log.csv"}, dir.path());
  CHECK(again.exit_code == 2);
  CHECK_THAT(again.err, Contains("configs/log.yaml is there already") && Contains("--force"));
  CHECK(run_latentcrs({"init", "log.csv", "--force"}, dir.path()).exit_code == 0);
  CHECK(run_latentcrs({"init"}, dir.path()).exit_code == 2);
  CHECK(run_latentcrs({"init", "nothing.csv"}, dir.path()).exit_code == 4);

  write_text(dir / "lists.txt", "1 4 3 2\n2 1 3 5\n3 2 5 4\n");
  const Finished asked = run_latentcrs({"init", "lists.txt"}, dir.path());
  CHECK(asked.exit_code == 2);
  CHECK_THAT(asked.err, Contains("latentcrs init lists.txt datasets.format=sequences"));
  CHECK_FALSE(fs::exists(dir / "configs/lists.yaml"));
  CHECK(run_latentcrs({"init", "lists.txt", "datasets.format=sequences"}, dir.path()).exit_code == 0);
}
