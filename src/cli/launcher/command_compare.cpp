#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "base/util/error.h"
#include "cli/launcher/commands.h"
#include "experiment/report/compare_runs.h"

namespace latentcrs {

namespace {

class CompareCommand : public Command {
 public:
  CompareCommand()
      : Command({.name = "compare",
                 .help = "Paired tests between two runs, or between the scores of one",
                 .details = "For HIT@k, NDCG@k, and between runs SR@t and AT too: the difference of the means over\n"
                            "users with a 95% interval (paired bootstrap), a two-sided p-value (sign-flip test), the\n"
                            "same adjusted by Holm's method over all tests shown, and for how many users A is\n"
                            "better, equal, worse.\n\n"
                            "Reads   <RUN>/evaluate/\n"
                            "Examples\n"
                            "  latentcrs compare outputs/k128 outputs/k512\n"
                            "  latentcrs compare outputs/ml1m --seen mask    with text against the other scores\n"
                            "  latentcrs compare outputs/ml1m --split conversations_recommendation    by dialogue\n"
                            "  latentcrs compare outputs/a outputs/b --json",
                 .config = ConfigUse::none,
                 .arguments = ArgumentKind::run_folders}) {}

  void add_options(CLI::App& parser) override;
  int run(const Invocation& invocation) const override;

 private:
  CompareOptions options() const;

  std::vector<std::string> runs_;
  CompareOptions options_;
  int resamples_ = 10000;
  int64_t seed_ = 42;
  bool as_json_ = false;
};

void CompareCommand::add_options(CLI::App& parser) {
  parser.add_option("runs", runs_, "RUN_A RUN_B: two run folders;  RUN: the scores of one")->type_name("");
  parser.add_option("--score", options_.score, "The score compared (default: with text)")->type_name("NAME");
  CLI::Validator is_split = CLI::IsMember(compare_splits());
  is_split.description("");  // the names of all are too long a word for a manual
  parser
      .add_option("--split", options_.split,
                  "test (default), valid, conversations, or a group of\nthem as in conversations_discussion")
      ->type_name("SPLIT")
      ->check(is_split);
  parser
      .add_option("--seen", options_.seen_items,
                  "Rankings with (keep) or without (mask) a\nuser's history (default: as the run's tables)")
      ->type_name("MODE")
      ->check(CLI::IsMember({"keep", "mask"}));
  parser.add_flag("--without-leaks", options_.without_leaks, "Leave out users whose words give the title away");
  parser.add_flag("--common", options_.common, "Compare the users of both runs where they differ");
  parser.add_option("--resamples", resamples_, "Of bootstrap and permutation (default 10000)")
      ->type_name("N")
      ->check(CLI::Range(100, 10000000));
  parser.add_option("--seed", seed_, "Of the resampling (default 42)")->type_name("N")->check(CLI::NonNegativeNumber);
  parser.add_flag("--json", as_json_, "Print JSON");
}

CompareOptions CompareCommand::options() const {
  CompareOptions options = options_;
  options.resampling = {.resamples = resamples_, .seed = static_cast<uint64_t>(seed_)};
  return options;
}

int CompareCommand::run(const Invocation& /*invocation*/) const {
  if (runs_.empty() || runs_.size() > 2)
    throw usage_error(fmt::format("latentcrs compare takes one or two run folders, not {}", runs_.size()));
  const CompareOptions chosen = options();
  const ComparisonReport report =
      runs_.size() == 1 ? compare_scores(runs_[0], chosen) : compare_runs(runs_[0], runs_[1], chosen);
  if (as_json_)
    fmt::print("{}\n", to_json(report, chosen.resampling).dump(2));
  else
    fmt::print("{}", to_text(report, chosen.resampling));
  return 0;
}

}  // namespace

std::unique_ptr<Command> make_compare_command() { return std::make_unique<CompareCommand>(); }

}  // namespace latentcrs
