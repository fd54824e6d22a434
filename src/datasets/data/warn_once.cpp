#include "datasets/data/warn_once.h"

#include <mutex>
#include <unordered_set>

#include "base/util/log.h"

namespace latentcrs {

void warn_once(const std::string& message) {
  static std::mutex mutex;
  static std::unordered_set<std::string> given;
  const std::lock_guard lock(mutex);
  if (given.insert(message).second) log::warn("{}", message);
}

}  // namespace latentcrs
