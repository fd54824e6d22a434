// What the benchmarks share: clocks, peak memory, options, and the threads of the program's launcher.
#pragma once

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "latentcrs/util/error.h"

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

/// The most memory in use since the last reset (where the system allows one, else since the start).
inline void reset_peak() { std::ofstream("/proc/self/clear_refs") << 5; }
inline int64_t peak_mb() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (int64_t kilobytes = 0; word == "VmHWM:" && status >> kilobytes) return kilobytes / 1024;
  return 0;
}

/// The settings by which the program's launcher starts the threads; they are read while libraries load.
inline void set_thread_environment(int threads, char** argv) {
  if (std::getenv("OPENBLAS_NUM_THREADS") != nullptr) return;
  setenv("OPENBLAS_NUM_THREADS", "1", 1);
  setenv("GOMP_SPINCOUNT", "1000", 0);
  setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8", 0);
  setenv("MKL_CBWR", "AUTO,STRICT", 0);
  setenv("OMP_NUM_THREADS", std::to_string(threads).c_str(), 1);
  execv("/proc/self/exe", argv);
}

/// Hands the value of every `--name value` to the option of that name.
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
