// The bash completion as bash calls it.
#include <algorithm>
#include <catch2/catch.hpp>
#include <sstream>

#include "support/subprocess.h"
#include "support/temp_dir.h"

using namespace latentcrs::test;

namespace {

/// The words that bash would offer after `line`, with the cursor at its end. A trailing "|nospace" means that bash adds
/// no space.
std::vector<std::string> completions_of(const std::string& line, const TempDir& dir = {}) {
  constexpr const char* script = R"sh(
    source <("$BINARY" completion bash)
    latentcrs() { "$BINARY" "$@"; }
    compopt() { [[ $2 != nospace ]] || nospace=1; }
    COMP_LINE=$1 COMP_POINT=${#1}
    _latentcrs
    printf '%s\n' "${COMPREPLY[@]}" ${nospace:+'|nospace'})sh";
  const Finished finished =
      run_process({"bash", "-c", script, "bash", line},
                  {.folder = dir.path(),
                   .environment = {{"BINARY", LATENTCRS_BINARY}, {"LATENTCRS_CONFIG_DIR", source_path("configs")}}});
  CAPTURE(line, finished.err);
  CHECK(finished.err.empty());
  std::vector<std::string> words;
  std::istringstream lines(finished.out);
  for (std::string word; std::getline(lines, word);) {
    if (!word.empty()) words.push_back(word);
  }
  return words;
}

bool offers(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("bash completes commands and options", "[completion]") {
  CHECK(completions_of("latentcrs pre") == Words{"preprocess", "pretrain"});
  CHECK(completions_of("latentcrs --v") == Words{"--version"});
  CHECK(completions_of("latentcrs train --mul") == Words{"--multirun"});
  CHECK(completions_of("latentcrs pretrain --eval") == Words{"--evaluate-only"});
  CHECK(completions_of("latentcrs intents --it") == Words{"--items"});
  CHECK(completions_of("latentcrs run --tab") == Words{"--tables"});
  CHECK(completions_of("latentcrs train --tab").empty());
  CHECK(completions_of("latentcrs train --eval").empty());
  CHECK(completions_of("latentcrs completion ") == Words{"bash", "zsh"});
  CHECK(completions_of("latentcrs compare --comm") == Words{"--common"});
  CHECK(completions_of("latentcrs report no-such-fold").empty());
}

TEST_CASE("bash completes the files that a command reads, and the folders of runs", "[completion]") {
  const TempDir dir;
  write_text(dir / "talks.jsonl", "");
  write_text(dir / "talks with blanks.jsonl", "");
  write_text(dir / "talks/run.json", "");
  const Words files = completions_of("latentcrs conversations tal", dir);
  CHECK(files.size() == 3);
  CHECK(offers(files, "talks.jsonl"));
  CHECK(offers(files, "talks with blanks.jsonl"));
  CHECK(offers(completions_of("latentcrs init ta", dir), "talks.jsonl"));
  CHECK(completions_of("latentcrs report ta", dir) == Words{"talks"});
}

TEST_CASE("bash completes config names, keys and group choices", "[completion]") {
  const Words configs = completions_of("latentcrs run --config ");
  CHECK(offers(configs, "tiny"));
  CHECK(offers(configs, "ml1m"));
  CHECK_FALSE(offers(configs, "base"));
  CHECK(completions_of("latentcrs run -c ml") == Words{"ml1m"});

  CHECK(completions_of("latentcrs run -c tiny learning_") == Words{"learning_rate=", "|nospace"});
  CHECK(completions_of("latentcrs run -c tiny +prof") == Words{"+profile=cpu", "+profile=smoke", "+profile=words"});
  CHECK(offers(completions_of("latentcrs run -c tiny dataset"), "datasets=cds"));
  // Bash takes '=' for a word break and replaces only what follows it.
  CHECK(completions_of("latentcrs run -c tiny compat=ref") == Words{"reference"});
}
