// The entry point of the core library.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdlib>
#include <string_view>

#include "base/util/allocator.h"
#include "base/util/error.h"
#include "base/util/interrupt.h"
#include "base/util/log.h"
#include "cli/core/core_command.h"
#include "cli/invocation.h"
#include "cli/report_error.h"

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

/// LATENTCRS_ISA_LIMIT serves the tests. The copy of our kernels for the oldest processors rounds otherwise than the
/// others.
void say_kernel_limit() {
  const char* const limit = std::getenv("LATENTCRS_ISA_LIMIT");
  if (limit == nullptr) return;
  const std::string_view name = limit;
  if (name != "amx" && name != "avx512" && name != "avx2" && name != "baseline")
    throw usage_error(fmt::format("LATENTCRS_ISA_LIMIT={}: it names amx, avx512, avx2 or baseline; unset it", name));
  log::info("LATENTCRS_ISA_LIMIT={}: our kernels go up to {}{}", name, name,
            name == "baseline" ? ", whose results differ by rounding" : "");
}

int run(const Invocation& invocation) {
  log::set_level(terminal_level(invocation.verbosity));
  install_interrupt_handlers();
  if (!invocation.overruled.empty())
    log::info("the environment's {} {} not used: results do not depend on the environment",
              fmt::join(invocation.overruled, ", "), invocation.overruled.size() == 1 ? "is" : "are");
  say_kernel_limit();
  return core_function(invocation.core_command)(invocation);
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
