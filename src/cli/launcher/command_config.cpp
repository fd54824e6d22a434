#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/config/nearest.h"
#include "base/util/error.h"
#include "cli/launcher/commands.h"

namespace latentcrs {

namespace {

const ResolvedValue& value_of(const LoadedConfig& loaded, const std::string& key) {
  const auto found = std::find_if(loaded.values.begin(), loaded.values.end(),
                                  [&key](const ResolvedValue& value) { return value.key == key; });
  if (found != loaded.values.end()) return *found;
  std::vector<std::string> keys;
  for (const ResolvedValue& value : loaded.values) keys.push_back(value.key);
  const std::string suggestion = did_you_mean(key, keys);
  throw config_error(fmt::format("--key {}: no such key{}", key, suggestion.empty() ? "" : "; " + suggestion));
}

class ConfigCommand : public Command {
 public:
  ConfigCommand()
      : Command({.name = "config",
                 .help = "Print the resolved settings",
                 .details = "Prints every setting with defaults, files and overrides applied; the output is itself a "
                            "config file.\n"
                            "Examples\n"
                            "  latentcrs config -c cds --origin\n"
                            "  latentcrs config -c cds --key pretrain.lr"}) {}

  void add_options(CLI::App& parser) override {
    CLI::Option* origin = parser.add_flag("--origin", with_origin_, "Say after each value where it comes from");
    parser.add_option("--key", key_, "Print the value of this key only")->type_name("KEY")->excludes(origin);
  }

  int run(const Invocation& invocation) const override {
    const LoadedConfig& loaded = invocation.jobs.front().loaded;
    if (key_.empty())
      fmt::print("{}", to_yaml(loaded, with_origin_ ? Origins::as_comments : Origins::left_out));
    else
      fmt::print("{}\n", value_of(loaded, key_).value);
    return 0;
  }

 private:
  bool with_origin_ = false;
  std::string key_;
};

}  // namespace

std::unique_ptr<Command> make_config_command() { return std::make_unique<ConfigCommand>(); }

}  // namespace latentcrs
