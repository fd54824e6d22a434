// The place of this process among those that a launcher (torchrun, mpirun, srun) started together, read from the
// environment.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace latentcrs {

struct Placement {
  std::string launcher = {};  ///< torchrun, mpirun, srun or RANK (set by hand); empty: the process was started alone
  int rank = 0;
  int size = 1;
  std::string store_host = {};  ///< where process 0 listens while the processes get to know each other
  uint16_t store_port = 0;
  std::string job = {};  ///< tells the processes of one start from those of another that meet at the same port
};

/// The value of a variable of the environment; "" where it is not set.
using LauncherEnvironment = std::function<std::string(const char* name)>;
std::string launcher_environment(const char* name);

/// RANK and WORLD_SIZE count first (torchrun sets them, and nodes set up by hand), then Open MPI's variables, then
/// those of a Slurm step: SLURM_PROCID alone says nothing, because a batch script's own shell has it too. Process 0 has
/// a store of its own, never that of torchrun, whose protocol changes from version to version.
/// LATENTCRS_STORE=host:port overrules its address. Throws Error(config) for numbers that make no sense, and where
/// nothing says on which host process 0 runs.
Placement placement_from(const LauncherEnvironment& environment);

/// What a process should know that was started alone where several were meant: in the shell of a Slurm batch script
/// with several tasks, or by an MPI whose variables are not read. Empty if nothing looks so.
std::string hint_of_single_process(const LauncherEnvironment& environment);

/// The first host of Slurm's notation: "node[3-5,7],gpu1" -> "node3".
std::string first_host(const std::string& hosts);

}  // namespace latentcrs
