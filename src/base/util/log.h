// The log of a run: short lines on the terminal (standard error), and the same lines with time and level in the run's
// log file.
#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <utility>

namespace latentcrs::log {

enum class Level { debug, info, warn, error };

/// Sets the lowest level that is shown on the terminal. The default is info.
void set_level(Level level);
/// Whether lines of `level` are shown on the terminal.
bool shows(Level level);
/// Appends every later line, debug lines included, to the file `path` as well; creates its folders. A later call
/// replaces the file. Throws Error(data) if it cannot be opened.
void add_file(const std::filesystem::path& path);
/// Flushes the terminal and the file.
void flush();
/// Writes one line, without a line end in `message`, to the terminal and the file.
void write(Level level, const std::string& message);

/// Format a message as fmt::format does and write it as a line of their level.
template <class... A>
void debug(fmt::format_string<A...> f, A&&... a) {
  write(Level::debug, fmt::format(f, std::forward<A>(a)...));
}
template <class... A>
void info(fmt::format_string<A...> f, A&&... a) {
  write(Level::info, fmt::format(f, std::forward<A>(a)...));
}
template <class... A>
void warn(fmt::format_string<A...> f, A&&... a) {
  write(Level::warn, fmt::format(f, std::forward<A>(a)...));
}

}  // namespace latentcrs::log
