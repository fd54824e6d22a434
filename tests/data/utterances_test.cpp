#include "datasets/data/utterances.h"

#include <catch2/catch.hpp>

#include "base/util/error.h"
#include "support/temp_dir.h"

using namespace latentcrs;

namespace {

Utterance utterance(const std::string& id, int64_t user, const std::string& response) {
  return {.record = {.customer_id = id, .user = user, .history = {3, 1}, .target = 2},
          .prompt = "act",
          .response = response,
          .leaks_title = false};
}

}  // namespace

TEST_CASE("Utterances survive a round trip and come back in processed order", "[utterances]") {
  test::TempDir folder;
  const auto path = folder / "processed/all.jsonl";
  auto leaking = utterance("10_raw_raw", 10, "I want \"Caf\u00e9\"\n{now}");
  leaking.leaks_title = true;
  write_utterances({utterance("2_selection_1755", 2, "c"), leaking, utterance("9_raw_raw", 9, "a")}, path);

  const auto read = read_utterances(path);
  REQUIRE(read.size() == 3);
  CHECK(read[0].record.customer_id == "9_raw_raw");
  CHECK(read[1].record.customer_id == "10_raw_raw");
  CHECK(read[2].record.customer_id == "2_selection_1755");
  CHECK(read[1].record.user == 10);
  CHECK(read[1].record.history == std::vector<int32_t>{3, 1});
  CHECK(read[1].record.target == 2);
  CHECK(read[1].prompt == "act");
  CHECK(read[1].response == leaking.response);
  CHECK(read[1].leaks_title);
  CHECK_FALSE(read[0].leaks_title);

  const auto without = read_utterances(path, Prompts::leave_out);
  REQUIRE(without.size() == 3);
  CHECK(without[1].prompt == "");
  CHECK(without[1].response == leaking.response);
}

TEST_CASE("The published keys, ids as strings, and no flag where nothing leaks", "[utterances]") {
  test::TempDir folder;
  write_utterances({utterance("9_raw_test", 9, "a")}, folder / "u.jsonl");
  CHECK(test::read_text(folder / "u.jsonl") ==
        R"({"customer_id":"9_raw_test","history":["3","1"],"target":"2","prompt":"act","response":"a"})"
        "\n");
}

TEST_CASE("Published lines are read, with ids as strings or numbers", "[utterances]") {
  test::TempDir folder;
  test::write_text(
      folder / "u.jsonl",
      "{\"customer_id\": \"1_raw_test\", \"history\": [\"150\", 1028], \"target\": 48, \"prompt\": \"p\", "
      "\"response\": \"r \\u00e9\", \"extra\": 1}\n\n"
      "{\"customer_id\": \"2_raw_test\", \"history\": [], \"target\": \"5\", \"prompt\": \"\", \"response\": \"\"}\n");
  const auto read = read_utterances(folder / "u.jsonl");
  REQUIRE(read.size() == 2);
  CHECK(read[0].record.history == std::vector<int32_t>{150, 1028});
  CHECK(read[0].record.target == 48);
  CHECK(read[0].response == "r \u00e9");
  CHECK(read[1].record.history.empty());
}

TEST_CASE("A bad line is named", "[utterances]") {
  test::TempDir folder;
  const std::string good = R"({"customer_id":"1_raw_raw","history":[],"target":"5","prompt":"","response":""})";
  const auto bad = GENERATE(
      as<std::string>{}, "{", R"({"customer_id":"2_raw_raw","history":[],"target":"5","prompt":""})",
      R"({"customer_id":"2_raw","history":[],"target":"5","prompt":"","response":""})",
      R"({"customer_id":"x_raw_raw","history":[],"target":"5","prompt":"","response":""})",
      R"({"customer_id":"2_row_raw","history":[],"target":"5","prompt":"","response":""})",
      R"({"customer_id":"2_raw_raw","history":["0"],"target":"5","prompt":"","response":""})",
      R"({"customer_id":"2_raw_raw","history":"5","target":"5","prompt":"","response":""})",
      R"({"customer_id":"2_raw_raw","history":[],"target":"5.0","prompt":"","response":""})",
      R"({"customer_id":"2_raw_raw","history":[],"target":"5","prompt":"","response":null})",
      R"({"customer_id":"1_raw_raw","history":[],"target":"5","prompt":"","response":"again"})",
      R"({"customer_id":"2_raw_raw","history":[],"target":)" + std::string(501, '[') + std::string(501, ']') + "}");
  test::write_text(folder / "u.jsonl", good + "\n" + bad + "\n");
  INFO(bad);
  CHECK_THROWS_WITH(read_utterances(folder / "u.jsonl"), Catch::Contains("u.jsonl:2: "));
}

TEST_CASE("Utterances written one by one are the file of all of them", "[utterances]") {
  test::TempDir folder;
  const std::vector<Utterance> all = {utterance("9_raw_raw", 9, "a"), utterance("10_raw_raw", 10, ""),
                                      utterance("2_selection_1755", 2, "c")};
  write_utterances(all, folder / "all.jsonl");
  UtteranceWriter writer(folder / "one.jsonl");
  for (const Utterance& one : all) writer.add(one);
  CHECK_FALSE(std::filesystem::exists(folder / "one.jsonl"));
  writer.commit();
  CHECK(test::read_text(folder / "one.jsonl") == test::read_text(folder / "all.jsonl"));

  UtteranceReader reader(folder / "one.jsonl", Prompts::leave_out);
  Utterance read;
  for (const Utterance& one : all) {
    REQUIRE(reader.next(read));
    CHECK(read.record.customer_id == one.record.customer_id);
    CHECK(read.response == one.response);
    CHECK(read.prompt.empty());
  }
  CHECK_FALSE(reader.next(read));

  UtteranceWriter wrong(folder / "wrong.jsonl");
  wrong.add(all[1]);
  CHECK_THROWS_WITH(wrong.add(all[0]), Catch::Contains("utterance 9_raw_raw comes after 10_raw_raw"));
}

TEST_CASE("Text that is not UTF-8 is not written", "[utterances]") {
  test::TempDir folder;
  CHECK_THROWS_WITH(write_utterances({utterance("9_raw_raw", 9, "\xff")}, folder / "u.jsonl"),
                    Catch::Contains("9_raw_raw"));
  CHECK_FALSE(std::filesystem::exists(folder / "u.jsonl"));
}

TEST_CASE("utterances that repeat a customer_id are counted and the first is named", "[utterances]") {
  const test::TempDir dir;
  const std::string nine = R"({"customer_id":"9_raw_test","history":["3"],"target":"2","prompt":"","response":"a"})";
  const std::string ten = R"({"customer_id":"10_raw_test","history":["3"],"target":"2","prompt":"","response":"a"})";
  test::write_text(dir / "u.jsonl", nine + "\n" + ten + "\n" + ten + "\n" + nine + "\n");
  CHECK_THROWS_WITH(
      read_utterances(dir / "u.jsonl"),
      Catch::Contains("u.jsonl:3: customer_id '10_raw_test' repeats an earlier one, the first of 2 among 4"));
}

TEST_CASE("what is no response says where and what", "[utterances]") {
  const test::TempDir dir;
  const std::string start = R"({"customer_id":"9_raw_test","history":["3"],"target":"2","prompt":"")";
  const auto responses = [&](const std::string& rest) {
    test::write_text(dir / "u.jsonl", "\n" + start + rest + "}\n");
    return read_utterances(dir / "u.jsonl");
  };
  CHECK_THROWS_WITH(responses(""), Catch::EndsWith("u.jsonl:2: its response is missing, and must be a text (\"\" where "
                                                   "there is no reply)"));
  CHECK_THROWS_WITH(responses(R"(,"response":null)"), Catch::Contains("u.jsonl:2: its response is null, and"));
  CHECK_THROWS_WITH(responses(R"(,"response":["a"])"), Catch::Contains("u.jsonl:2: its response is [\"a\"], and"));
  for (const char* blank : {"", " ", "\\n\\t ", "\\r\\n", "\\u00a0\\u200b", "\\u3000\\n"})
    CHECK(responses(",\"response\":\"" + std::string(blank) + "\"")[0].response.empty());
  CHECK(responses(R"(,"response":" a ")")[0].response == " a ");
  CHECK(responses(R"(,"response":"cut \ud83d")")[0].response == "cut \uFFFD");
}
