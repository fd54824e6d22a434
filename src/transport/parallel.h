// Running many slow calls at the same time.
#pragma once

#include <cstddef>
#include <functional>

namespace latentcrs {

/// Calls work(0) … work(count - 1) on other threads, at most `threads` at once, started in that order. After the first
/// exception no further call is started; the exception is rethrown when the running calls have ended.
void for_each_concurrently(size_t count, int threads, const std::function<void(size_t)>& work);

}  // namespace latentcrs
