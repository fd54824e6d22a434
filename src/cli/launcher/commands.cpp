#include "cli/launcher/commands.h"

#include <algorithm>

namespace latentcrs {

// Each in cli/launcher/command_<name>.cpp.
Commands make_stage_commands();  // one for each stage, then `run`
std::unique_ptr<Command> make_intents_command();
std::unique_ptr<Command> make_recommend_command();
std::unique_ptr<Command> make_chat_command();
std::unique_ptr<Command> make_serve_command();
std::unique_ptr<Command> make_compare_command();
std::unique_ptr<Command> make_report_command();
std::unique_ptr<Command> make_conversations_command();
std::unique_ptr<Command> make_score_command();
std::unique_ptr<Command> make_export_command();
std::unique_ptr<Command> make_config_command();
std::unique_ptr<Command> make_init_command();
std::unique_ptr<Command> make_doctor_command();
std::unique_ptr<Command> make_completion_command();

Commands make_commands() {
  Commands commands = make_stage_commands();
  for (const auto make :
       {make_init_command, make_intents_command, make_recommend_command, make_chat_command, make_serve_command,
        make_compare_command, make_report_command, make_conversations_command, make_score_command, make_export_command,
        make_config_command, make_doctor_command, make_completion_command})
    commands.push_back(make());
  return commands;
}

const std::vector<CommandInfo>& command_infos() {
  static const std::vector<CommandInfo> infos = [] {
    std::vector<CommandInfo> texts;
    for (const auto& command : make_commands()) texts.push_back(command->info());
    return texts;
  }();
  return infos;
}

const CommandInfo* find_command(const std::string& name) {
  const auto found = std::find_if(command_infos().begin(), command_infos().end(),
                                  [&name](const CommandInfo& info) { return info.name == name; });
  return found == command_infos().end() ? nullptr : &*found;
}

std::vector<std::string> command_names() {
  std::vector<std::string> names;
  for (const CommandInfo& info : command_infos()) names.push_back(info.name);
  return names;
}

}  // namespace latentcrs
