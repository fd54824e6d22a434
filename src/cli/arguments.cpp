#include "cli/arguments.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "config/nearest.h"
#include "run/version.h"
#include "util/error.h"
#include "util/home.h"

namespace latentcrs {

namespace {

constexpr const char* description =
    "Recommends in conversation by inferring latent intents (LatentCRS, arXiv 2503.10703)";

constexpr const char* footer =
    "Examples\n"
    "  latentcrs run --config tiny              the whole pipeline on a small made-up dataset\n"
    "  latentcrs run -c ml1m learning_rate=0.0005 exp_name=slower\n"
    "  latentcrs config -c ml1m --origin        every setting and where its value comes from\n"
    "  latentcrs report outputs/tiny            its tables, curves and dialogues on a page\n"
    "  latentcrs doctor                         what is installed and what is missing\n"
    "\n"
    "Exit codes\n"
    "  0 done   2 command line   3 configuration   4 input data   5 remote service   6 NaN or infinity\n"
    "  70 defect of latentcrs   130 interrupted (the same command goes on from there)";

constexpr const char* overrides_help =
    "key=value     a setting\n"
    "group=choice  another file of a group: configs/<group>/<choice>.yaml\n"
    "+profile=cpu  a file laid over everything\n"
    "~key          back to the default";

/// CLI11's help without its notes on which options exclude or need each other.
class HelpFormatter : public CLI::Formatter {
 public:
  HelpFormatter() {
    label("SUBCOMMAND", "COMMAND");
    label("Positionals", "Arguments");
  }
  std::string make_description(const CLI::App* app) const override { return app->get_description() + ".\n\n"; }
  std::string make_option_opts(const CLI::Option* option) const override {
    return option->get_type_name().empty() ? "" : " " + option->get_type_name();
  }
};

/// What only exists while parsing, beside the Invocation that it fills.
struct Parser {
  CLI::App app{description, "latentcrs"};
  Invocation invocation;
  bool quiet = false;
  bool verbose = false;
  bool evaluate_only = false;
  std::string checkpoint;

  Parser();
  void add_command(const Command& command);
  void add_stage_options(CLI::App* sub);
  void add_service_options(CLI::App* sub);
  void add_own_options(CLI::App* sub);
  void add_compare_options(CLI::App* sub);
  void finish();
};

std::string version_text() {
  const nlohmann::json build = build_record();
  const auto text = [&build](const char* key) { return build.at(key).get<std::string>(); };
  return fmt::format("latentcrs {} ({}), LibTorch {}, Faiss {}{}, {}\n", text("version"), text("git_revision"),
                     text("libtorch"), text("faiss"), build.at("faiss_gpu").get<bool>() ? " with GPU" : "",
                     text("compiler"));
}

Parser::Parser() {
  app.formatter(std::make_shared<HelpFormatter>());  // inherited by the commands
  app.footer(footer);
  app.set_help_flag("-h,--help", "Show this help, or a command's with `latentcrs COMMAND --help`");
  app.set_version_flag("--version", version_text, "Show the versions of latentcrs and of what it was built with");
  app.allow_extras();
  for (const Command& command : commands()) add_command(command);
}

void Parser::add_command(const Command& command) {
  CLI::App* sub = app.add_subcommand(command.name, command.help)->group("Commands")->footer(command.details);
  sub->set_help_flag("-h,--help", "Show this help");
  sub->allow_extras();
  sub->callback([this, name = command.name] { invocation.command = name; });
  if (command.config != ConfigUse::none) {
    sub->add_option("-c,--config", invocation.config, "Config file, or the name of one in the config folders")
        ->type_name("NAME");
    sub->add_option("overrides", invocation.overrides, overrides_help)->type_name("");
  }
  if (command.is_stage) add_stage_options(sub);
  add_own_options(sub);
}

void Parser::add_stage_options(CLI::App* sub) {
  sub->add_flag("-m,--multirun", invocation.multirun,
                "One job after another for every combination of the\nvalues in key=a,b, key=range(1,5), "
                "group=glob(*);\neach in its own folder, below multirun/ or output_dir");
  sub->add_flag("-f,--force", invocation.force, "Do it again even where it is up to date");
  CLI::Option* quietly = sub->add_flag("-q,--quiet", quiet, "Show results, warnings and errors only");
  sub->add_flag("-v,--verbose", verbose, "Show details as well")->excludes(quietly);
}

/// Of the stages that may speak to a language model.
void Parser::add_service_options(CLI::App* sub) {
  CLI::Option* dry =
      sub->add_flag("--dry-run", invocation.dry_run,
                    "Show the requests, tokens and cost of the language\nmodels; send and write nothing");
  if (sub->get_name() == "embed") return;
  sub->add_flag("--detach", invocation.detach,
                "Submit batch jobs and leave them running; the same\ncommand collects them later")
      ->excludes(dry);
  if (sub->get_name() == "evaluate") return;
  sub->add_flag("--retry", invocation.retry,
                "Ask once more for the utterances that the finished\nstage simulate lacks (simulate/unanswered.jsonl)")
      ->excludes(sub->get_option("--force"));
}

void Parser::add_own_options(CLI::App* sub) {
  if (sub->get_name() == "doctor")
    sub->add_flag("--services", invocation.services,
                  "Try the services that the config names: credentials,\naddress, model; costs nothing");
  if (sub->get_name() == "run") sub->add_flag("--tables", invocation.tables, "Print the tables of summary.md too");
  for (const char* name : {"simulate", "embed", "evaluate", "run"})
    if (sub->get_name() == name) add_service_options(sub);
  if (sub->get_name() == "pretrain") {
    CLI::Option* file = sub->add_option("--checkpoint", checkpoint, "Encoder to evaluate, ours or published (.pt)");
    file->type_name("FILE");
    CLI::Option* only = sub->add_flag("--evaluate-only", evaluate_only, "Train nothing: evaluate --checkpoint");
    only->needs(file);
    file->needs(only);
  } else if (sub->get_name() == "intents") {
    sub->add_option("--items", invocation.items, "Nearest items of each intent (default 3)")
        ->type_name("N")
        ->check(CLI::Range(1, 100));
    sub->add_option("--top", invocation.top,
                    "Largest intents printed (default 20 on a terminal,\nall into a file or pipe)")
        ->type_name("N")
        ->check(CLI::PositiveNumber);
    sub->add_option("--by", invocation.by, "What makes an item near: lift (default) or score")
        ->type_name("MEASURE")
        ->check(CLI::IsMember({"lift", "score"}));
  } else if (sub->get_name() == "config") {
    CLI::Option* origin = sub->add_flag("--origin", invocation.with_origin, "Say after each value where it comes from");
    sub->add_option("--key", invocation.key, "Print the value of this key only")->type_name("KEY")->excludes(origin);
  } else if (sub->get_name() == "compare") {
    add_compare_options(sub);
  } else if (sub->get_name() == "report") {
    sub->add_option("runs", invocation.runs, "Run folders, the one that others are compared with first")->type_name("");
    sub->add_option("--out", invocation.out, "The page (default: report.html in the first run's\nfolder)")
        ->type_name("FILE");
  } else if (sub->get_name() == "completion") {
    sub->add_option("shell", invocation.shell, "bash or zsh")->type_name("");
    const auto add_list = [this, sub](const char* name, CompletionList list, const char* help) {
      sub->add_flag_callback(
             name, [this, list] { invocation.list = list; }, help)
          ->group("");
    };
    sub->add_option("--manuals", invocation.manuals, "Write the manual pages into this folder")->group("");
    add_list("--configs", CompletionList::configs, "List the names of configs");
    add_list("--keys", CompletionList::keys, "List what an override can begin with");
  }
}

void Parser::add_compare_options(CLI::App* sub) {
  ComparisonChoice& choice = invocation.compare;
  sub->add_option("runs", invocation.runs, "RUN_A RUN_B: two run folders;  RUN: the scores of one")->type_name("");
  sub->add_option("--score", choice.score, "The score compared (default: with text)")->type_name("NAME");
  sub->add_option("--split", choice.split, "test (default) or valid")
      ->type_name("SPLIT")
      ->check(CLI::IsMember({"test", "valid"}));
  sub->add_option("--seen", choice.seen_items,
                  "Rankings with (keep) or without (mask) a\nuser's history (default: as the run's tables)")
      ->type_name("MODE")
      ->check(CLI::IsMember({"keep", "mask"}));
  sub->add_flag("--without-leaks", choice.without_leaks, "Leave out users whose words give the title away");
  sub->add_flag("--common", choice.common, "Compare the users of both runs where they differ");
  sub->add_option("--resamples", choice.resamples, "Of bootstrap and permutation (default 10000)")
      ->type_name("N")
      ->check(CLI::Range(100, 10000000));
  sub->add_option("--seed", choice.seed, "Of the resampling (default 42)")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber);
  sub->add_flag("--json", choice.as_json, "Print JSON");
}

std::vector<std::string> long_options(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) continue;
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::string in_parentheses(const std::string& suggestion) { return suggestion.empty() ? "" : " (" + suggestion + ")"; }

/// What CLI11 could not place in `app`: an option of another command, or a typo.
void check_leftovers(const CLI::App& app, const std::string& prefix) {
  const std::vector<std::string> leftovers = app.remaining();
  if (leftovers.empty()) return;
  const std::string& word = leftovers.front();
  if (!word.starts_with('-')) throw usage_error(fmt::format("{}: unexpected argument {}", prefix, word));
  const std::string name = word.substr(0, word.find('='));
  throw usage_error(fmt::format("{}: unknown option {}{}; see {} --help", prefix, name,
                                in_parentheses(did_you_mean(name, long_options(app))), prefix));
}

void check_overrides(const Invocation& invocation) {
  for (const std::string& word : invocation.overrides) {
    if (word.starts_with('~') || word.find('=') != std::string::npos) continue;
    throw usage_error(
        fmt::format("{}: neither an option nor an override (key=value, group=choice, +key=value, ~key); "
                    "see latentcrs {} --help",
                    word, invocation.command));
  }
}

/// A shell leaves the `~` of --option=~/… as it is.
void expand(std::string& path, const char* option) {
  const auto expanded = expand_home(path);
  if (!expanded)
    throw usage_error(fmt::format("{} {}: only ~ and ~/… are expanded: give the whole path", option, path));
  path = *expanded;
}

void Parser::finish() {
  const CLI::App& sub = *app.get_subcommands().front();
  check_leftovers(sub, "latentcrs " + invocation.command);
  check_overrides(invocation);
  if (quiet) invocation.verbosity = Verbosity::quiet;
  if (verbose) invocation.verbosity = Verbosity::verbose;
  expand(invocation.config, "--config");
  expand(invocation.out, "--out");
  if (evaluate_only) invocation.overrides.push_back(text_override("pretrain.checkpoint", checkpoint));
}

/// The first word must be a command; CLI11 would only say that something was not expected.
void check_command(const std::vector<std::string>& arguments) {
  const std::string& word = arguments.front();
  if (word.starts_with('-') || find_command(word) != nullptr) return;
  throw usage_error(fmt::format("{}: no such command{}; the commands are {}", word,
                                in_parentheses(did_you_mean(word, command_names())), fmt::join(command_names(), ", ")));
}

}  // namespace

CommandLine parse_arguments(const std::vector<std::string>& arguments) {
  Parser parser;
  if (arguments.empty()) return {{}, parser.app.help()};
  check_command(arguments);
  try {
    parser.app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForHelp&) {
    return {{}, parser.app.help()};
  } catch (const CLI::CallForVersion& version) {
    return {{}, version.what()};
  } catch (const CLI::ParseError& e) {
    throw usage_error(e.what());
  }
  check_leftovers(parser.app, "latentcrs");
  parser.finish();
  return {std::move(parser.invocation), {}};
}

std::vector<std::string> option_names(const std::string& command) {
  const Parser parser;
  return long_options(command.empty() ? parser.app : *parser.app.get_subcommand(command));
}

std::vector<OptionHelp> option_help(const std::string& command) {
  const Parser parser;
  const CLI::App& app = command.empty() ? parser.app : *parser.app.get_subcommand(command);
  std::vector<OptionHelp> options;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) continue;
    std::vector<std::string> names;
    for (const std::string& name : option->get_snames()) names.push_back("-" + name);
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    const bool is_argument = names.empty();
    options.push_back({.names = is_argument ? option->get_single_name() : fmt::format("{}", fmt::join(names, ", ")),
                       .value = is_argument ? "" : option->get_type_name(),
                       .help = option->get_description(),
                       .is_argument = is_argument});
  }
  return options;
}

std::string program_description() { return description; }
std::string program_footer() { return footer; }

}  // namespace latentcrs
