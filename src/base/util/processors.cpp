#include "base/util/processors.h"

#include <fmt/format.h>
#include <sched.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/util/error.h"

namespace latentcrs {

namespace {

namespace fs = std::filesystem;

int processors_of_affinity() {
  const size_t count = processor_numbers().size();
  return count > 0 ? static_cast<int>(count) : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

/// The numbers in the first line of a file; empty if the file does not exist. "max", a quota without limit, ends the
/// numbers.
std::vector<double> numbers_in(const fs::path& file) {
  std::ifstream in(file);
  std::vector<double> numbers;
  for (double number; in >> number;) numbers.push_back(number);
  return numbers;
}

/// The quota of one control group, in processors; 0 if it has no limit. Version 2 has quota and period in one file,
/// version 1 in two.
double quota_of(const fs::path& group) {
  std::vector<double> numbers = numbers_in(group / "cpu.max");
  if (numbers.empty()) {
    numbers = numbers_in(group / "cpu.cfs_quota_us");
    const std::vector<double> period = numbers_in(group / "cpu.cfs_period_us");
    numbers.insert(numbers.end(), period.begin(), period.end());
  }
  return numbers.size() == 2 && numbers[0] > 0 && numbers[1] > 0 ? numbers[0] / numbers[1] : 0;
}

/// The smallest quota of `group` and the groups around it, up to `root`; 0 if there is no limit.
double smallest_quota(fs::path group, const fs::path& root) {
  double smallest = 0;
  for (;; group = group.parent_path()) {
    const double quota = quota_of(group);
    if (quota > 0 && (smallest == 0 || quota < smallest)) smallest = quota;
    if (group == root || !group.has_relative_path()) return smallest;
  }
}

bool lists_cpu(std::string_view controllers) {
  for (size_t begin = 0; begin <= controllers.size();) {
    const size_t end = std::min(controllers.find(',', begin), controllers.size());
    if (controllers.substr(begin, end - begin) == "cpu") return true;
    begin = end + 1;
  }
  return false;
}

/// The first number of OMP_NUM_THREADS, which has one number for each level of nesting; 0 if it is not set or not a
/// number.
int threads_of_environment() {
  const char* const text = std::getenv("OMP_NUM_THREADS");
  int threads = 0;
  if (text != nullptr) std::from_chars(text, text + std::string_view(text).size(), threads);
  return std::max(0, threads);
}

}  // namespace

std::vector<int> processor_numbers() {
  constexpr int kMost = 8192;  // more processors than any kernel supports; a fixed cpu_set_t ends at 1024
  cpu_set_t* const set = CPU_ALLOC(kMost);
  const size_t size = CPU_ALLOC_SIZE(kMost);
  std::vector<int> numbers;
  if (sched_getaffinity(0, size, set) == 0)
    for (int number = 0; number < kMost; ++number)
      if (CPU_ISSET_S(static_cast<size_t>(number), size, set)) numbers.push_back(number);
  CPU_FREE(set);
  return numbers;
}

int cgroup_processors(const fs::path& membership, const fs::path& root) {
  std::ifstream lines(membership);
  double smallest = 0;
  for (std::string line; std::getline(lines, line);) {  // number:controllers:path
    const size_t first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    if (!controllers.empty() && !lists_cpu(controllers)) continue;
    const fs::path base = controllers.empty() ? root : root / controllers;
    const double quota = smallest_quota(base / fs::path(line.substr(second + 1)).relative_path(), base);
    if (quota > 0 && (smallest == 0 || quota < smallest)) smallest = quota;
  }
  return static_cast<int>(std::ceil(smallest));
}

int allowed_processors() {
  const int affinity = processors_of_affinity(), quota = cgroup_processors("/proc/self/cgroup", "/sys/fs/cgroup");
  return quota > 0 ? std::min(affinity, quota) : affinity;
}

int resolve_threads(int setting) {
  constexpr int kEach = 8, kAlways = 16;
  const int allowed = allowed_processors(), most = std::max(kAlways, kEach * allowed);
  if (setting > most)
    throw config_error(
        fmt::format("threads={}: this process may use {} processor{}, and more than {} threads would only wait for one "
                    "another; use threads=0 for one thread a processor",
                    setting, allowed, allowed == 1 ? "" : "s", most));
  if (setting > 0) return setting;
  const int of_environment = threads_of_environment();
  return of_environment > 0 && of_environment <= most ? of_environment : allowed;
}

int resolve_threads(int setting, int processes) {
  const int threads = resolve_threads(setting);
  return setting > 0 || processes < 2 ? threads : std::min(threads, std::max(1, allowed_processors() / processes));
}

}  // namespace latentcrs
