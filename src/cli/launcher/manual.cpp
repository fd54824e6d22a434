#include "cli/launcher/manual.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

#include "base/util/files.h"
#include "cli/launcher/arguments.h"
#include "cli/launcher/commands.h"
#include "experiment/run/version.h"

namespace latentcrs {

namespace {

/// Escapes `text` so that troff prints each character as it is; hyphens stay those of the keyboard.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '\\': out += "\\e"; break;
      case '-': out += "\\-"; break;
      case '\'': out += "\\(aq"; break;
      case '`': out += "\\(ga"; break;
      case '^': out += "\\(ha"; break;
      case '~': out += "\\(ti"; break;
      default: out += c;
    }
  }
  return out.starts_with('.') ? "\\&" + out : out;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::string bold(std::string_view text) { return fmt::format("\\fB{}\\fR", escaped(text)); }
std::string italic(std::string_view text) { return fmt::format("\\fI{}\\fR", escaped(text)); }
std::string item(const std::string& head, std::string_view text) {
  return fmt::format(".TP\n{}\n{}\n", head, escaped(text));
}

/// "Reads   the files": its first word and the rest; an empty first word for any other line.
std::pair<std::string, std::string> labelled(const std::string& line) {
  for (const std::string label : {"Reads", "Writes"}) {
    if (!line.starts_with(label + "  ")) continue;
    return {label, line.substr(line.find_first_not_of(' ', label.size()))};
  }
  return {};
}

/// The text below a command's options, cut into a page's sections.
struct Sections {
  std::string prose, files, examples, exit_status;
};

Sections sections_of(const std::string& details) {
  Sections sections;
  std::string* block = nullptr;  // of lines that are printed as they are
  for (const std::string& line : lines_of(details)) {
    const auto [label, text] = labelled(line);
    if (line == "Example" || line == "Examples") {
      block = &sections.examples;
    } else if (line == "Exit codes") {
      block = &sections.exit_status;
    } else if (!label.empty()) {
      block = nullptr;
      sections.files += item(label, text);
    } else if (block != nullptr) {
      *block += escaped(line.substr(std::min({line.find_first_not_of(' '), size_t{2}, line.size()}))) + "\n";
    } else {
      std::string& part = sections.files.empty() ? sections.prose : sections.files;
      part += line.empty() ? std::string(sections.files.empty() ? ".PP\n" : "") : escaped(line) + "\n";
    }
  }
  while (sections.prose.ends_with(".PP\n")) sections.prose.resize(sections.prose.size() - 4);
  return sections;
}

std::string section(const char* title, const std::string& text) {
  return text.empty() ? "" : fmt::format(".SH {}\n{}", title, text);
}
std::string as_it_is(const std::string& text) { return text.empty() ? "" : ".nf\n" + text + ".fi\n"; }

/// "key=value  a setting", where every line of an argument's help is like that.
bool is_table(const std::vector<std::string>& lines) {
  return lines.size() > 1 && std::all_of(lines.begin(), lines.end(),
                                         [](const std::string& line) { return line.find("  ") != std::string::npos; });
}

std::string option_item(const OptionHelp& option) {
  const std::string head = option.is_argument ? italic(option.names) : bold(option.names);
  std::string out = fmt::format(".TP\n{}{}\n", head, option.value.empty() ? "" : " " + italic(option.value));
  const std::vector<std::string> lines = lines_of(option.help);
  if (!is_table(lines)) {
    for (const std::string& line : lines) out += escaped(line) + "\n";
    return out;
  }
  out += "one of\n.RS\n";
  for (const std::string& line : lines) {
    const size_t gap = line.find("  ");
    out += item(bold(line.substr(0, gap)), line.substr(line.find_first_not_of(' ', gap)));
  }
  return out + ".RE\n";
}

std::string options_of(const std::vector<OptionHelp>& options) {
  std::string out;
  for (const OptionHelp& option : options) out += option_item(option);
  return out;
}

std::string synopsis(const std::string& command, const std::vector<OptionHelp>& options) {
  std::string out = fmt::format(".B latentcrs {}\n[\\fIoptions\\fR]", command.empty() ? "\\fIcommand\\fR" : command);
  for (const OptionHelp& option : options)
    if (option.is_argument) out += fmt::format(" [{}...]", italic(option.names));
  return out + "\n";
}

std::string page_name(const std::string& command) { return command.empty() ? "latentcrs" : "latentcrs-" + command; }

std::string list_of_commands() {
  std::string out;
  for (const CommandInfo& command : command_infos())
    out += item(fmt::format("\\fBlatentcrs {}\\fR", command.name), command.help);
  return out;
}

std::string references(const std::string& command) {
  std::vector<std::string> pages;
  if (!command.empty()) pages.push_back("latentcrs");
  for (const CommandInfo& other : command_infos())
    if (command.empty() || (other.name != command && (other.name == "run" || other.name == "config")))
      pages.push_back(page_name(other.name));
  std::string out;
  for (size_t i = 0; i < pages.size(); ++i)
    out += fmt::format(".BR {} (1){}\n", escaped(pages[i]), i + 1 < pages.size() ? "," : "");
  return out;
}

}  // namespace

std::string manual_page(const std::string& command) {
  const std::vector<OptionHelp> options = option_help(command);
  const std::string name = page_name(command);
  std::string title = name;
  std::transform(title.begin(), title.end(), title.begin(), [](unsigned char c) { return std::toupper(c); });
  const CommandInfo* row = find_command(command);
  const Sections parts = sections_of(row != nullptr ? row->details : program_footer());
  const std::string summary = row != nullptr ? row->help : program_description();
  std::string page =
      fmt::format(".TH {} 1 \"\" \"latentcrs {}\" \"User Commands\"\n", escaped(title), version_string());
  page += section("NAME", fmt::format("{} \\- {}\n", escaped(name), escaped(summary)));
  page += section("SYNOPSIS", synopsis(command, options));
  page += section("DESCRIPTION", escaped(summary) + ".\n" + (parts.prose.empty() ? "" : ".PP\n" + parts.prose));
  if (row == nullptr) page += section("COMMANDS", list_of_commands());
  page += section("OPTIONS", options_of(options));
  page += section("FILES", parts.files);
  page += section("EXIT STATUS", as_it_is(parts.exit_status));
  page += section("EXAMPLES", as_it_is(parts.examples));
  return page + section("SEE ALSO", references(command));
}

void write_manual_pages(const std::string& folder) {
  std::filesystem::create_directories(folder);
  std::vector<std::string> names = command_names();
  names.emplace_back();
  for (const std::string& name : names)
    write_file_atomically(std::filesystem::path(folder) / (page_name(name) + ".1"), manual_page(name));
}

}  // namespace latentcrs
