#include "support/subprocess.h"

#include "support/running_process.h"

namespace latentcrs::test {

Finished run_process(const std::vector<std::string>& words, const ProcessOptions& options) {
  return RunningProcess(words, options).end();
}

}  // namespace latentcrs::test
