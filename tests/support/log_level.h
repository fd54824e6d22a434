// What of the log the tests show on the terminal.
#pragma once

#include "util/log.h"

namespace latentcrs::test {

/// Warnings and errors; all of it if the variable LATENTCRS_TEST_LOG is set.
log::Level usual_log_level();

/// Another level while it lives.
class LogLevel {
 public:
  explicit LogLevel(log::Level level) { log::set_level(level); }
  ~LogLevel() { log::set_level(usual_log_level()); }
  LogLevel(const LogLevel&) = delete;
  LogLevel& operator=(const LogLevel&) = delete;
};

}  // namespace latentcrs::test
