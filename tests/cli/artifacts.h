// The files that a run made, as digests.
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace latentcrs::test {

/// SHA-256 by path below the run folder of everything that the stages computed. Left out are the files that hold times,
/// machines or versions (manifest.json, metrics.jsonl) and those that only serve to resume. A TensorBoard event file
/// goes without the time and the host of its name.
std::map<std::string, std::string> artifact_digests(const std::filesystem::path& run_folder);

/// The lines "digest  path" of a file, as sha256sum writes them.
std::map<std::string, std::string> read_digests(const std::filesystem::path& file);

/// One line for each path whose digest differs or that only one of them has; empty if they are equal.
std::string difference_of(const std::map<std::string, std::string>& found,
                          const std::map<std::string, std::string>& expected);

}  // namespace latentcrs::test
