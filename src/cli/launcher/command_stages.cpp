// The commands that run one stage, and `run`, which runs them all.
#include <CLI/CLI.hpp>
#include <memory>

#include "cli/core_requests.h"
#include "cli/launcher/commands.h"
#include "cli/launcher/run_in_core.h"
#include "experiment/run/stage_info.h"

namespace latentcrs {

namespace {

class StagesCommand : public Command {
 public:
  StagesCommand(CommandInfo info, std::vector<std::string> stages, std::vector<StageOption> options)
      : Command(std::move(info)), options_(std::move(options)) {
    request_.stages = std::move(stages);
  }

  void add_options(CLI::App& parser) override;
  void finish(Invocation& invocation) override;
  int run(const Invocation& invocation) const override { return run_in_core(invocation, "stages", request_); }

 protected:
  StagesRequest request_;

 private:
  void add_option(CLI::App& parser, StageOption option);

  std::vector<StageOption> options_;
  bool multirun_ = false;
  bool quiet_ = false;
  bool verbose_ = false;
  bool evaluate_only_ = false;
  std::string checkpoint_;
};

void StagesCommand::add_options(CLI::App& parser) {
  parser.add_flag("-m,--multirun", multirun_,
                  "One job after another for every combination of the\nvalues in key=a,b, key=range(1,5), "
                  "group=glob(*);\neach in its own folder, below multirun/ or output_dir");
  parser
      .add_flag("--list", request_.list,
                "With --multirun: make the jobs' folders and print a\ncommand for each, one a line; run none")
      ->needs(parser.get_option("--multirun"));
  parser.add_flag("-f,--force", request_.flags.force, "Do it again even where it is up to date");
  CLI::Option* quietly = parser.add_flag("-q,--quiet", quiet_, "Show results, warnings and errors only");
  parser.add_flag("-v,--verbose", verbose_, "Show details as well")->excludes(quietly);
  if (request_.is_whole_run) parser.add_flag("--tables", request_.flags.tables, "Print the tables of summary.md too");
  parser.add_flag("--profile", request_.flags.profile,
                  "Show where the time of each stage goes; a trace too:\n<output_dir>/profile/<stage>/trace.json");
  for (const StageOption option : options_) add_option(parser, option);
}

void StagesCommand::add_option(CLI::App& parser, StageOption option) {
  switch (option) {
    case StageOption::dry_run:
      parser.add_flag("--dry-run", request_.dry_run,
                      "Show the requests, tokens and cost of the language\nmodels; send and write nothing");
      break;
    case StageOption::detach:
      parser
          .add_flag("--detach", request_.flags.detach,
                    "Submit batch jobs and leave them running; the same\ncommand collects them later")
          ->excludes(parser.get_option("--dry-run"));
      break;
    case StageOption::retry:
      parser
          .add_flag(
              "--retry", request_.flags.retry,
              "Ask once more for the utterances that the finished\nstage simulate lacks (simulate/unanswered.jsonl)")
          ->excludes(parser.get_option("--force"));
      break;
    case StageOption::show:
      parser
          .add_option(
              "--show", request_.show,
              "Print so many utterances with prompt, replies, what\nwas cut off and leaks; the stage is not run")
          ->type_name("N")
          ->check(CLI::Range(1, 1000))
          ->excludes(parser.get_option("--dry-run"));
      break;
    case StageOption::import_encoder: {
      CLI::Option* file =
          parser.add_option("--checkpoint", checkpoint_, "Encoder to evaluate, ours or published (.pt)");
      file->type_name("FILE");
      CLI::Option* only = parser.add_flag("--evaluate-only", evaluate_only_, "Train nothing: evaluate --checkpoint");
      only->needs(file);
      file->needs(only);
      break;
    }
  }
}

void StagesCommand::finish(Invocation& invocation) {
  invocation.multirun = multirun_;
  if (quiet_) invocation.verbosity = Verbosity::quiet;
  if (verbose_) invocation.verbosity = Verbosity::verbose;
  if (evaluate_only_) invocation.overrides.push_back(text_override("pretrain.checkpoint", checkpoint_));
}

/// `run`: its options are those of any stage, without the import of an encoder.
class WholeRunCommand : public StagesCommand {
 public:
  WholeRunCommand()
      : StagesCommand(
            {.name = "run",
             .help = "All stages, from the raw dataset to the tables",
             .details =
                 "Stages that are up to date are skipped; an interrupted one goes on from its last checkpoint.\n\n"
                 "Reads   the files that datasets.interactions and datasets.metadata name\n"
                 "Writes  <output_dir>/: a folder per stage, config.yaml, run.log, metrics.jsonl, summary.md\n"
                 "Prints  the headline, where the summary is, and what to do next; --tables the tables as well\n"
                 "Examples\n"
                 "  latentcrs run -c tiny\n"
                 "  latentcrs run -c ml1m exp_name=k128 pretrain.num_intent_clusters=[128]"},
            stage_names(), {StageOption::dry_run, StageOption::detach, StageOption::retry}) {
    request_.is_whole_run = true;
  }
};

}  // namespace

Commands make_stage_commands() {
  Commands commands;
  for (const StageInfo& stage : stage_infos())
    commands.push_back(
        std::make_unique<StagesCommand>(CommandInfo{.name = stage.name, .help = stage.help, .details = stage.details},
                                        std::vector{stage.name}, stage.options));
  commands.push_back(std::make_unique<WholeRunCommand>());
  return commands;
}

}  // namespace latentcrs
