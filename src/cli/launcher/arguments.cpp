#include "cli/launcher/arguments.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/config/nearest.h"
#include "base/util/error.h"
#include "base/util/home.h"
#include "cli/launcher/commands.h"
#include "experiment/run/version.h"

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
    "  7 another process of the run was lost   70 defect of latentcrs   130 interrupted (the same command goes on from "
    "there)";

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

std::string version_text() {
  const nlohmann::json build = build_record();
  const auto text = [&build](const char* key) { return build.at(key).get<std::string>(); };
  return fmt::format("latentcrs {} ({}), LibTorch {}, Faiss {}{}, {}\n", text("version"), text("git_revision"),
                     text("libtorch"), text("faiss"), build.at("faiss_gpu").get<bool>() ? " with GPU" : "",
                     text("compiler"));
}

/// The parser with the objects that it fills.
struct Parser {
  CLI::App app{description, "latentcrs"};
  Commands commands = make_commands();
  Command* chosen = nullptr;
  Invocation invocation;

  Parser();
  void add_command(Command& command);
  CommandLine finish();
};

Parser::Parser() {
  app.formatter(std::make_shared<HelpFormatter>());  // inherited by the commands
  app.footer(footer);
  app.set_help_flag("-h,--help", "Show this help, or a command's with `latentcrs COMMAND --help`");
  app.set_version_flag("--version", version_text, "Show the versions of latentcrs and of what it was built with");
  app.allow_extras();
  for (const auto& command : commands) add_command(*command);
}

void Parser::add_command(Command& command) {
  const CommandInfo& info = command.info();
  CLI::App* sub = app.add_subcommand(info.name, info.help)->group("Commands")->footer(info.details);
  sub->set_help_flag("-h,--help", "Show this help");
  sub->allow_extras();
  sub->callback([this, &command] { chosen = &command; });
  if (info.config != ConfigUse::none) {
    sub->add_option("-c,--config", invocation.config, "Config file, or the name of one in the config folders")
        ->type_name("NAME");
    sub->add_option("overrides", invocation.overrides, overrides_help)->type_name("");
  }
  command.add_options(*sub);
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

/// Throws Error(usage) for a word that CLI11 could not place in `app`: an option of another command, or a typo.
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

CommandLine Parser::finish() {
  invocation.command = chosen->info().name;
  check_leftovers(*app.get_subcommands().front(), "latentcrs " + invocation.command);
  check_overrides(invocation);
  expand_path(invocation.config, "--config");
  chosen->finish(invocation);
  const auto owner =
      std::find_if(commands.begin(), commands.end(), [this](const auto& command) { return command.get() == chosen; });
  return {.invocation = std::move(invocation), .command = std::move(*owner), .answer = {}};
}

/// The first word must be a command; CLI11 would only say that something was not expected.
void check_command(const std::vector<std::string>& arguments) {
  const std::string& word = arguments.front();
  if (word.starts_with('-') || find_command(word) != nullptr) return;
  throw usage_error(fmt::format("{}: no such command{}; the commands are {}", word,
                                in_parentheses(did_you_mean(word, command_names())), fmt::join(command_names(), ", ")));
}

}  // namespace

void expand_path(std::string& path, const char* option) {
  const auto expanded = expand_home(path);
  if (!expanded)
    throw usage_error(fmt::format("{} {}: only ~ and ~/… are expanded: give the whole path", option, path));
  path = *expanded;
}

CommandLine parse_arguments(const std::vector<std::string>& arguments) {
  Parser parser;
  if (arguments.empty()) return {.invocation = {}, .answer = parser.app.help()};
  check_command(arguments);
  try {
    parser.app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForHelp&) {
    return {.invocation = {}, .answer = parser.app.help()};
  } catch (const CLI::CallForVersion& version) {
    return {.invocation = {}, .answer = version.what()};
  } catch (const CLI::ParseError& e) {
    throw usage_error(e.what());
  }
  check_leftovers(parser.app, "latentcrs");
  return parser.finish();
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
