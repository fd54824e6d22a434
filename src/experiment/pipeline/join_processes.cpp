#include "experiment/pipeline/join_processes.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/util/error.h"
#include "base/util/files.h"
#include "base/util/log.h"
#include "base/util/processors.h"
#include "experiment/stages/device.h"
#include "experiment/stages/made_with.h"
#include "numerics/parallel/shards.h"

namespace latentcrs {

namespace {

/// A file of another host may need a while to appear here.
constexpr std::chrono::seconds kFilePatience(10);

std::chrono::milliseconds milliseconds(double seconds) {
  return std::chrono::milliseconds(std::llround(seconds * 1000));
}

/// What must be the same in all processes, by its name in messages.
std::map<std::string, std::string> alike(const LoadedConfig& loaded, const std::vector<std::string>& stages,
                                         c10::Device device) {
  std::map<std::string, std::string> facts;
  const nlohmann::json made = made_with(loaded.config, device);
  for (const auto& [name, value] : made.items())
    if (name != "threads" && name != "device")
      facts[name] = value.is_string() ? value.get<std::string>() : value.dump();
  facts["the kind of device"] = device.is_cuda() ? "cuda" : "cpu";
  facts["the list of stages"] = fmt::format("{}", fmt::join(stages, " "));
  facts["the digest of the settings (latentcrs config prints them)"] = sha256(to_yaml(loaded, Origins::left_out));
  return facts;
}

}  // namespace

std::unique_ptr<Processes> join_processes(const LoadedConfig& loaded, const std::vector<std::string>& stages,
                                          StageContext& context) {
  const Placement placement = placement_from(launcher_environment);
  if (placement.rank > 0) log::set_level(log::Level::warn);  // one process speaks for all; each has a log file
  const bool learns =
      std::any_of(stages.begin(), stages.end(), [](const auto& s) { return s == "pretrain" || s == "train"; });
  if (learns) Shards::check(placement.size, loaded.config.data_shards);
  auto processes = Processes::join(placement, {.alike = alike(loaded, stages, context.device),
                                               .lost_after = milliseconds(loaded.config.cluster.lost_after),
                                               .start_within = milliseconds(loaded.config.cluster.start_within)});
  if (!processes->several()) {
    if (const std::string hint = hint_of_single_process(launcher_environment); !hint.empty()) log::warn("{}", hint);
    return processes;
  }
  at::set_num_threads(resolve_threads(loaded.config.threads, processes->sharing_processors()));
  if (context.device.is_cuda() && loaded.config.device == "auto")
    context.device = choose_device(fmt::format("cuda:{}", processes->rank_on_host()));
  processes->compute_on(context.device);
  log::info("{}, started by {}, {} thread(s)", processes->name(processes->rank()), placement.launcher,
            threads_in_use());
  return processes;
}

void check_folder_is_shared(Processes& processes, const std::filesystem::path& folder) {
  if (!processes.several()) return;
  const fs::path file = folder / ".processes";
  const auto now = std::chrono::system_clock::now().time_since_epoch().count();
  const std::string token = processes.from_leader(fmt::format("{} {}", getpid(), now));
  if (processes.leads()) write_file_atomically(file, token);
  processes.meet();
  const auto latest = std::chrono::steady_clock::now() + kFilePatience;
  while (!fs::exists(file) || read_file(file) != token) {
    if (std::chrono::steady_clock::now() > latest)
      throw config_error(fmt::format(
          "{} does not see the files that process 0 writes to {}: output_dir and the data must be on a file "
          "system that all hosts share",
          processes.name(processes.rank()), folder.string()));
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  processes.meet();
  if (processes.leads()) fs::remove(file);
}

}  // namespace latentcrs
