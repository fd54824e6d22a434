// The program and the machine behind a run's results, as the manifests of its stages record them under `made_with`.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace latentcrs {

/// The differences between two such records that can change the bits of a result, each as "LibTorch 1.13.1 and 2.11.0".
/// Two instruction sets with portable arithmetic on both sides do not count, unless one of them is the baseline.
std::vector<std::string> differences(const nlohmann::json& a, const nlohmann::json& b);

/// The differences() of all stages that both run folders hold, without repetitions. A stage whose manifest has no
/// record is left out.
std::vector<std::string> differences_of_runs(const std::filesystem::path& a, const std::filesystem::path& b);

}  // namespace latentcrs
