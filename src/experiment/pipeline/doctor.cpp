#include "experiment/pipeline/doctor.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <torch/cuda.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/config/config_names.h"
#include "base/util/error.h"
#include "base/util/files.h"
#include "base/util/processors.h"
#include "datasets/data/raw_format.h"
#include "experiment/pipeline/check_before_run.h"
#include "experiment/pipeline/processes_table.h"
#include "experiment/pipeline/runnable.h"
#include "experiment/run/version.h"
#include "experiment/stages/device.h"
#include "experiment/stages/providers.h"
#include "experiment/stages/stage_table.h"
#include "language/transport/curl_http.h"
#include "numerics/linalg/instruction_set.h"

namespace latentcrs {

namespace {

constexpr const char* credential_names[] = {"GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_API_KEY", "GEMINI_API_KEY",
                                            "OPENAI_API_KEY"};

Table software_table() {
  const nlohmann::json build = build_record();
  const auto text = [&build](const char* key) { return build.at(key).get<std::string>(); };
  const std::string faiss_gpu =
      build.at("faiss_gpu").get<bool>() ? "with GPU" : "CPU only; k-means runs on LibTorch's device";
  return {"Software",
          {{"part", "version"},
           {"latentcrs", fmt::format("{} ({})", text("version"), text("git_revision"))},
           {"compiler", text("compiler")},
           {"LibTorch", text("libtorch")},
           {"Faiss", fmt::format("{}, {}", text("faiss"), faiss_gpu)},
           {"OpenSSL", OpenSSL_version(OPENSSL_VERSION)},
           {"libcurl", curl_version_text()}}};
}

/// A line "MemTotal:  24000000 kB" of /proc/meminfo, in GiB.
std::string memory(const std::string& name) {
  std::ifstream in("/proc/meminfo");
  for (std::string key, rest; in >> key && std::getline(in, rest);) {
    constexpr double KiB_per_GiB = 1024.0 * 1024.0;
    if (key == name + ":") return fmt::format("{:.1f} GiB", std::stod(rest) / KiB_per_GiB);
  }
  return "unknown";
}

Table machine_table() {
  const auto gpus = torch::cuda::device_count();
  const std::string cuda = gpus > 0 ? fmt::format("{} device{}", gpus, gpus == 1 ? "" : "s")
                                    : "none visible to LibTorch: computing on the CPU";
  return {"Machine",
          {{"part", "state"},
           {"processors", fmt::format("{}, of which this process may use {}", std::thread::hardware_concurrency(),
                                      allowed_processors())},
           {"threads in use", std::to_string(threads_in_use())},
           {"kernels", std::string(kernel_instruction_set())},
           {"memory", fmt::format("{}, {} available", memory("MemTotal"), memory("MemAvailable"))},
           {"CUDA", cuda}}};
}

Table credentials_table() {
  Table table{"Credentials in the environment (only remote services need one)", {{"name", "state"}}};
  for (const char* name : credential_names) {
    const char* value = std::getenv(name);
    table.rows.push_back({name, value != nullptr && *value != '\0' ? "set" : "not set"});
  }
  return table;
}

/// The user's own files that the config needs.
std::vector<ConfigFile> files_of(const Config& config) {
  std::vector<ConfigFile> files;
  for (const Stage& stage : all_stages()) {
    if (!stage.config_files) continue;
    for (ConfigFile& file : stage.config_files(config)) files.push_back(std::move(file));
  }
  return files;
}

/// The message of the Error that `check` throws; "" if it succeeds.
std::string complaint(const std::function<void()>& check) {
  try {
    check();
    return "";
  } catch (const Error& e) {
    return e.what();
  }
}

struct DatasetTables {
  Table found{"Datasets of the configs", {{"config", "setting", "file", "state"}}};
  Table missing{"How to get what is missing", {{"dataset", "from"}}};
};

void look_for_dataset(const std::string& name, DatasetTables& tables) {
  const LoadedConfig loaded = load_config(name, {});
  const StageContext context = make_context(loaded, c10::kCPU);
  bool complete = true;
  for (const ConfigFile& file : files_of(loaded.config)) {
    const bool found = complaint([&] { context.input(file.setting, file.path); }).empty();
    tables.found.rows.push_back({name, file.setting, file.path, found ? "found" : "missing"});
    complete = complete && found;
  }
  const DatasetOptions& dataset = loaded.config.datasets;
  if (!complete)
    tables.missing.rows.push_back({dataset.dataset_name, std::string(raw_format(dataset.format).where_to_get)});
}

void add_dataset_tables(std::vector<Table>& tables) {
  DatasetTables datasets;
  for (const std::string& name : config_names()) {
    const std::string problem = complaint([&] { look_for_dataset(name, datasets); });
    if (!problem.empty()) datasets.found.rows.push_back({name, "", "", problem});
  }
  tables.push_back(datasets.found);
  if (datasets.missing.rows.size() > 1) tables.push_back(datasets.missing);
}

/// Throws Error(data) if files cannot be created in `folder`.
void check_writable(const fs::path& folder) {
  fs::path existing = fs::absolute(folder);
  while (!fs::exists(existing) && existing.has_relative_path()) existing = existing.parent_path();
  if (access(existing.c_str(), W_OK | X_OK) == 0 && fs::is_directory(existing)) return;
  throw data_error(
      fmt::format("output_dir={}: {} is not a folder that you may write to", folder.string(), existing.string()));
}

std::vector<std::string> obstacles_of(const LoadedConfig& loaded) {
  const Config& config = loaded.config;
  const StageContext context = make_context(loaded, c10::kCPU);
  const auto check_stages = [&context] {
    check_before_run(all_stages(), context, plan_stages(all_stages(), context, stage_names()).runnable);
  };
  std::vector<std::string> complaints = {complaint([&] { choose_device(config.device); }), complaint(check_stages),
                                         complaint([&] { check_writable(config.output_dir); })};
  for (const ConfigFile& file : files_of(config)) {
    complaints.push_back(complaint([&] { context.input(file.setting, file.path); }));
  }
  std::erase(complaints, "");
  return complaints;
}

}  // namespace

Diagnosis diagnose(const LoadedConfig* loaded, const DoctorFlags& flags) {
  set_threads(loaded != nullptr ? loaded->config.threads : Config{}.threads);
  Diagnosis diagnosis;
  diagnosis.tables = {software_table(), machine_table(), processes_table(launcher_environment, diagnosis.obstacles),
                      credentials_table()};
  add_dataset_tables(diagnosis.tables);
  if (loaded != nullptr) {
    for (std::string& obstacle : obstacles_of(*loaded)) diagnosis.obstacles.push_back(std::move(obstacle));
    diagnosis.left_out = plan_stages(all_stages(), make_context(*loaded, c10::kCPU), stage_names()).blocked_text();
  }
  if (loaded != nullptr && flags.services) {
    Table table{"Services of the config, tried", {{"for", "address", "credentials", "state"}}};
    for (const ServiceState& state : try_services(make_context(*loaded, c10::kCPU))) {
      table.rows.push_back({state.role, state.address, state.credentials, state.problem.empty() ? "works" : "fails"});
      if (!state.problem.empty()) diagnosis.obstacles.push_back(state.role + ": " + state.problem);
    }
    if (table.rows.size() == 1) table.rows.push_back({"nothing: every provider is offline", "", "", ""});
    diagnosis.tables.push_back(table);
  }
  return diagnosis;
}

}  // namespace latentcrs
