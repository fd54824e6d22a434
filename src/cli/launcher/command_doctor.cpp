#include <CLI/CLI.hpp>

#include "cli/core_requests.h"
#include "cli/launcher/commands.h"
#include "cli/launcher/run_in_core.h"

namespace latentcrs {

namespace {

class DoctorCommand : public Command {
 public:
  DoctorCommand()
      : Command({.name = "doctor",
                 .help = "What is installed, what is missing and how to get it",
                 .details = "Reports versions, devices, memory, the names of the credentials that are set, and which\n"
                            "datasets are found. With --config, exits with 4 if that config cannot run.\n"
                            "Examples\n"
                            "  latentcrs doctor -c ml1m\n"
                            "  latentcrs doctor -c ml1m simulate=gemini --services",
                 .config = ConfigUse::optional}) {}

  void add_options(CLI::App& parser) override {
    parser.add_flag("--services", request_.services,
                    "Try the services that the config names: credentials,\naddress, model; costs nothing");
  }

  int run(const Invocation& invocation) const override { return run_in_core(invocation, "doctor", request_); }

 private:
  DoctorRequest request_;
};

}  // namespace

std::unique_ptr<Command> make_doctor_command() { return std::make_unique<DoctorCommand>(); }

}  // namespace latentcrs
