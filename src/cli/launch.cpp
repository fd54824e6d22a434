// The half second that loading LibTorch takes is spent only by commands that compute: they live in a library of their
// own, loaded here after the environment that its threading runtimes read at load time is set.
#include <dlfcn.h>
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "cli/commands.h"
#include "latentcrs/util/error.h"

namespace latentcrs {

namespace {

namespace fs = std::filesystem;

void set_default(const char* name, const char* value) { setenv(name, value, /*overwrite=*/0); }

/// One pool of threads: OpenMP's, shared by LibTorch and our own loops. OpenBLAS would open a second one inside it.
/// Waiting threads give up spinning early, or a busy neighbour on the same cores slows every loop several times.
void set_thread_environment(const Invocation& invocation) {
  set_default("OPENBLAS_NUM_THREADS", "1");
  if (std::getenv("OMP_WAIT_POLICY") == nullptr) set_default("GOMP_SPINCOUNT", "1000");
  set_default("CUBLAS_WORKSPACE_CONFIG", ":4096:8");  // sums in one order on a GPU
  const int threads = invocation.jobs.empty() ? 0 : invocation.jobs.front().loaded.config.threads;
  if (threads > 0) setenv("OMP_NUM_THREADS", std::to_string(threads).c_str(), /*overwrite=*/1);
}

fs::path core_library() {
  const fs::path bin = fs::read_symlink("/proc/self/exe").parent_path();
  return (bin / "../lib/latentcrs/liblatentcrs_core.so").lexically_normal();
}

}  // namespace

int run_in_core(const Invocation& invocation) {
  set_thread_environment(invocation);
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
