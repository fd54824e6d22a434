// The log of a run: short lines on the terminal (standard error), the same with time and level in the run's log file.
#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <utility>

namespace latentcrs::log {

enum class Level { debug, info, warn, error };

/// Lowest level shown on the terminal. Default: info.
void set_level(Level level);
/// Whether lines of `level` are shown on the terminal.
bool shows(Level level);
/// From here on every line, debug included, also goes to `path` (appended, folders created); a later call replaces the
/// file. Throws Error(data) if it cannot be opened.
void add_file(const std::filesystem::path& path);
/// Flushes all sinks.
void flush();
void write(Level level, const std::string& message);

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
