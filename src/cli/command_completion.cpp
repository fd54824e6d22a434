#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/manual.h"
#include "config/config_names.h"
#include "config/schema.h"
#include "util/error.h"

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
  elif [[ ${words[1]} == completion ]]; then
    candidates='bash zsh'
  elif [[ ${words[1]} == compare || ${words[1]} == report ]]; then
    candidates="$(compgen -d -- "$word")"
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
  elif [[ ${words[2]} == completion ]]; then
    compadd -- bash zsh
  elif [[ ${words[2]} == (compare|report) ]]; then
    _files -/
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

std::string completed(std::string script) {
  std::string options;
  for (const std::string& command : command_names()) {
    options += fmt::format("      {}) candidates='{}' ;;\n", command, fmt::join(option_names(command), " "));
  }
  replace(script, "@commands@",
          fmt::format("{} {}", fmt::join(command_names(), " "), fmt::join(option_names(""), " ")));
  replace(script, "@options@", options);
  return script;
}

/// What can begin an override: key=, group=choice; +group=choice where the group is no part of the settings (profiles).
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

}  // namespace

int command_completion(const Invocation& invocation) {
  if (invocation.list == CompletionList::configs) {
    fmt::print("{}\n", fmt::join(config_names(), "\n"));
  } else if (invocation.list == CompletionList::keys) {
    print_override_words();
  } else if (!invocation.manuals.empty()) {
    write_manual_pages(invocation.manuals);
  } else if (invocation.shell == "bash" || invocation.shell == "zsh") {
    fmt::print("{}", completed(invocation.shell == "bash" ? bash_script : zsh_script));
  } else {
    throw usage_error("latentcrs completion needs the name of a shell: bash or zsh");
  }
  return 0;
}

}  // namespace latentcrs
