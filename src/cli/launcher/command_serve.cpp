#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdlib>

#include "base/util/error.h"
#include "base/util/files.h"
#include "base/util/text.h"
#include "cli/core_requests.h"
#include "cli/launcher/arguments.h"
#include "cli/launcher/commands.h"
#include "cli/launcher/run_in_core.h"
#include "service/api/run_settings.h"

namespace latentcrs {

namespace {

constexpr const char* kTokenVariable = "LATENTCRS_SERVE_TOKEN";
constexpr size_t kLeastToken = 16;

/// A token that was given; empty if none was.
std::string given_token(const std::string& file) {
  const char* variable = std::getenv(kTokenVariable);
  const std::string from = file.empty() ? kTokenVariable : file;
  if (file.empty() && variable == nullptr) return "";
  const std::string text = file.empty() ? variable : read_file(file);
  const std::string token(trimmed(text));
  if (token.size() < kLeastToken || token.find_first_of(kWhiteSpace) != std::string::npos)
    throw usage_error(fmt::format(
        "{}: a token has at least {} characters and no spaces; `openssl rand -hex 16` makes one", from, kLeastToken));
  return token;
}

class ServeCommand : public Command {
 public:
  ServeCommand()
      : Command(
            {.name = "serve",
             .help = "A finished run on a page to talk to, as JSON, and for OpenAI's clients",
             .details =
                 "The page is at http://127.0.0.1:8080/, the JSON interface below /api/v1 (its description:\n"
                 "/api/v1/openapi.json), OpenAI's below /v1. With two runs the page shows both. On another address\n"
                 "than this machine's own, requests need a token: that of LATENTCRS_SERVE_TOKEN or --token-file,\n"
                 "otherwise a random one, which is printed. Ctrl-C ends it.\n\n"
                 "Reads   <RUN>/\n"
                 "Writes  nothing but the cache of a service that the run asks\n"
                 "Examples\n"
                 "  latentcrs serve outputs/ml1m\n"
                 "  latentcrs serve outputs/k128 outputs/k512 --port 9000",
             .config = ConfigUse::none,
             .arguments = ArgumentKind::run_folders}) {}

  void add_options(CLI::App& parser) override;
  void finish(Invocation& invocation) override;
  int run(const Invocation& invocation) const override;

 private:
  ServeRequest request_;
  std::vector<std::string> runs_;
  std::string token_file_;
};

void ServeCommand::add_options(CLI::App& parser) {
  parser.add_option("runs", runs_, "One or two run folders")->type_name("");
  parser.add_option("--host", request_.host, "Address to listen on (default 127.0.0.1)")->type_name("ADDRESS");
  parser.add_option("--port", request_.port, "Port; 0 takes a free one (default 8080)")
      ->type_name("N")
      ->check(CLI::Range(0, 65535));
  parser.add_option("--token-file", token_file_, "File whose content requests must give as token")->type_name("FILE");
  parser.add_option("--name", request_.names, "A name by which browsers reach this server, repeatable")
      ->type_name("HOST")
      ->allow_extra_args(false);
  parser.add_option("--connections", request_.http.connections, "Connections at once (default 96)")
      ->type_name("N")
      ->check(CLI::Range(1, 4096));
  parser.add_option("--sessions", request_.sessions, "Dialogues kept at once (default 256)")
      ->type_name("N")
      ->check(CLI::Range(1, 100000));
  parser.add_option("--workers", request_.workers, "Answers computed at once (default: one for each\nprocessor)")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
}

void ServeCommand::finish(Invocation& /*invocation*/) {
  expand_path(token_file_, "--token-file");
  if (runs_.empty() || runs_.size() > 2)
    throw usage_error(
        fmt::format("latentcrs serve needs one or two run folders, not {}: latentcrs serve RUN…", runs_.size()));
  request_.runs.assign(runs_.begin(), runs_.end());
  request_.token = given_token(token_file_);
}

int ServeCommand::run(const Invocation& invocation) const {
  Invocation with_job = invocation;
  for (const fs::path& run : request_.runs) with_job.jobs.push_back({{}, load_run_settings(run, {})});
  return run_in_core(with_job, "serve", request_);
}

}  // namespace

std::unique_ptr<Command> make_serve_command() { return std::make_unique<ServeCommand>(); }

}  // namespace latentcrs
