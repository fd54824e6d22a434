// `latentcrs score` as a user runs it.
#include <catch2/catch.hpp>

#include "support/subprocess.h"
#include "support/temp_dir.h"

using namespace latentcrs::test;
using Catch::Matchers::Contains;

namespace {

Finished score(const TempDir& folder, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {LATENTCRS_BINARY, "score"});
  return run_process(arguments, {.folder = folder.path()});
}

}  // namespace

TEST_CASE("replies of a model become a table, a file of figures and a file of ranks", "[score]") {
  const TempDir folder;
  write_text(folder / "entity2id.json", R"({"<r/Heat>": 1, "<r/Babe>": 2})");
  write_text(folder / "test.jsonl", R"({"rec": [1, 2], "prev_entity": [2], "dialog_id": "d"})");
  write_text(folder / "mine.jsonl", R"({"turn": 0, "reply": "1. Babe\n2. Heat"})");
  const Finished table = score(folder, {"answers=mine.jsonl", "--tsv", "all.tsv", "--ranks", "ranks.tsv"});
  INFO(table.err);
  CHECK(table.exit_code == 0);
  CHECK_THAT(table.out, Contains("mine: 2 targets of 1 turns in 1 dialogues, own links") &&
                            Contains("r4      recommendation        1    1.0000") &&
                            Contains("The turns are those of test.jsonl."));
  CHECK_THAT(read_text(folder / "ranks.tsv"),
             Contains("\tmine\town\t0\t1\trec\t2\t1\t2\t1\n") && Contains("\tmine\town\t0\t2\tdis\t1\t0\t1\t0\n"));
  CHECK(score(folder, {"answers=mine.jsonl", "--tsv", "-"}).out == read_text(folder / "all.tsv"));
}

TEST_CASE("answers that cannot be read exit with 4 and name file and line", "[score]") {
  const TempDir folder;
  write_text(folder / "mine.jsonl", "{\"turn\": 0, \"reply\": \"1. Babe\"}\n{\"turn\"");
  const Finished broken = score(folder, {"answers=mine.jsonl"});
  CHECK(broken.exit_code == 4);
  CHECK_THAT(broken.err, Contains("mine.jsonl:2"));
  CHECK(broken.out.empty());
  write_text(folder / "mine.jsonl", "{\"turn\": 0, \"reply\": \"1. Babe\"}\n");
  CHECK_THAT(score(folder, {"answers=mine.jsonl", "turns=missing.jsonl"}).err, Contains("missing.jsonl"));
  const Finished no_run = score(folder, {"-c", source_path("configs/tiny.yaml").string()});
  CHECK(no_run.exit_code == 4);
  CHECK_THAT(no_run.err, Contains("has no zero-shot answers and no rankings"));
}
