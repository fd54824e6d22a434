#include "experiment/run/version.h"

#include <nlohmann/json.hpp>

namespace latentcrs {

std::string version_string() { return LATENTCRS_VERSION; }

nlohmann::json build_record() {
  return {{"version", LATENTCRS_VERSION},
          {"git_revision", LATENTCRS_GIT_REVISION},
          {"libtorch", LATENTCRS_TORCH_VERSION},
          {"faiss", LATENTCRS_FAISS_VERSION},
          {"faiss_gpu", static_cast<bool>(LATENTCRS_FAISS_GPU)},
          {"compiler", LATENTCRS_COMPILER}};
}

}  // namespace latentcrs
