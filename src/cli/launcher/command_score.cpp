#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <utility>

#include "base/util/error.h"
#include "base/util/files.h"
#include "cli/launcher/arguments.h"
#include "cli/launcher/commands.h"
#include "language/answers/answer_figures.h"
#include "language/answers/rank_rows.h"
#include "language/answers/score_answers.h"

namespace latentcrs {

namespace {

const std::map<std::string, LinkChoice> kLinkChoices = {
    {"published", LinkChoice::published}, {"own", LinkChoice::own}, {"both", LinkChoice::both}};

class ScoreCommand : public Command {
 public:
  ScoreCommand()
      : Command(
            {.name = "score",
             .help = "Recall, NDCG and MRR of what language models answered in conversations",
             .details =
                 "Words of its own, beside overrides of the config:\n"
                 "  answers=FILE    published answers, replies {turn, reply}, zero_shot_<input>.jsonl of a run, or\n"
                 "                  a table of ranks; a folder: all answers below it; may be repeated\n"
                 "  turns=FILE      the turns they are about (default: test.jsonl beside them or above)\n"
                 "  entities=FILE   entity2id.json, which titles are linked to (default: the same)\n"
                 "  among=FILE      count only the targets listed there (turn, entity, history)\n\n"
                 "Results r1 and r2 keep titles that name no entity, r3 and r4 leave them out; r2 and r4 leave out\n"
                 "what was named before. With --config the run's zero-shot answers and its own rankings for the\n"
                 "same users are scored as well.\n\n"
                 "Reads   the files given; <output_dir>/evaluate/\n"
                 "Writes  the files of --tsv and --ranks\n"
                 "Examples\n"
                 "  latentcrs score answers=inspired/answers/gpt-4/general.jsonl.gz\n"
                 "  latentcrs score answers=inspired/answers --links both --tsv figures.tsv\n"
                 "  latentcrs score -c ml1m",
             .config = ConfigUse::optional}) {}

  void add_options(CLI::App& parser) override;
  void finish(Invocation& invocation) override;
  int run(const Invocation& invocation) const override;

 private:
  ScoreRequest request_;
  std::string links_, tsv_, ranks_;
};

void ScoreCommand::add_options(CLI::App& parser) {
  parser
      .add_option("--links", links_,
                  "Which item a title stands for: published, own or both\n(default: published where the file has them)")
      ->type_name("SOURCE")
      ->check(CLI::IsMember({"published", "own", "both"}));
  parser.add_option("--min-history", request_.min_history, "Of among=FILE, count targets with so many items before")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber);
  parser.add_option("--tsv", tsv_, "Write all figures with all digits; - prints them instead of tables")
      ->type_name("FILE");
  parser.add_option("--ranks", ranks_, "Write the rank of each target")->type_name("FILE");
}

/// Takes the words that are not overrides out of the invocation.
void ScoreCommand::finish(Invocation& invocation) {
  if (!links_.empty()) request_.links = kLinkChoices.at(links_);
  const std::map<std::string, std::optional<fs::path>*> single = {
      {"turns", &request_.turns}, {"entities", &request_.entities}, {"among", &request_.among}};
  std::vector<std::string> overrides;
  for (const std::string& word : invocation.overrides) {
    const std::string key = word.substr(0, word.find('='));
    std::string value = word.substr(std::min(word.size(), key.size() + 1));
    const auto place = single.find(key);
    if (key != "answers" && place == single.end()) {
      overrides.push_back(word);
      continue;
    }
    if (value.empty()) throw usage_error(fmt::format("{}= needs the name of a file", key));
    expand_path(value, (key + "=").c_str());
    if (key == "answers")
      request_.answers.emplace_back(value);
    else
      *place->second = value;
  }
  invocation.overrides = std::move(overrides);
  if (invocation.config.empty() && !invocation.overrides.empty())
    throw usage_error(
        fmt::format("{}: an override needs --config; the words of score are answers=, turns=, entities= "
                    "and among=",
                    invocation.overrides.front()));
  if (request_.answers.empty() && invocation.config.empty())
    throw usage_error("latentcrs score needs answers=FILE, or --config NAME for a run with a zero-shot baseline");
}

int ScoreCommand::run(const Invocation& invocation) const {
  ScoreRequest request = request_;
  if (!invocation.jobs.empty()) {
    const Config& config = invocation.jobs.front().loaded.config;
    request.run = ScoredRun{.name = config.exp_name, .evaluate = fs::path(config.output_dir) / "evaluate"};
  }
  const ScoreReport report = score_answers(request);
  if (tsv_ == "-") {
    fmt::print("{}", figures_tsv(report.answers));
  } else {
    for (const RankedAnswers& answers : report.answers) fmt::print("{}\n", figures_table(answers).to_text());
    if (!tsv_.empty()) write_file_atomically(tsv_, figures_tsv(report.answers));
  }
  if (!ranks_.empty()) write_rank_rows(report.answers, ranks_);
  for (const std::string& note : report.notes) fmt::print(tsv_ == "-" ? stderr : stdout, "{}\n", note);
  return 0;
}

}  // namespace

std::unique_ptr<Command> make_score_command() { return std::make_unique<ScoreCommand>(); }

}  // namespace latentcrs
