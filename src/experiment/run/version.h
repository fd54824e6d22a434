// The version of latentcrs and of the libraries it was built with.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace latentcrs {

/// "0.1.0".
std::string version_string();

/// version, git_revision (of the source tree when it was configured), libtorch, faiss, compiler.
nlohmann::json build_record();

}  // namespace latentcrs
