#include "cli/core.h"

#include <fmt/ranges.h>

#include "cli/report_error.h"
#include "latentcrs/util/allocator.h"
#include "latentcrs/util/interrupt.h"
#include "latentcrs/util/log.h"

namespace latentcrs {

namespace {

log::Level terminal_level(Verbosity verbosity) {
  switch (verbosity) {
    case Verbosity::quiet: return log::Level::warn;
    case Verbosity::verbose: return log::Level::debug;
    case Verbosity::normal: break;
  }
  return log::Level::info;
}

int run(const Invocation& invocation) {
  log::set_level(terminal_level(invocation.verbosity));
  install_interrupt_handlers();
  if (!invocation.overruled.empty())
    log::info("the environment's {} could change results and {} not used", fmt::join(invocation.overruled, ", "),
              invocation.overruled.size() == 1 ? "is" : "are");
  if (invocation.command == "doctor") return command_doctor(invocation);
  if (invocation.command == "intents") return command_intents(invocation);
  return command_stages(invocation);
}

}  // namespace

}  // namespace latentcrs

int latentcrs_core_run(const latentcrs::Invocation* invocation) {
  latentcrs::keep_freed_memory();
  try {
    return latentcrs::run(*invocation);
  } catch (...) {
    return latentcrs::report_current_exception();
  }
}
