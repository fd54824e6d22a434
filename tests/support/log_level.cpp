#include "support/log_level.h"

#include <cstdlib>

namespace latentcrs::test {

log::Level usual_log_level() {
  return std::getenv("LATENTCRS_TEST_LOG") == nullptr ? log::Level::warn : log::Level::debug;
}

}  // namespace latentcrs::test
