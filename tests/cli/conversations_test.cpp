// People's conversations, by the real program: converting them, evaluating a run on them, the tests and the page.
#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <tuple>

#include "base/util/files.h"
#include "support/subprocess.h"
#include "support/temp_dir.h"

using namespace latentcrs::test;
using Catch::Matchers::Contains;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

Finished latentcrs_command(std::vector<std::string> words, const fs::path& folder) {
  words.insert(words.begin(), LATENTCRS_BINARY);
  return run_process(words, {.folder = folder});
}

/// The titles of the first films of the tiny dataset that users have seen, and their ids.
std::vector<std::pair<int, std::string>> tiny_films(const fs::path& run, size_t count) {
  std::set<int> seen;
  latentcrs::LineReader sequences(run / "preprocess/tiny-ml.csv");
  for (std::string_view line; sequences.next(line);) {
    std::istringstream words{std::string(line)};
    std::string user;
    words >> user;
    for (int item = 0; words >> item;) seen.insert(item);
  }
  std::vector<std::pair<int, std::string>> films;
  latentcrs::LineReader movies(source_path("data/tiny/ml/movies.dat"));
  for (std::string_view line; films.size() < count && movies.next(line);) {
    const size_t first = line.find("::"), second = line.find("::", first + 2);
    const int id = std::stoi(std::string(line.substr(0, first)));
    if (seen.contains(id)) films.emplace_back(id, line.substr(first + 2, second - first - 2));
  }
  return films;
}

json utterance(const char* speaker, const std::string& text) { return {speaker, text}; }

/// Three conversations of two dialogues: histories of 1, 0 and 2 films; one target is foreign, one given twice, one
/// speaker unknown and one utterance empty.
std::string conversations_of(const std::vector<std::pair<int, std::string>>& films) {
  const auto& [a, b, c, d] = std::tie(films[0], films[1], films[2], films[3]);
  const json lines[] = {
      {{"id", "x/2"},
       {"dialogue", "x"},
       {"utterances", json::array({utterance("user", "I loved " + a.second), utterance("narrator", "Later")})},
       {"targets", {b.first, 987654, b.second}}},
      {{"id", "x/4"},
       {"dialogue", "x"},
       {"utterances", json::array({utterance("user", "Something funny, please"), utterance("user", " ")})},
       {"history", json::array()},
       {"targets", {c.second}}},
      {{"id", "y/2"},
       {"utterances", json::array({utterance("seeker", "Anything with a chase")})},
       {"history", {a.first, b.first}},
       {"history_said_by", {"user", "recommender"}},
       {"targets", {d.first}}}};
  std::string text;
  for (const json& line : lines) text += line.dump() + "\n";
  return text;
}

const json& group(const json& report, const std::string& name) {
  for (const json& figures : report.at("groups"))
    if (figures.at("name") == name) return figures;
  throw std::out_of_range(name);
}

}  // namespace

TEST_CASE("items that other people mention come first, and evaluated dialogues do not count", "[cli][conversations]") {
  const TempDir dir;
  const std::vector<std::string> base = {"--config",
                                         source_path("configs/tiny.yaml"),
                                         "threads=1",
                                         "pretrain.epochs=2",
                                         "epochs=2",
                                         "exp_name=talk",
                                         "evaluate.multi_turn=false",
                                         "score_mixture=true",
                                         "embed.genre_weight=4",
                                         "mention_weight=50"};
  const auto with = [&](std::vector<std::string> words, const std::vector<std::string>& more) {
    words.insert(words.end(), base.begin(), base.end());
    words.insert(words.end(), more.begin(), more.end());
    return latentcrs_command(words, dir.path());
  };
  REQUIRE(with({"preprocess"}, {}).exit_code == 0);
  const fs::path run = dir / "outputs/talk";
  const auto films = tiny_films(run, 4);
  REQUIRE(films.size() == 4);
  const auto line = [&](const char* id, const std::string& words, const std::vector<int>& history, int target) {
    return json{{"id", id},
                {"dialogue", id},
                {"utterances", json::array({utterance("user", words)})},
                {"history", history},
                {"history_said_by", std::vector<std::string>(history.size(), "user")},
                {"targets", {target}}}
               .dump() +
           "\n";
  };
  const int a = films[0].first, b = films[1].first, c = films[2].first, d = films[3].first;
  write_text(dir / "talks.jsonl", line("x", "Which film would you see tonight", {}, a));
  // a is mentioned by two others, b by one, c by the evaluated dialogue itself, under another name, and nobody knows d.
  write_text(dir / "others.jsonl", line("1", "We are looking for an old film", {a}, b) +
                                       line("2", "My sister wants a film for children", {}, a) +
                                       line("3", "which film would you see: tonight?", {}, c));
  const Finished finished = with({"run"}, {"conversations=talks.jsonl", "mentions=[others.jsonl]"});
  INFO(finished.err);
  REQUIRE(finished.exit_code == 0);
  CHECK_THAT(finished.out + finished.err,
             Contains("mentions: 2 dialogues mention 2 items") && Contains("1 others stand in"));
  const json told = json::parse(read_text(run / "evaluate/conversations.jsonl"));
  CHECK(told.at("ranks").at("with text") == 1);
  CHECK(told.at("ranks").at("mixture without text") == 1);
  CHECK(told.at("rankings").at("with text").at(1).at("item") == b);
  CHECK(with({"run"}, {"conversations=talks.jsonl", "mentions=[others.jsonl]"}).err.find("evaluate: up to date") !=
        std::string::npos);

  // Chat knows them too; it counts all three.
  const std::string talk = "echo 'A film, please' | \"$1\" chat \"$2\"";
  const Finished spoken =
      run_process({"/bin/sh", "-c", talk, "sh", LATENTCRS_BINARY, run.string()}, {.folder = dir.path()});
  INFO(spoken.out + spoken.err);
  CHECK_THAT(spoken.out, Contains(films[0].second) && Contains(films[1].second) && Contains(films[2].second));

  // Other dialogues are another input of evaluate; nothing but the evaluated ones is an error, and so is a lost file.
  write_text(dir / "others.jsonl", line("4", "I want to see something new now", {}, d));
  const Finished changed = with({"run"}, {"conversations=talks.jsonl", "mentions=[others.jsonl]"});
  CHECK_THAT(changed.err, Contains("train: up to date") && Contains("others.jsonl changed"));
  CHECK(json::parse(read_text(run / "evaluate/conversations.jsonl")).at("ranks").at("with text") > 1);
  const Finished same = with({"run"}, {"conversations=talks.jsonl", "mentions=[talks.jsonl]"});
  CHECK(same.exit_code == 4);
  CHECK_THAT(same.err, Contains("mentions: none of 0 dialogues mentions an item of the dataset; 1 others stand in"));
  CHECK(with({"run"}, {"conversations=talks.jsonl", "mentions=[lost.jsonl]"}).exit_code == 4);
  const Finished unmixed = with({"run"}, {"mentions=[others.jsonl]", "score_mixture=false"});
  CHECK(unmixed.exit_code == 3);
  CHECK_THAT(unmixed.err, Contains("mentions count in the mixture of scores"));
}

TEST_CASE("a run is evaluated on conversations, compared by dialogue, and shown in the report",
          "[cli][conversations]") {
  const TempDir dir;
  const std::vector<std::string> base = {
      "--config",      source_path("configs/tiny.yaml"), "threads=1", "pretrain.epochs=2", "epochs=2",
      "exp_name=talk", "evaluate.multi_turn=false"};
  const auto with = [&](std::vector<std::string> words, const std::vector<std::string>& more) {
    words.insert(words.end(), base.begin(), base.end());
    words.insert(words.end(), more.begin(), more.end());
    return latentcrs_command(words, dir.path());
  };
  REQUIRE(with({"preprocess"}, {}).exit_code == 0);
  const fs::path run = dir / "outputs/talk", evaluate = run / "evaluate";
  const auto films = tiny_films(run, 4);
  REQUIRE(films.size() == 4);
  write_text(dir / "talks.jsonl", conversations_of(films));
  const std::vector<std::string> more = {"conversations=talks.jsonl", "evaluate.baselines=[item_cosine,ease]",
                                         "evaluate.list_metrics_at=5"};
  const Finished finished = with({"run"}, more);
  INFO(finished.err);
  REQUIRE(finished.exit_code == 0);
  const std::string log = finished.out + finished.err;
  CHECK_THAT(log, Contains("1 targets outside the catalogue") && Contains("talks.jsonl:1 item 987654"));
  CHECK_THAT(log, Contains("1 targets that the conversation gives twice") && Contains("'" + films[1].second + "'"));
  CHECK_THAT(log, Contains("1 utterances of an unknown speaker") && Contains("1 empty utterances"));

  const json report = json::parse(read_text(evaluate / "conversations.json"));
  CHECK(report.at("left_out").at("targets outside the catalogue") == 1);
  CHECK(group(report, "all").at("rows") == 3);
  CHECK(group(report, "all").at("dialogues") == 2);
  CHECK(group(report, "recommendation, history of 0").at("rows") == 1);
  for (const char* score :
       {"with text", "without text", "sequence only", "text only", "popularity", "item cosine", "other's text"})
    CHECK(group(report, "all").at("scores").at(score).contains("recall@50_ci95"));
  CHECK_THAT(read_text(evaluate / "ranks_conversations_seen_left_out.tsv"),
             Contains("customer_id\ttarget\tleaked\tdialogue\twith text") && Contains("\nx/2/"));
  CHECK_THAT(read_text(evaluate / "conversations.html"), Contains("Something funny, please"));
  CHECK_THAT(read_text(run / "summary.md"), Contains("Conversations, recommendation: 3 targets of 2 dialogues"));

  // The catalogue's table has the baselines, and lists.json the figures of every row.
  const json table = json::parse(read_text(evaluate / "one_turn.json")).at("test_seen_left_out");
  const json lists = json::parse(read_text(evaluate / "lists.json")).at("test_seen_left_out");
  for (const auto& [score, figures] : table.items()) {
    CHECK(lists.at(score).at("coverage").get<double>() > 0);
    CHECK(lists.at(score).at("users") == figures.at("users"));
  }
  CHECK(table.contains("EASE"));
  // A history beats popularity on data with intents, by cosines and by EASE.
  CHECK(table.at("item cosine").at("NDCG@10") > table.at("popularity").at("NDCG@10"));
  CHECK(table.at("EASE").at("NDCG@10") > table.at("popularity").at("NDCG@10"));
  CHECK(lists.at("popularity").at("coverage") < lists.at("item cosine").at("coverage"));

  const Finished compared =
      latentcrs_command({"compare", run, "--split", "conversations_recommendation", "--resamples", "100"}, dir.path());
  CHECK(compared.exit_code == 0);
  CHECK_THAT(compared.out, Contains("recall@50") && Contains("whole dialogues (2)"));
  REQUIRE(latentcrs_command({"report", run}, dir.path()).exit_code == 0);
  CHECK_THAT(read_text(run / "report.html"),
             Contains("People&#39;s conversations") || Contains("People's conversations"));
  CHECK_THAT(read_text(run / "report.html"), Contains("Anything with a chase"));

  // The file's content counts: the same is up to date, another one is not.
  const std::string first = read_text(evaluate / "conversations.json");
  CHECK_THAT(with({"run"}, more).err, Contains("evaluate: up to date"));
  write_text(dir / "talks.jsonl",
             read_text(dir / "talks.jsonl").substr(0, read_text(dir / "talks.jsonl").find('\n') + 1));
  REQUIRE(with({"evaluate"}, more).exit_code == 0);
  CHECK(group(json::parse(read_text(evaluate / "conversations.json")), "all").at("rows") == 1);
  CHECK(first != read_text(evaluate / "conversations.json"));

  write_text(dir / "talks.jsonl", "{\"id\": 1}\n");
  const Finished broken = with({"evaluate"}, more);
  CHECK(broken.exit_code == 4);
  CHECK_THAT(broken.err, Contains("talks.jsonl:1"));
  const Finished missing = with({"evaluate"}, {"conversations=nowhere.jsonl"});
  CHECK(missing.exit_code == 4);
  CHECK_THAT(missing.err, Contains("nowhere.jsonl") && !Contains("doctor"));  // which knows the datasets only
}

TEST_CASE("published conversations are converted", "[cli][conversations]") {
  const TempDir dir;
  write_text(dir / "r.jsonl",
             R"x({"movieMentions": {"12": "Alien (1979)"}, "conversationId": "20", "initiatorWorkerId": 1, )x"
             R"x("messages": [{"senderWorkerId": 1, "text": "Hi"}, {"senderWorkerId": 2, "text": "Try @12"}]})x"
             "\n");
  const Finished finished = latentcrs_command({"conversations", "r.jsonl", "--out", "out.jsonl"}, dir.path());
  INFO(finished.err);
  REQUIRE(finished.exit_code == 0);
  CHECK_THAT(finished.out, Contains("1 points with 1 films"));
  const json line = json::parse(read_text(dir / "out.jsonl"));
  CHECK(line.at("targets") == json{"Alien (1979)"});
  CHECK(line.at("utterances") == json::array({json{"user", "Hi"}}));
  CHECK(latentcrs_command({"conversations", "r.jsonl"}, dir.path()).exit_code == 2);
  write_text(dir / "x.csv", "a,b\n");
  const Finished foreign = latentcrs_command({"conversations", "x.csv", "--out", "o"}, dir.path());
  CHECK(foreign.exit_code == 4);
  CHECK_THAT(foreign.err, Contains("no known format of conversations"));
  CHECK_FALSE(fs::exists(dir / "o"));
}

TEST_CASE("a run that mixes scores shows its parts, recommends by them, and needs its weights",
          "[cli][conversations]") {
  const TempDir dir;
  const auto with = [&](std::vector<std::string> words) {
    const std::vector<std::string> base = {"--config",
                                           source_path("configs/tiny.yaml"),
                                           "threads=1",
                                           "pretrain.epochs=2",
                                           "epochs=2",
                                           "exp_name=mixed",
                                           "evaluate.multi_turn=false",
                                           "score_mixture=true",
                                           "embed.genre_weight=4",
                                           "short_histories.most=3",
                                           "short_histories.empty=0.4",
                                           "conversations=talks.jsonl"};
    words.insert(words.end(), base.begin(), base.end());
    return latentcrs_command(words, dir.path());
  };
  const fs::path run = dir / "outputs/mixed";
  write_text(dir / "talks.jsonl", "{}");  // its content counts from evaluate on
  REQUIRE(with({"preprocess"}).exit_code == 0);
  write_text(dir / "talks.jsonl", conversations_of(tiny_films(run, 4)));
  const Finished all = with({"run"});
  INFO(all.err);
  REQUIRE(all.exit_code == 0);
  CHECK_THAT(all.err, Contains("mixture: weights by length of the history: 0 items: "));
  const json report = json::parse(read_text(run / "evaluate/conversations.json"));
  const std::string figures = group(report, "all").dump();
  for (const char* row : {"with text", "mixture without text", "intents alone"}) CHECK_THAT(figures, Contains(row));
  CHECK_THAT(read_text(run / "evaluate/one_turn.json"), Contains("mixture without text"));

  const auto recommend = [&](const char* words) {
    write_text(dir / "people.jsonl", json{{"user", "a"}, {"utterance", words}}.dump() + "\n");
    return with({"recommend", "--histories", "people.jsonl"});
  };
  const Finished scary = recommend("a scary movie"), funny = recommend("a comedy");
  INFO(scary.err);
  REQUIRE(scary.exit_code == 0);
  CHECK(scary.out != funny.out);

  const Finished again = with({"run", "genre_trust=0.5"});
  INFO(again.err);
  REQUIRE(again.exit_code == 0);
  CHECK_THAT(again.err, Contains("train: up to date") && Contains("(genre_trust is new: 0.5)"));
  CHECK(recommend("a comedy").out != funny.out);

  fs::remove(run / "train/mixed_mixture.json");
  const Finished without = with({"evaluate"});
  CHECK(without.exit_code != 0);
  CHECK_THAT(without.err, Contains("mixed_mixture.json"));
}
