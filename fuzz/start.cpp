#include "base/util/log.h"

/// Readers warn of what they repair; a fuzzer would print millions of such lines.
extern "C" int LLVMFuzzerInitialize(int*, char***) {
  latentcrs::log::set_level(latentcrs::log::Level::error);
  return 0;
}
