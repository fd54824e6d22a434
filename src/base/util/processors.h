// The number of processors that this process may use, and of threads that it computes with.
#pragma once

#include <filesystem>
#include <vector>

namespace latentcrs {

/// The number of processors that sched_getaffinity allows (`taskset`, containers), or the CPU quota of the control
/// group where that is smaller, rounded up. At least 1.
int allowed_processors();

/// The numbers of the processors that sched_getaffinity allows, ascending; empty if the system does not say.
std::vector<int> processor_numbers();

/// The CPU quota in processors, rounded up, of the control group in which `membership` (/proc/self/cgroup) puts this
/// process and of the groups around it, whose files lie below `root` (/sys/fs/cgroup). Versions 1 and 2 are read. 0
/// means no limit.
int cgroup_processors(const std::filesystem::path& membership, const std::filesystem::path& root);

/// The number of threads: the setting `threads`; if it is 0, the first number of the variable OMP_NUM_THREADS; without
/// it, all allowed processors. More than 8 threads per allowed processor (and more than 16 in all) would wait for one
/// another for hours: such a setting is an Error(config), and such a variable, which may come from the login file of
/// another machine, is ignored.
int resolve_threads(int setting);
/// The same for one of `processes` processes that share their processors: without a setting, no more than its share of
/// them, at least 1.
int resolve_threads(int setting, int processes);

}  // namespace latentcrs
