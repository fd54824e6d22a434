// The part of the log that the tests show on the terminal.
#pragma once

#include "base/util/log.h"

namespace latentcrs::test {

/// Shows warnings and errors only, or everything if the variable LATENTCRS_TEST_LOG is set.
log::Level usual_log_level();

/// Sets another level while it lives.
class LogLevel {
 public:
  explicit LogLevel(log::Level level) { log::set_level(level); }
  ~LogLevel() { log::set_level(usual_log_level()); }
  LogLevel(const LogLevel&) = delete;
  LogLevel& operator=(const LogLevel&) = delete;
};

}  // namespace latentcrs::test
