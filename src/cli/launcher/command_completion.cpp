#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <set>

#include "base/config/config_names.h"
#include "base/config/schema.h"
#include "base/util/error.h"
#include "cli/launcher/arguments.h"
#include "cli/launcher/commands.h"
#include "cli/launcher/manual.h"

namespace latentcrs {

namespace {

/// Bash splits words at '=' as well, but replaces only what follows the last one: hence the stripping at the end.
constexpr const char* bash_script = R"sh(# bash completion of latentcrs, made by `latentcrs completion bash`
_latentcrs() {
  local words word previous candidates
  read -ra words <<< "${COMP_LINE:0:COMP_POINT}"
  [[ "${COMP_LINE:0:COMP_POINT}" == *' ' ]] && words+=('')
  word="${words[${#words[@]} - 1]}"
  previous="${words[${#words[@]} - 2]}"
  COMPREPLY=()
  if ((${#words[@]} == 2)); then
    candidates='@commands@'
  elif [[ $previous == -c || $previous == --config ]]; then
    candidates="$("${words[0]}" completion --configs) $(compgen -f -X '!*.yaml' -- "$word")"
  elif [[ $word == -* ]]; then
    case "${words[1]}" in
@options@    esac
@words@  elif [[ @folders@ ]]; then
    candidates="$(compgen -d -- "$word")"
  elif [[ @files@ ]]; then
    compopt -o filenames 2> /dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
    return 0
  else
    candidates="$("${words[0]}" completion --keys)"
  fi
  mapfile -t COMPREPLY < <(compgen -W "$candidates" -- "$word")
  [[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2> /dev/null
  [[ $word == *=* && $COMP_WORDBREAKS == *=* ]] && COMPREPLY=("${COMPREPLY[@]#"${word%"${word##*=}"}"}")
  return 0
}
complete -o default -F _latentcrs latentcrs
)sh";

constexpr const char* zsh_script = R"sh(#compdef latentcrs
# zsh completion of latentcrs, made by `latentcrs completion zsh`
_latentcrs() {
  local -a candidates
  if ((CURRENT == 2)); then
    compadd -- @commands@
  elif [[ ${words[CURRENT - 1]} == (-c|--config) ]]; then
    compadd -- ${(f)"$(${words[1]} completion --configs)"}
    _files -g '*.yaml'
  elif [[ $PREFIX == -* ]]; then
    case ${words[2]} in
@options@    esac
    compadd -- ${=candidates}
@words@  elif [[ ${words[2]} == (@folders@) ]]; then
    _files -/
  elif [[ ${words[2]} == (@files@) ]]; then
    _files
  else
    candidates=(${(f)"$(${words[1]} completion --keys)"})
    compadd -S '' -- ${(M)candidates:#*=}
    compadd -- ${candidates:#*=}
  fi
}
if [[ ${funcstack[1]} == _latentcrs ]]; then _latentcrs "$@"; else compdef _latentcrs latentcrs; fi
)sh";

void replace(std::string& text, const std::string& mark, const std::string& with) {
  text.replace(text.find(mark), mark.size(), with);
}

/// A script with its places for texts that depend on the commands.
struct Script {
  const char* text;
  const char* fixed_words;  ///< format of the branch for a command and its words
  const char* is_command;   ///< format of the condition for a command
  const char* or_else;      ///< between two such conditions
};

/// The condition for every command whose arguments are of that kind.
std::string condition(const Script& script, ArgumentKind kind) {
  std::vector<std::string> commands;
  for (const CommandInfo& command : command_infos())
    if (command.arguments == kind) commands.push_back(fmt::format(fmt::runtime(script.is_command), command.name));
  return fmt::format("{}", fmt::join(commands, script.or_else));
}

std::string completed(const Script& script) {
  std::string options, words;
  for (const CommandInfo& command : command_infos()) {
    options += fmt::format("      {}) candidates='{}' ;;\n", command.name, fmt::join(option_names(command.name), " "));
    if (command.arguments == ArgumentKind::fixed_words)
      words += fmt::format(fmt::runtime(script.fixed_words), command.name,
                           fmt::format("{}", fmt::join(command.fixed_words, " ")));
  }
  std::string text = script.text;
  replace(text, "@commands@", fmt::format("{} {}", fmt::join(command_names(), " "), fmt::join(option_names(""), " ")));
  replace(text, "@options@", options);
  replace(text, "@words@", words);
  replace(text, "@folders@", condition(script, ArgumentKind::run_folders));
  replace(text, "@files@", condition(script, ArgumentKind::files));
  return text;
}

const Script& script_for(const std::string& shell) {
  static const Script bash = {bash_script, "  elif [[ ${{words[1]}} == {} ]]; then\n    candidates='{}'\n",
                              "${{words[1]}} == {}", " || "};
  static const Script zsh = {zsh_script, "  elif [[ ${{words[2]}} == {} ]]; then\n    compadd -- {}\n", "{}", "|"};
  if (shell == "bash") return bash;
  if (shell == "zsh") return zsh;
  throw usage_error("latentcrs completion needs the name of a shell: bash or zsh");
}

/// Prints the beginnings of overrides: key=, group=choice; +group=choice where the settings have no such group
/// (profiles).
void print_override_words() {
  Config config;
  std::set<std::string> sections;
  for (const Field& field : schema(config)) {
    fmt::print("{}=\n", field.key);
    sections.insert(field.key.substr(0, field.key.find('.')));
  }
  for (const auto& [group, choice] : group_choices()) {
    fmt::print("{}{}={}\n", sections.contains(group) ? "" : "+", group, choice);
  }
}

/// Words that the scripts ask for while the user types.
enum class CompletionList { none, configs, keys };

class CompletionCommand : public Command {
 public:
  CompletionCommand()
      : Command({.name = "completion",
                 .help = "Print a completion script for bash or zsh",
                 .details = "Examples\n"
                            "  source <(latentcrs completion bash)\n"
                            "  latentcrs completion zsh > ~/.zfunc/_latentcrs",
                 .config = ConfigUse::none,
                 .arguments = ArgumentKind::fixed_words,
                 .fixed_words = {"bash", "zsh"}}) {}

  void add_options(CLI::App& parser) override {
    parser.add_option("shell", shell_, "bash or zsh")->type_name("");
    const auto add_list = [this, &parser](const char* name, CompletionList list, const char* help) {
      parser
          .add_flag_callback(
              name, [this, list] { list_ = list; }, help)
          ->group("");
    };
    parser.add_option("--manuals", manuals_, "Write the manual pages into this folder")->group("");
    add_list("--configs", CompletionList::configs, "List the names of configs");
    add_list("--keys", CompletionList::keys, "List what an override can begin with");
  }

  int run(const Invocation& /*invocation*/) const override {
    if (list_ == CompletionList::configs)
      fmt::print("{}\n", fmt::join(config_names(), "\n"));
    else if (list_ == CompletionList::keys)
      print_override_words();
    else if (!manuals_.empty())
      write_manual_pages(manuals_);
    else
      fmt::print("{}", completed(script_for(shell_)));
    return 0;
  }

 private:
  std::string shell_;
  std::string manuals_;  ///< the folder for manual pages, which are written instead of a script
  CompletionList list_ = CompletionList::none;
};

}  // namespace

std::unique_ptr<Command> make_completion_command() { return std::make_unique<CompletionCommand>(); }

}  // namespace latentcrs
