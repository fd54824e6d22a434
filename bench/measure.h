// Functions that the benchmarks share: clocks, peak memory, options, and the threads of the program's launcher.
#pragma once

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/util/error.h"

namespace latentcrs {

using Clock = std::chrono::steady_clock;

inline double milliseconds(Clock::time_point begin, Clock::time_point end) {
  return std::chrono::duration<double, std::milli>(end - begin).count();
}

inline double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

/// The largest amount of memory in use, in MB of 2^20 bytes, since the last reset (or since the start, if the system
/// does not allow a reset).
inline void reset_peak() { std::ofstream("/proc/self/clear_refs") << 5; }
inline int64_t peak_mb() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (int64_t kilobytes = 0; word == "VmHWM:" && status >> kilobytes) return kilobytes / 1024;
  return 0;
}

/// Removes a file from the system's page cache (pages that a process has mapped stay). Throws Error(data).
inline void forget_file(const std::filesystem::path& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool forgotten = file >= 0 && fsync(file) == 0 && posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED) == 0;
  if (file >= 0) close(file);
  if (!forgotten) throw data_error(path.string() + ": cannot be taken out of the page cache");
}
/// Reads a file from beginning to end, one buffer at a time.
inline void read_whole(const std::filesystem::path& path, std::vector<char>& buffer) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) throw data_error(path.string() + ": cannot be read");
  while (read(file, buffer.data(), buffer.size()) > 0) continue;
  close(file);
}

/// The settings with which the program's launcher starts the threads; they are read while libraries are loaded.
inline void set_thread_environment(int threads, char** argv) {
  if (std::getenv("OPENBLAS_NUM_THREADS") != nullptr) return;
  setenv("OPENBLAS_NUM_THREADS", "1", 1);
  setenv("GOMP_SPINCOUNT", "1000", 0);
  setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8", 0);
  setenv("OMP_NUM_THREADS", std::to_string(threads).c_str(), 1);
  execv("/proc/self/exe", argv);
}

/// Passes the value of every `--name value` to the option of that name.
using OptionSetters = std::map<std::string, std::function<void(const std::string&)>>;
inline void read_options(int argc, char** argv, const OptionSetters& options, const std::string& usage) {
  if (argc % 2 == 0) throw usage_error(usage);
  for (int i = 1; i + 1 < argc; i += 2) {
    const auto option = options.find(argv[i]);
    if (option == options.end()) throw usage_error(fmt::format("unknown option {}; {}", argv[i], usage));
    option->second(argv[i + 1]);
  }
}
inline int positive(const std::string& text) { return std::max(1, std::atoi(text.c_str())); }
inline bool lists(const std::string& names, std::string_view name) {
  return ("," + names + ",").find(fmt::format(",{},", name)) != std::string::npos;
}

}  // namespace latentcrs
