#include "numerics/parallel/placement.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <string_view>

#include "base/util/error.h"

namespace latentcrs {

namespace {

constexpr int kMostProcesses = 1024;
constexpr int kLowestPort = 20000, kPorts = 12000;  // below those that Linux gives to outgoing connections (32768)

int whole_number(const std::string& text, const char* name, int low, int high) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < low || number > high)
    throw config_error(
        fmt::format("the environment's {}={} is no whole number from {} to {}: unset it, or start the processes "
                    "with torchrun, mpirun or srun",
                    name, text, low, high));
  return number;
}

/// A port that all processes of a job compute alike, and other jobs with some luck otherwise.
uint16_t port_of_job(const std::string& job) {
  uint32_t hash = 2166136261u;  // FNV-1a: std::hash may differ between builds
  for (const char c : job) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return static_cast<uint16_t>(kLowestPort + hash % kPorts);
}

/// The names under which a launcher tells a process its place.
struct Launcher {
  const char *name, *rank, *size;
  void (*find_store)(const LauncherEnvironment&, Placement&);
};

void store_of_torchrun(const LauncherEnvironment& environment, Placement& place) {
  place.store_host = environment("MASTER_ADDR");
  if (place.store_host.empty()) place.store_host = "127.0.0.1";
  const std::string port = environment("MASTER_PORT"), restarts = environment("TORCHELASTIC_RESTART_COUNT");
  place.job = fmt::format("{}.{}", environment("TORCHELASTIC_RUN_ID"), restarts);
  // MASTER_PORT itself is torchrun's. A restart gets another port, because the old one may still be closing.
  const int first = port.empty() ? kLowestPort : whole_number(port, "MASTER_PORT", 1, 65000);
  const int restart = restarts.empty() ? 0 : whole_number(restarts, "TORCHELASTIC_RESTART_COUNT", 0, 1 << 20);
  place.store_port = static_cast<uint16_t>(first + 1 + restart % 500);
}

void store_of_mpirun(const LauncherEnvironment& environment, Placement& place) {
  place.job = environment("PMIX_NAMESPACE");
  if (place.job.empty()) place.job = environment("OMPI_MCA_ess_base_jobid");
  place.store_port = port_of_job(place.job);
  place.store_host = environment("MASTER_ADDR");
  if (place.store_host.empty() && environment("OMPI_COMM_WORLD_LOCAL_SIZE") == environment("OMPI_COMM_WORLD_SIZE"))
    place.store_host = "127.0.0.1";
}

void store_of_slurm(const LauncherEnvironment& environment, Placement& place) {
  place.job = fmt::format("{}.{}", environment("SLURM_JOB_ID"), environment("SLURM_STEP_ID"));
  place.store_port = port_of_job(place.job);
  place.store_host = first_host(environment("SLURM_STEP_NODELIST"));
}

constexpr Launcher kLaunchers[] = {
    {"RANK", "RANK", "WORLD_SIZE", store_of_torchrun},
    {"mpirun", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", store_of_mpirun},
    {"srun", "SLURM_PROCID", "SLURM_STEP_NUM_TASKS", store_of_slurm},
};

/// LATENTCRS_STORE=host:port.
void take_given_store(const std::string& given, Placement& place) {
  const size_t colon = given.rfind(':');
  if (colon == std::string::npos || colon == 0)
    throw config_error(fmt::format("LATENTCRS_STORE={}: it is host:port, the address where process 0 listens", given));
  place.store_host = given.substr(0, colon);
  place.store_port = static_cast<uint16_t>(whole_number(given.substr(colon + 1), "LATENTCRS_STORE", 1, 65535));
}

}  // namespace

std::string launcher_environment(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr ? value : "";
}

std::string hint_of_single_process(const LauncherEnvironment& environment) {
  if (placement_from(environment).size > 1) return "";
  const std::string tasks = environment("SLURM_NTASKS"), mpi = environment("PMI_SIZE");
  if (!tasks.empty() && tasks != "1" && environment("SLURM_STEP_NUM_TASKS").empty())
    return fmt::format("this Slurm job has {} tasks, which `srun latentcrs …` starts; without srun there is one",
                       tasks);
  if (!mpi.empty() && mpi != "1")
    return fmt::format(
        "an MPI other than Open MPI started {} processes, which do not know each other here: set RANK, "
        "WORLD_SIZE and MASTER_ADDR from PMI_RANK, PMI_SIZE and the first host, or use srun or torchrun",
        mpi);
  return "";
}

std::string first_host(const std::string& hosts) {
  const size_t open = hosts.find_first_of("[,");
  if (open == std::string::npos || hosts[open] == ',') return hosts.substr(0, open);
  const size_t end = hosts.find_first_of("-,]", open + 1);
  return hosts.substr(0, open) + hosts.substr(open + 1, end - open - 1);
}

Placement placement_from(const LauncherEnvironment& environment) {
  for (const Launcher& launcher : kLaunchers) {
    const std::string rank = environment(launcher.rank), size = environment(launcher.size);
    if (rank.empty() || size.empty()) continue;
    Placement place{.launcher = launcher.name};
    if (!environment("TORCHELASTIC_RUN_ID").empty()) place.launcher = "torchrun";
    place.size = whole_number(size, launcher.size, 1, kMostProcesses);
    place.rank = whole_number(rank, launcher.rank, 0, place.size - 1);
    launcher.find_store(environment, place);
    if (const std::string given = environment("LATENTCRS_STORE"); !given.empty()) take_given_store(given, place);
    if (place.size > 1 && place.store_host.empty())
      throw config_error(
          fmt::format("{} started {} processes on several hosts, and nothing says where process 0 runs: set "
                      "MASTER_ADDR to its host's address in all of them (mpirun -x MASTER_ADDR=…)",
                      place.launcher, place.size));
    return place;
  }
  return {};
}

}  // namespace latentcrs
