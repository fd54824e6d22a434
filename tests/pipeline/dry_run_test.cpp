// The dry run's rows for three users of six films each, counted by hand.
#include "experiment/pipeline/dry_run.h"

#include <catch2/catch.hpp>

#include "datasets/data/utterances.h"
#include "experiment/run/stage_info.h"
#include "experiment/stages/stage_context.h"
#include "support/log_level.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using Names = std::vector<std::string>;

namespace {

/// The splits raw, valid and test of three users, as the stage preprocess leaves them.
class PreprocessedRun {
 public:
  explicit PreprocessedRun(Names overrides = {}) : loaded(load(std::move(overrides))) {
    const RunFolder folder = context().folder;
    test::write_text(folder.interactions(), "1 1 2 3 4 5 6\n2 2 3 4 5 6 1\n3 3 4 5 6 1 2\n");
    std::string films = "MovieID\tTitle\tGenres\n";
    for (const std::string id : {"1", "2", "3", "4", "5", "6"}) films += id + "\tFilm " + id + " (1999)\tDrama\n";
    test::write_text(folder.features(), films);
  }

  StageContext context() const { return make_context(loaded, c10::kCPU); }

  test::TempDir dir;
  LoadedConfig loaded;

 private:
  LoadedConfig load(Names overrides) {
    for (const auto& [key, name] : {std::pair{"output_dir", "run"}, std::pair{"services.cache", "cache"}})
      overrides.push_back(text_override(key, (dir / name).string()));
    overrides.push_back("datasets.filter_keys=[raw]");
    return load_config("tiny", overrides);
  }
};

/// Rows without the column of the tokens sent, most of which depends on the wording of templates.
std::vector<Names> rows_of(const Table& table) {
  std::vector<Names> rows;
  for (Names row : table.rows) {
    row.erase(row.begin() + 4);
    rows.push_back(row);
  }
  return rows;
}

const Names kHeader = {"for", "model", "requests", "cached", "tokens out", "cost"};
const Names kSimulate = {"simulate=gemini", "simulate.chat.model=m", "simulate.chat.price.expected_output_tokens=50"};

Names with(Names overrides, const Names& more) {
  overrides.insert(overrides.end(), more.begin(), more.end());
  return overrides;
}

}  // namespace

TEST_CASE("offline providers are asked nothing", "[dry_run]") {
  const PreprocessedRun run;
  CHECK(dry_run(run.loaded, stage_names(), {}).rows ==
        std::vector<Names>{{"No stage asked for speaks to a model: its providers are offline"}});
}

TEST_CASE("simulate asks for an utterance of each record", "[dry_run]") {
  // Nine records, 50 tokens each, of which a million cost 100,000.
  const PreprocessedRun run(with(kSimulate, {"simulate.chat.price.output_per_million=100000"}));
  CHECK(rows_of(dry_run(run.loaded, {"simulate"}, {})) ==
        std::vector<Names>{kHeader, {"simulate", "m (gemini)", "9", "0", "450", "45.00"}});
  CHECK(dry_run(run.loaded, {"embed"}, {}).rows.size() == 1);
}

TEST_CASE("embed sends the utterances, or as much text as they are expected to be", "[dry_run]") {
  const test::TempDir templates;
  test::write_text(templates / "t.txt", "say {text}\n");  // 11 bytes
  const PreprocessedRun run({"embed=openai", "embed.remote.model=e", "embed.remote.base_url=http://127.0.0.1:9/v1",
                             "embed.remote.batch_size=2", "embed.remote.price_per_million=1000",
                             "simulate.chat.price.expected_output_tokens=50",
                             "embed.prompt_templates=[" + (templates / "t.txt").string() + "]"});
  // Nine texts of 4 * 50 bytes in five batches, which go on over the end of a split: 9 * (200 + 11) / 4 = 474 tokens.
  CHECK(dry_run(run.loaded, {"embed"}, {}).rows.at(1) == Names{"embed", "e (openai)", "5", "0", "474", "0", "0.47"});

  // One text in the test split, which makes a prompt of eight bytes: four batches, (8 + 6 * 211) / 4 = 318 tokens.
  const auto record = [](const char* id) {
    return SplitRecord{.customer_id = id, .user = 1, .history = {1}, .target = 2};
  };
  const test::LogLevel quiet(log::Level::error);  // reading warns of the blank one
  write_utterances({{.record = record("1_raw_test"), .prompt = "p", .response = "abcd"},
                    {.record = record("2_raw_test"), .prompt = "p", .response = ""}},
                   run.context().folder.utterances("test"));
  CHECK(dry_run(run.loaded, {"embed"}, {}).rows.at(1) == Names{"embed", "e (openai)", "4", "0", "318", "0", "0.32"});
}

TEST_CASE("evaluate embeds what is said in dialogues and in people's conversations", "[dry_run]") {
  const test::TempDir files;
  test::write_text(files / "t.txt", "say {text}\n");  // 11 bytes
  const auto line = [](int id, const std::string& words) {
    return R"({"id": ")" + std::to_string(id) + R"(", "utterances": [["user", ")" + words + R"("]], "targets": [1]})" +
           "\n";
  };
  test::write_text(files / "talks.jsonl", line(1, "abcd") + line(2, "abcdef") + line(3, "abcd"));
  const PreprocessedRun run({"embed=openai", "embed.remote.model=e", "embed.remote.base_url=http://127.0.0.1:9/v1",
                             "embed.remote.batch_size=2", "evaluate.max_turns=3",
                             "simulate.chat.price.expected_output_tokens=50",
                             "embed.prompt_templates=[" + (files / "t.txt").string() + "]",
                             "evaluate.conversations=" + (files / "talks.jsonl").string()});
  // Three users of three turns: nine texts, five batches. The conversations have two different texts, one batch:
  // (8 + 10) / 4 = 4 tokens.
  CHECK(dry_run(run.loaded, {"evaluate"}, {}).rows ==
        std::vector<Names>{dry_run(run.loaded, {"evaluate"}, {}).rows.at(0),
                           {"evaluate, texts of dialogues (at most)", "e (openai)", "5", "0", "474", "0", "-"},
                           {"evaluate, conversations (at most)", "e (openai)", "1", "0", "4", "0", "-"},
                           {"sum", "", "6", "0", "478", "0", "-"}});
}

TEST_CASE("dialogues are counted as if nobody succeeded before the last turn", "[dry_run]") {
  // Three users of four turns each: the opening words exist, so each speaks in three and is heard in four.
  const PreprocessedRun run(with(
      kSimulate, {"evaluate.max_turns=4", "evaluate.extractor.provider=openai", "evaluate.extractor.chat.model=x",
                  "evaluate.zero_shot.provider=gemini", "evaluate.zero_shot.chat.model=z",
                  "evaluate.zero_shot.inputs=[all,text]", "evaluate.extractor.chat.price.expected_output_tokens=10",
                  "evaluate.zero_shot.chat.price.expected_output_tokens=20"}));
  CHECK(rows_of(dry_run(run.loaded, {"evaluate"}, {})) ==
        std::vector<Names>{kHeader,
                           {"evaluate, user simulator (at most)", "m (gemini)", "9", "0", "450", "-"},
                           {"evaluate, extractor (at most)", "x (openai)", "12", "0", "120", "-"},
                           {"evaluate, zero shot, all", "z (gemini)", "3", "0", "60", "-"},
                           {"evaluate, zero shot, text", "z (gemini)", "3", "0", "60", "-"},
                           {"sum", "", "27", "0", "690", "-"}});
}

TEST_CASE("a dry run needs the files of preprocess and settings of the services", "[dry_run]") {
  const PreprocessedRun run(kSimulate);
  std::filesystem::remove(run.context().folder.features());
  CHECK_THROWS_WITH(dry_run(run.loaded, {"simulate"}, {}),
                    "the dry run needs " + run.context().folder.features().string() +
                        ": run `latentcrs preprocess` with the same config first");
  const PreprocessedRun without_model({"simulate=gemini", "simulate.chat.model="});
  CHECK_THROWS_WITH(dry_run(without_model.loaded, {"embed"}, {}), "simulate.chat.model: required with provider gemini");
}
