// Many slow calls at a time.
#pragma once

#include <cstddef>
#include <functional>

namespace latentcrs {

/// Calls work(0) … work(count - 1), at most `threads` at once, started in that order. After the first exception nothing
/// new is started; it is rethrown when all that runs has ended. `work` runs on other threads.
void for_each_concurrently(size_t count, int threads, const std::function<void(size_t)>& work);

}  // namespace latentcrs
