#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/util/error.h"
#include "cli/launcher/arguments.h"
#include "cli/launcher/commands.h"
#include "datasets/setup/config_draft.h"
#include "datasets/setup/dataset_text.h"
#include "datasets/setup/new_config.h"

namespace latentcrs {

namespace {

class InitCommand : public Command {
 public:
  InitCommand()
      : Command({.name = "init",
                 .help = "Look at a dataset's files, and write a configuration for it",
                 .details =
                     "Says what the files are: the format, the columns, users, items and interactions, times,\n"
                     "ratings, ties, repeats, and what the thresholds keep. Where several readings fit it lists them\n"
                     "and asks for a setting.\n\n"
                     "Reads   the files, or the files of a folder\n"
                     "Writes  configs/<name>.yaml, configs/datasets/<name>.yaml\n"
                     "Examples\n"
                     "  latentcrs init ratings.csv movies.csv --name films && latentcrs run -c films\n"
                     "  latentcrs init ~/ml-100k\n"
                     "  latentcrs init log.tsv datasets.columns.user=uid datasets.columns.item=sku",
                 .config = ConfigUse::none,
                 .arguments = ArgumentKind::files}) {}

  void add_options(CLI::App& parser) override {
    parser
        .add_option("files", words_,
                    "FILE…: the interactions, and the items if there are any; or a folder.\n"
                    "datasets.key=value: a setting that decides between readings")
        ->type_name("");
    parser.add_option("--name", name_, "Of the configuration (default: after the folder or file)")->type_name("NAME");
    parser.add_option("--folder", folder_, "Where configurations are written (default: configs)")->type_name("DIR");
    parser.add_flag("-f,--force", force_, "Write over files that are there");
  }

  void finish(Invocation& /*invocation*/) override {
    for (const std::string& word : words_) {
      const bool setting = word.starts_with("datasets.") && word.find('=') != std::string::npos;
      (setting ? settings_ : files_).push_back(word);
    }
    if (files_.empty()) throw usage_error("latentcrs init needs the files of a dataset, or their folder");
    for (std::string& file : files_) expand_path(file, "init");
    expand_path(folder_, "--folder");
  }

  int run(const Invocation& invocation) const override;

 private:
  std::string name_, folder_ = "configs";
  bool force_ = false;
  std::vector<std::string> words_, files_, settings_;
};

int InitCommand::run(const Invocation& /*invocation*/) const {
  const std::string name = name_.empty() ? config_name_of(files_.front()) : name_;
  const NewConfig target(folder_, name, force_ ? IfThere::overwrite : IfThere::refuse);
  const Answers answers(settings_);
  const FoundDataset found = find_dataset({files_.begin(), files_.end()}, answers);
  const FixedThresholds fixed = {.min_rating = answers.has("datasets.min_rating"),
                                 .min_interactions = answers.has("datasets.min_interactions")};
  const DatasetSurvey survey = survey_dataset(found.options, fixed);
  fmt::print("{}", dataset_text(found, survey));
  const std::string command = fmt::format("latentcrs init {}", fmt::join(words_, " "));
  target.write(draft_config(name, command, found, survey));
  fmt::print("{:<16} {}, {}\n{:<16} latentcrs run -c {}\n", "Written", target.main().string(),
             target.dataset().string(), "Next", target.argument());
  return 0;
}

}  // namespace

std::unique_ptr<Command> make_init_command() { return std::make_unique<InitCommand>(); }

}  // namespace latentcrs
