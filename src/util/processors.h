// How many processors this process may use, and how many threads it computes with.
#pragma once

#include <filesystem>

namespace latentcrs {

/// Processors that sched_getaffinity allows (`taskset`, containers), or fewer where the control group's CPU quota is
/// smaller; a part of a processor counts as one. At least 1.
int allowed_processors();

/// CPU quota in processors, rounded up, of the control group in which `membership` (/proc/self/cgroup) puts this
/// process, and of the groups around it, whose files lie below `root` (/sys/fs/cgroup). Versions 1 and 2. 0: no limit.
int cgroup_processors(const std::filesystem::path& membership, const std::filesystem::path& root);

/// The setting `threads`, or, where it is 0, the first number of the variable OMP_NUM_THREADS, or all allowed
/// processors. More threads than 8 for each allowed processor (and more than 16) would wait for one another for hours:
/// such a setting is an Error(config), and such a variable, which another machine's login file may have set, does not
/// count.
int resolve_threads(int setting);

}  // namespace latentcrs
