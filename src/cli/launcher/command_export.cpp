#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/util/error.h"
#include "base/util/files.h"
#include "cli/core_requests.h"
#include "cli/launcher/arguments.h"
#include "cli/launcher/commands.h"
#include "cli/launcher/run_in_core.h"
#include "experiment/run/export_forms.h"
#include "experiment/run/run_folder.h"

namespace latentcrs {

namespace {

std::vector<std::string> form_names() {
  std::vector<std::string> names;
  for (const ExportForm& form : export_forms()) names.emplace_back(form.name);
  return names;
}

std::string forms_text() {
  std::string text;
  for (const ExportForm& form : export_forms()) text += fmt::format("  {:<9} {}\n", form.name, form.help);
  return text;
}

class ExportCommand : public Command {
 public:
  ExportCommand()
      : Command({.name = "export",
                 .help = "The preprocessed data, its split, ranks and vectors for other programs",
                 .details = "Writes plain files that pandas and NumPy read, in the form of\n" + forms_text() +
                            "Every form has the ranks of evaluate as CSV, and the item vectors, intent centres and "
                            "embedded\nutterances as .npy, of the stages that the run has finished.\n\n"
                            "Reads   <output_dir>/preprocess/, pretrain/, embed/ and evaluate/\n"
                            "Writes  <output_dir>/export/<form>/, or what --out names\n"
                            "Examples\n"
                            "  latentcrs export -c ml1m --to recbole\n"
                            "  latentcrs export -c ml1m --to csv --out ml1m-csv --only-data"}) {}

  void add_options(CLI::App& parser) override {
    parser.add_option("--to", form_, "recbole, rectools or csv")->type_name("FORM")->check(CLI::IsMember(form_names()));
    parser.add_option("--out", out_, "The folder (default: export/<form> in the run's)")->type_name("FOLDER");
    parser.add_flag("--only-data", only_data_, "Neither ranks nor vectors");
  }

  void finish(Invocation& /*invocation*/) override {
    if (form_.empty()) throw usage_error("latentcrs export needs the form: --to recbole, --to rectools or --to csv");
    expand_path(out_, "--out");
  }

  int run(const Invocation& invocation) const override {
    const Config& config = invocation.jobs.front().loaded.config;
    const ExportedRun run = read_exported_run(config);
    const fs::path folder = out_.empty() ? fs::path(config.output_dir) / "export" / form_ : fs::path(out_);
    std::vector<std::string> files = export_form(form_).write(run, folder);
    if (!only_data_)
      for (std::string& file : export_ranks(run, folder)) files.push_back(std::move(file));
    for (const std::string& file : files) fmt::print("{}\n", (folder / file).string());
    if (only_data_ || !fs::exists(RunFolder(config.output_dir, config.datasets).encoder())) return 0;
    return run_in_core(invocation, "export", ExportRequest{.folder = folder});
  }

 private:
  std::string form_, out_;
  bool only_data_ = false;
};

}  // namespace

std::unique_ptr<Command> make_export_command() { return std::make_unique<ExportCommand>(); }

}  // namespace latentcrs
