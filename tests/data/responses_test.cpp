// The responses alone are those that a whole reading gives.
#include "datasets/data/responses.h"

#include <catch2/catch.hpp>

#include "base/util/error.h"
#include "base/util/files.h"
#include "datasets/data/utterances.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using namespace latentcrs::test;

namespace {

std::string line_of(const std::string& id, const std::string& response) {
  return R"({"customer_id": ")" + id + R"(", "history": ["1"], "target": "2", "prompt": "p", "response": ")" +
         response + "\"}\n";
}

std::vector<std::string> whole_reading(const std::filesystem::path& path) {
  std::vector<std::string> responses;
  for (const Utterance& utterance : read_utterances(path)) responses.push_back(utterance.response);
  return responses;
}

}  // namespace

TEST_CASE("responses alone equal those of a whole reading", "[utterances]") {
  const TempDir folder;
  const auto file = folder / "said.jsonl";
  const std::string usual = line_of("1_raw_train", "A \\u00e9t\\u00e9 film") + line_of("2_raw_train", "Two\\nlines");
  for (const std::string& text :
       {usual, usual + line_of("3_raw_train", ""), usual + line_of("3_raw_train", "half \\ud83d"),
        usual + "\n" + line_of("3_raw_train", "\\u3000")}) {
    INFO(text);
    write_file_atomically(file, text);
    CHECK(read_responses(file) == whole_reading(file));
  }
  CHECK(read_responses(file).size() == 3);
  CHECK(read_responses(file).at(0) == "A été film");
}

TEST_CASE("faults of an utterance file are said when only responses are read", "[utterances]") {
  const TempDir folder;
  const auto file = folder / "said.jsonl";
  for (const std::string& fault :
       {line_of("1_raw_train", "again"), std::string("{\"customer_id\": 3}\n"), std::string("no\n")}) {
    write_file_atomically(file, line_of("1_raw_train", "first") + fault);
    CHECK_THROWS_AS(read_responses(file), Error);
  }
}
