// liblatentcrs.so opens a run: as the launcher does, it sets the environment that LibTorch and its like read when they
// are loaded, and then loads the core library, which lies beside it.
#include <dlfcn.h>
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <mutex>

#include "base/util/error.h"
#include "experiment/run/compute_environment.h"
#include "service/api/recommender_service.h"
#include "service/api/run_settings.h"

namespace latentcrs {

namespace {

namespace fs = std::filesystem;

using OpenInCore = decltype(&latentcrs_open_recommender);

/// The folder of liblatentcrs.so.
fs::path library_folder() {
  Dl_info library{};
  if (dladdr(reinterpret_cast<const void*>(&library_folder), &library) == 0 || library.dli_fname == nullptr)
    throw internal_error("the folder of liblatentcrs.so is unknown");
  return fs::canonical(library.dli_fname).parent_path();
}

/// Prompt templates are looked up in the installed configs, which the program itself finds beside its binary.
void name_installed_configs(const fs::path& library) {
  const fs::path configs = library / "../../share/latentcrs/configs";
  if (fs::is_directory(configs)) setenv("LATENTCRS_CONFIG_DIR", fs::canonical(configs).c_str(), /*overwrite=*/0);
}

OpenInCore load_core(const Config& config) {
  const fs::path folder = library_folder(), path = folder / "liblatentcrs_core.so";
  set_compute_environment(config.arithmetic, config.threads);
  name_installed_configs(folder);
  void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr)
    throw internal_error(fmt::format("cannot load the core library: {}; build or install latentcrs again", dlerror()));
  const auto open = reinterpret_cast<OpenInCore>(dlsym(library, "latentcrs_open_recommender"));
  if (open == nullptr) throw internal_error(fmt::format("{}: {}", path.string(), dlerror()));
  return open;
}

}  // namespace

SharedRecommenderService open_recommender(const fs::path& run_folder, const OpenOptions& options) {
  static std::mutex loading;
  static OpenInCore open_in_core = nullptr;
  {
    const std::lock_guard lock(loading);
    if (open_in_core == nullptr) open_in_core = load_core(load_run_settings(run_folder, options).config);
  }
  SharedRecommenderService service;
  open_in_core(&run_folder, &options, &service);
  return service;
}

}  // namespace latentcrs
