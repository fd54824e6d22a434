#include "datasets/data/conversations.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/util/error.h"
#include "datasets/data/conversation_formats.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;
using test::TempDir;
using test::write_text;

namespace {

std::string text_of(const ItemReference& item) { return std::get<std::string>(item); }

/// The utterances, "u: …" and "r: …".
std::vector<std::string> said(const ConversationPoint& conversation) {
  std::vector<std::string> lines;
  for (const SpokenLine& line : conversation.utterances)
    lines.push_back((line.speaker == Speaker::user ? "u: " : "r: ") + line.text);
  return lines;
}

using Lines = std::vector<std::string>;

std::vector<ConversationPoint> converted(const fs::path& file, const fs::path& entities = {}) {
  return conversation_format(file, "").read(file, entities);
}

}  // namespace

TEST_CASE("a conversation is read with its speakers, history and targets", "[conversations]") {
  const TempDir dir;
  write_text(dir / "c.jsonl",
             R"x({"id": "d1/2", "dialogue": "d1", "condition": "discussion", "utterances": [["user", "Hi"], )x"
             R"x({"speaker": "RECOMMENDER", "text": "Heat?"}], "history": [7, "Heat (1995)"], )x"
             R"x("history_said_by": ["user", "system"], "targets": [3, "Alien (1979)"]})x"
             "\n\n"
             R"x({"dialog_id": "d2", "turn_id": 4, "utterances": [], "target": 5})x"
             "\n");
  ConversationFaults left_out;
  const auto conversations = read_conversations(dir / "c.jsonl", left_out);
  REQUIRE(conversations.size() == 2);
  const ConversationPoint& first = conversations[0];
  CHECK(first.id == "d1/2");
  CHECK(first.dialogue == "d1");
  CHECK(first.condition == ConversationCondition::discussion);
  CHECK(said(first) == Lines{"u: Hi", "r: Heat?"});
  REQUIRE(first.history.size() == 2);
  CHECK(std::get<int64_t>(first.history[0].item) == 7);
  CHECK(first.history[1].said_by == Speaker::recommender);
  CHECK(text_of(first.targets[1]) == "Alien (1979)");
  CHECK(conversations[1].id == "d2/4");
  CHECK_FALSE(conversations[1].has_history);
  CHECK(left_out.to_json().empty());

  write_text(dir / "again.jsonl", conversation_line(first) + "\n");
  ConversationFaults again;
  CHECK(conversation_line(read_conversations(dir / "again.jsonl", again)[0]) == conversation_line(first));
}

TEST_CASE("unknown speakers and empty utterances are counted by file and line", "[conversations]") {
  const TempDir dir;
  write_text(dir / "c.jsonl",
             R"x({"id": "a", "utterances": [["narrator", "Once"], ["user", "  "], ["user", "Hi"]], "target": 1})x"
             "\n"
             R"x({"id": "b", "utterances": [["bot", "Hi"]], "history": [4], "history_said_by": ["x"], "target": 1})x"
             "\n");
  ConversationFaults left_out;
  const auto conversations = read_conversations(dir / "c.jsonl", left_out);
  CHECK(said(conversations[0]) == Lines{"u: Hi"});
  CHECK(conversations[1].history.empty());
  CHECK(left_out.count("utterances of an unknown speaker") == 2);
  CHECK(left_out.count("empty utterances") == 1);
  CHECK(left_out.count("items of the history that an unknown speaker said") == 1);
}

TEST_CASE("a line that is no conversation is an error with its place", "[conversations]") {
  const TempDir dir;
  const auto problem = [&](const std::string& line) -> std::string {
    write_text(dir / "c.jsonl", R"x({"id": "a", "utterances": [], "target": 1})x"
                                "\n" +
                                    line + "\n");
    ConversationFaults left_out;
    try {
      read_conversations(dir / "c.jsonl", left_out);
    } catch (const Error& e) {
      CHECK(e.kind() == ErrorKind::data);
      return e.what();
    }
    return "";
  };
  CHECK_THAT(problem("{\"id\": \"b\""), Contains("c.jsonl:2: not a JSON object"));
  CHECK_THAT(problem(R"x({"utterances": [], "target": 1})x"), Contains("c.jsonl:2") && Contains("dialogue or id"));
  CHECK_THAT(problem(R"x({"id": "b", "target": 1})x"), Contains("field utterances"));
  CHECK_THAT(problem(R"x({"id": "b", "utterances": []})x"), Contains("targets"));
  CHECK_THAT(problem(R"x({"id": "b", "utterances": ["Hi"], "target": 1})x"), Contains("utterance without a speaker"));
  CHECK_THAT(problem(R"x({"id": "b", "utterances": [], "target": 1.5})x"), Contains("neither an id nor a title"));
  CHECK_THAT(problem(R"x({"id": "b", "utterances": [], "target": 1, "condition": "x"})x"), Contains("condition"));
  CHECK_THAT(problem(R"x({"id": "b", "utterances": [], "target": 1, "history": [1], "history_said_by": []})x"),
             Contains("1 items of history, but 0"));
  write_text(dir / "empty.jsonl", "\n");
  ConversationFaults left_out;
  CHECK_THROWS_WITH(read_conversations(dir / "empty.jsonl", left_out), Contains("no conversation"));
}

TEST_CASE("turns of ReDial and INSPIRED get their speakers from the end", "[conversations]") {
  const TempDir dir;
  write_text(
      dir / "entities.json",
      R"x({"<http://dbpedia.org/resource/Alien_(1979_film)>": 5, "<http://dbpedia.org/resource/Heat_(film)>": 6,)x"
      R"x( "<http://dbpedia.org/resource/Up>": 7})x");
  write_text(
      dir / "t.jsonl",
      R"x({"context": ["", "Hello", "Hi", "What do you like?", "Heat (1995)"], "resp": "heat (1995) and Alien", )x"
      R"x("rec": [5, 6], "prev_entity": [6], "dialog_id": "d", "turn_id": 9})x"
      "\n");
  const auto points = converted(dir / "t.jsonl", dir / "entities.json");
  REQUIRE(points.size() == 2);
  CHECK(said(points[0]) == Lines{"r: Hello", "u: Hi", "r: What do you like?", "u: Heat (1995)"});
  CHECK(text_of(points[0].targets.at(0)) == "Alien (1979)");  // the year of the resource
  CHECK(points[0].condition == ConversationCondition::recommendation);
  CHECK(text_of(points[1].targets.at(0)) == "Heat (1995)");  // the year of the text
  CHECK(points[1].condition == ConversationCondition::discussion);
  CHECK(points[1].id == "d/9");
  write_text(dir / "foreign.jsonl",
             R"x({"context": [], "resp": "", "rec": [9], "prev_entity": [], "dialog_id": "d", "turn_id": 1})x"
             "\n");
  CHECK_THROWS_WITH(converted(dir / "foreign.jsonl", dir / "entities.json"), Contains("foreign.jsonl:1: entity 9"));
}

TEST_CASE("dialogues of ReDial have the seeker as the user and titles in the text", "[conversations]") {
  const TempDir dir;
  write_text(dir / "r.jsonl",
             R"x({"movieMentions": {"11": "Heat (1995)", "12": "Alien (1979) "}, "conversationId": "20", )x"
             R"x("initiatorWorkerId": 1, "respondentWorkerId": 2, "messages": [{"senderWorkerId": 2, "text": "Hi"}, )x"
             R"x({"senderWorkerId": 1, "text": "I saw @11 @99"}, {"senderWorkerId": 2, "text": "Try @12!"}]})x"
             "\n");
  const auto points = converted(dir / "r.jsonl");
  REQUIRE(points.size() == 1);
  CHECK(points[0].id == "20/3");
  CHECK(said(points[0]) == Lines{"r: Hi", "u: I saw Heat (1995) @99"});
  CHECK(text_of(points[0].targets.at(0)) == "Alien (1979)");
}

TEST_CASE("the TSV of INSPIRED is read by its columns", "[conversations]") {
  const TempDir dir;
  write_text(dir / "i.tsv",
             "dialog_id\tutt_id\tspeaker\ttext\tmovies\nx\t1\tRECOMMENDER\tHi\t\nx\t2\tSEEKER\tI "
             "QUOTATION_MARKliveQUOTATION_MARK\tHeat (1995)\nx\t3\tRECOMMENDER\tTry these\tAlien (1979); Up "
             "(2009)\ny\t1\tRECOMMENDER\tHeat\tHeat (1995)\n");
  const auto points = converted(dir / "i.tsv");
  REQUIRE(points.size() == 2);
  CHECK(said(points[0]) == Lines{"r: Hi", "u: I \"live\""});
  CHECK(points[0].targets.size() == 2);
  CHECK(text_of(points[0].targets[1]) == "Up (2009)");
  CHECK(points[1].dialogue == "y");
  CHECK(points[1].utterances.empty());
}

TEST_CASE("dialogues with acts are read from lines and from a list", "[conversations]") {
  const TempDir dir;
  const std::string dialogue =
      R"x({"conversation_id": "4", "conversation": [{"participant": "USER", "utterance": "Hi", "dialogue_acts": []}, )x"
      R"x({"participant": "AGENT", "utterance": "It (2017)?", "dialogue_acts": [{"intent": "REC-E", )x"
      R"x("slot_values": [["TITLE", "It", null, null]]}]}, {"participant": "AGENT", "utterance": "Or Heat (1995)", )x"
      R"x("dialogue_acts": [{"intent": "REC-S", "slot_values": []}, {"intent": "END", "slot_values": []}]}]})x";
  write_text(dir / "lines.jsonl", dialogue + "\n");
  write_text(dir / "list.json", "[\n" + dialogue + "\n]\n");
  for (const char* name : {"lines.jsonl", "list.json"}) {
    const auto points = converted(dir / name);
    REQUIRE(points.size() == 2);
    CHECK(text_of(points[0].targets.at(0)) == "It (2017)");
    CHECK(points[1].targets.empty());  // the titles of the response are linked later
    CHECK(points[1].response == "Or Heat (1995)");
    CHECK(said(points[1]) == Lines{"u: Hi", "r: It (2017)?"});
  }
}

TEST_CASE("a file of no known format names those that are known", "[conversations]") {
  const TempDir dir;
  write_text(dir / "x.csv", "user,item\n1,2\n");
  CHECK_THROWS_WITH(conversation_format(dir / "x.csv", ""), Contains("x.csv: no known format") && Contains("inspired"));
  CHECK_THROWS_WITH(conversation_format(dir / "x.csv", "y"), Contains("no format is called y"));
}
