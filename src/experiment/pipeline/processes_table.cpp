#include "experiment/pipeline/processes_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/util/error.h"
#include "base/util/processors.h"
#include "numerics/parallel/device_mesh.h"
#include "numerics/parallel/mesh.h"

namespace latentcrs {

namespace {

std::string way_to_talk() {
  if (has_gloo()) return has_nccl() ? "Gloo, and NCCL between GPUs" : "Gloo";
  return has_nccl() ? "NCCL between GPUs" : "nothing: this LibTorch has no Gloo, or its headers were not found";
}

std::string started_by(const Placement& place, const LauncherEnvironment& environment) {
  if (!place.launcher.empty()) return fmt::format("{}: process {} of {}", place.launcher, place.rank, place.size);
  const std::string hint = hint_of_single_process(environment);
  return hint.empty() ? "no launcher: a single process" : "a single process: " + hint;
}

}  // namespace

Table processes_table(const LauncherEnvironment& environment, std::vector<std::string>& obstacles) {
  Table table{"Processes of one run", {{"part", "state"}, {"they talk through", way_to_talk()}}};
  try {
    const Placement place = placement_from(environment);
    table.rows.push_back({"started by", started_by(place, environment)});
    table.rows.push_back({"processors of this one", fmt::format("{}", fmt::join(processor_numbers(), " "))});
    if (place.size == 1) return table;
    const std::string interface = environment("GLOO_SOCKET_IFNAME");
    table.rows.push_back({"process 0 listens at", fmt::format("{}:{}", place.store_host, place.store_port)});
    table.rows.push_back({"interface", interface.empty() ? "the one that reaches process 0" : interface});
    table.rows.push_back({"others reach this one at", own_address(interface, place.store_host)});
  } catch (const Error& error) {
    table.rows.push_back({"problem", error.what()});
    obstacles.emplace_back(error.what());
  }
  return table;
}

}  // namespace latentcrs
