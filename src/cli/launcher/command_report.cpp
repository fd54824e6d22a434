#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/util/error.h"
#include "base/util/files.h"
#include "cli/launcher/arguments.h"
#include "cli/launcher/commands.h"
#include "experiment/report/run_report.h"

namespace latentcrs {

namespace {

class ReportCommand : public Command {
 public:
  ReportCommand()
      : Command({.name = "report",
                 .help = "One HTML page about a run, or several side by side",
                 .details =
                     "Figures first: the scores, what the words gain, dialogues, conversations, learning curves,\n"
                     "intents. Below them, folded: tables with 95% intervals, paired tests, settings that\n"
                     "differ, the dataset, times, a few dialogues. The page needs nothing but itself. Each\n"
                     "figure is also written as SVG, its numbers as CSV and LaTeX (docs/report.md).\n\n"
                     "Reads   <RUN>/\n"
                     "Writes  <RUN>/report.html, <RUN> being the first one, or what --out names; beside it\n"
                     "        report/figures/*.svg and report/tables/*.csv, *.tex\n"
                     "Examples\n"
                     "  latentcrs report outputs/tiny\n"
                     "  latentcrs report outputs/k128 outputs/k512 --out k.html",
                 .config = ConfigUse::none,
                 .arguments = ArgumentKind::run_folders}) {}

  void add_options(CLI::App& parser) override {
    parser.add_option("runs", runs_, "Run folders, the one that others are compared with first")->type_name("");
    parser.add_option("--out", out_, "The page (default: report.html in the first run's\nfolder)")->type_name("FILE");
  }

  void finish(Invocation& /*invocation*/) override { expand_path(out_, "--out"); }

  int run(const Invocation& /*invocation*/) const override {
    if (runs_.empty()) throw usage_error("latentcrs report needs the folder of a run: latentcrs report RUN…");
    const std::vector<fs::path> runs(runs_.begin(), runs_.end());
    const fs::path page = out_.empty() ? runs.front() / "report.html" : fs::path(out_);
    write_report(runs, ResamplingOptions{}, page);
    fmt::print("The report is in {}; its figures and their tables are in {}\n", page.string(),
               report_files_folder(page).string());
    return 0;
  }

 private:
  std::vector<std::string> runs_;
  std::string out_;  ///< empty: report.html in the first run's folder
};

}  // namespace

std::unique_ptr<Command> make_report_command() { return std::make_unique<ReportCommand>(); }

}  // namespace latentcrs
