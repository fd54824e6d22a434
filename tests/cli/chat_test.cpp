// A conversation with a small run, through a pipe.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "support/subprocess.h"
#include "support/temp_dir.h"

using namespace latentcrs::test;
namespace fs = std::filesystem;
using Catch::Matchers::Contains;

namespace {

/// Runs `chat` with `lines` on standard input.
Finished talk(const fs::path& run, const std::string& options, const std::string& lines) {
  return run_process({"/bin/sh", "-c", "printf '%s' \"$3\" | \"$1\" chat \"$2\" " + options, "sh", LATENTCRS_BINARY,
                      run.string(), lines});
}

/// The titles of the lists in a transcript, a list for each line "  1  …".
std::vector<std::vector<std::string>> lists_in(const std::string& text) {
  std::vector<std::vector<std::string>> lists;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.size(), text.find('\n', begin));
    const std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    if (line.size() < 6 || line.substr(0, 2) != "  " || line[2] < '1' || line[2] > '9') continue;
    if (line[2] == '1') lists.emplace_back();
    lists.back().push_back(line.substr(5, line.find(')') - 4));
  }
  return lists;
}

}  // namespace

TEST_CASE("one talks to a run through a pipe", "[cli][talk]") {
  const TempDir temp;
  const fs::path run = temp / "run";
  const Finished made =
      run_process({LATENTCRS_BINARY, "run", "-q", "-c", source_path("configs/tiny.yaml").string(), "pretrain.epochs=2",
                   "epochs=2", "evaluate.multi_turn=false", "exp_name=talked", "output_dir=" + run.string()});
  INFO(made.err);
  REQUIRE(made.exit_code == 0);

  const fs::path saved = temp / "talk.jsonl";
  const Finished spoken = talk(run, "--user 1 --as-of test",
                               "A comedy, please\nnot 2\n/why 1\nI take 1\n/undo\n/accept 1\n/save " + saved.string() +
                                   "\n/wyh\n/quit\nnever read\n");
  INFO(spoken.out + spoken.err);
  CHECK(spoken.exit_code == 0);
  CHECK(spoken.err.empty());
  CHECK_THAT(spoken.out, Contains("talked: ") && Contains("You asked for Comedy.") && Contains("Intents "));
  CHECK_THAT(spoken.out, Contains("will not be shown again") && Contains("with your words") && Contains("You took "));
  CHECK_THAT(spoken.out, Contains("did you mean /why?"));
  CHECK(spoken.out.find('\x1b') == std::string::npos);

  // A refusal leaves the genre out of every list, until it is asked for again.
  const auto comedies = [](const std::string& text) {
    size_t count = 0;
    for (size_t at = text.find("  1  "); (at = text.find("Comedy", at)) != std::string::npos; ++at) ++count;
    return count;
  };
  const Finished refused = talk(run, "--user 1 --as-of test", "Not a comedy please\nmore\n/quit\n");
  CHECK_THAT(refused.out, Contains("I leave out Comedy.") && !Contains("You asked for"));
  CHECK(lists_in(refused.out).size() == 2);
  CHECK(comedies(refused.out.substr(0, refused.out.find("Intents "))) == 0);
  CHECK_THAT(talk(run, "--user 1 --as-of test", "Anything but comedies\nI don't mind a comedy\n/quit\n").out,
             !Contains("You asked for"));
  CHECK_THAT(talk(run, "--user 1 --as-of test", "No comedy\nWhy not a comedy after all\n/quit\n").out,
             Contains("I leave out Comedy.") && Contains("You asked for Comedy."));

  const auto lists = lists_in(spoken.out);
  REQUIRE(lists.size() >= 2);
  REQUIRE(lists[0].size() == 5);
  CHECK(lists[1][0] == lists[0][0]);
  CHECK(lists[1][1] == lists[0][2]);

  const nlohmann::json line = nlohmann::json::parse(read_text(saved));
  CHECK(line.at("targets").size() == 1);
  CHECK(line.at("utterances").back() == nlohmann::json({"user", "not 2"}));
  // The same words give the same lists, in another process too.
  CHECK(lists_in(talk(run, "--user 1 --as-of test", "A comedy, please\n").out).at(0) == lists[0]);

  const Finished evaluated = run_process({LATENTCRS_BINARY, "evaluate", "-q", "-c", (run / "config.yaml").string(),
                                          "output_dir=" + run.string(), "conversations=" + saved.string()});
  INFO(evaluated.err);
  CHECK(evaluated.exit_code == 0);
  CHECK_THAT(read_text(run / "summary.md"), Contains("1 targets of 1 dialogues"));

  CHECK_THAT(talk(run, "--history 'No Such Film'", "").err, Contains("no item No Such Film"));
  CHECK(talk(run, "--user nobody", "").exit_code == 2);
  CHECK(talk(run / "train", "", "").exit_code == 4);
}
