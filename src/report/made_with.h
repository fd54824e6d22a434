// The program and the machine behind a run's figures, as the manifests of its stages record them under `made_with`.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace latentcrs {

/// The entries that can change the bits of a result and differ between two such records, each as "LibTorch 1.13.1
/// and 2.11.0". Two instruction sets with portable arithmetic on both sides are no difference, unless one is the
/// baseline.
std::vector<std::string> differences(const nlohmann::json& a, const nlohmann::json& b);

/// differences() of the stages that both run folders hold, each said once. A stage whose manifest has no record is left
/// out.
std::vector<std::string> differences_of_runs(const std::filesystem::path& a, const std::filesystem::path& b);

}  // namespace latentcrs
