#include "cli/launcher/run_in_core.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <filesystem>
#include <string>

#include "base/util/error.h"
#include "experiment/run/compute_environment.h"

namespace latentcrs {

namespace {

namespace fs = std::filesystem;

// Loading LibTorch takes half a second, which only commands that compute spend: they live in a library of their own.

/// The arithmetic of all jobs: the libraries read it once, when they are loaded.
Arithmetic arithmetic_of(const Invocation& invocation) {
  if (invocation.jobs.empty()) return Arithmetic::portable;  // `doctor` without a config computes nothing
  const Arithmetic first = invocation.jobs.front().loaded.config.arithmetic;
  for (const Job& job : invocation.jobs)
    if (job.loaded.config.arithmetic != first)
      throw usage_error("arithmetic cannot differ between the jobs of one command: start one command for each value");
  return first;
}

fs::path core_library() {
  const fs::path bin = fs::read_symlink("/proc/self/exe").parent_path();
  return (bin / "../lib/latentcrs/liblatentcrs_core.so").lexically_normal();
}

}  // namespace

int run_in_core(const Invocation& given, const std::string& command, const std::any& request) {
  Invocation invocation = given;
  invocation.core_command = command;
  invocation.request = request;
  const int threads = invocation.jobs.empty() ? 0 : invocation.jobs.front().loaded.config.threads;
  invocation.overruled = set_compute_environment(arithmetic_of(invocation), threads);
  const fs::path path = core_library();
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    throw internal_error(fmt::format("cannot load the core library: {}; build or install latentcrs again", dlerror()));
  }
  const auto run = reinterpret_cast<decltype(&latentcrs_core_run)>(dlsym(library, "latentcrs_core_run"));
  if (run == nullptr) throw internal_error(fmt::format("{}: {}", path.string(), dlerror()));
  return run(&invocation);
}

}  // namespace latentcrs
