// Warnings about a file that several stages read; each is given once.
#pragma once

#include <string>

namespace latentcrs {

/// Warns, unless this process has given the same warning before.
void warn_once(const std::string& message);

}  // namespace latentcrs
