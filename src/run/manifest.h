// What made an artifact: every stage folder holds a manifest.json with the settings, inputs and outputs of the stage.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace latentcrs {

/// A file's identity. Size and modification time only save the hashing of a file that nobody touched.
struct FileStamp {
  std::string sha256;
  int64_t size = 0;
  int64_t modified_ns = 0;
};

/// `known`, an earlier stamp of the same path, is returned as it is if size and time still agree.
FileStamp stamp_file(const std::filesystem::path& path, const FileStamp* known = nullptr);
/// Whether `path` still is what `stamp` describes; hashes it only if size agrees and time does not.
bool matches(const std::filesystem::path& path, const FileStamp& stamp);

struct Manifest {
  std::string stage;
  std::string version;                            ///< of latentcrs; another version's results are made again
  nlohmann::json settings;                        ///< the part of the config that the stage depends on
  std::map<std::string, FileStamp> inputs = {};   ///< by path as the config names it
  std::map<std::string, FileStamp> outputs = {};  ///< by path below the stage folder; empty while unfinished
  double seconds = 0;
  nlohmann::json made_with = nullptr;  ///< program and machine (stages/made_with.h); no part of the fingerprint

  /// Hash of stage, version, settings and input contents: equal fingerprints make equal outputs.
  std::string fingerprint() const;
  bool complete() const { return !outputs.empty(); }
};

/// manifest.json of a stage folder; nullopt if there is none (or not a readable one).
std::optional<Manifest> read_manifest(const std::filesystem::path& stage_folder);
void write_manifest(const Manifest& manifest, const std::filesystem::path& stage_folder);

/// Stamps of all files below `stage_folder` except the manifest and those that only serve to resume.
std::map<std::string, FileStamp> stamp_outputs(const std::filesystem::path& stage_folder);

/// Whether an interrupted stage left there what it can go on from.
bool has_resume_files(const std::filesystem::path& stage_folder);
/// Removes what only serves to resume: for a stage whose manifest says that it is finished.
void remove_resume_files(const std::filesystem::path& stage_folder);

/// Why `folder` does not hold the finished result that `wanted` (without outputs) describes; "" if it does. Of settings
/// and inputs a line each for all that changed, with both values; otherwise the first reason.
std::string why_stale(const Manifest& wanted, const std::filesystem::path& stage_folder);

}  // namespace latentcrs
