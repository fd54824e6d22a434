// The manifest.json in every stage folder: the settings, inputs and outputs of the stage.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace latentcrs {

/// A file's identity. Size and modification time are kept so that an untouched file need not be hashed again.
struct FileStamp {
  std::string sha256;
  int64_t size = 0;
  int64_t modified_ns = 0;
};

/// `known`, an earlier stamp of the same path, is returned as it is if size and time still agree.
FileStamp stamp_file(const std::filesystem::path& path, const FileStamp* known = nullptr);
/// Whether `path` has the contents of `stamp`; hashes it only if its size agrees and its time does not.
bool matches(const std::filesystem::path& path, const FileStamp& stamp);

struct Manifest {
  std::string stage;
  std::string version;                            ///< of latentcrs; another version's results are made again
  nlohmann::json settings;                        ///< the part of the config that the stage depends on
  std::map<std::string, FileStamp> inputs = {};   ///< by path as the config names it
  std::map<std::string, FileStamp> outputs = {};  ///< by path below the stage folder; empty while unfinished
  double seconds = 0;
  nlohmann::json made_with =
      nullptr;  ///< program and machine (experiment/stages/made_with.h); the fingerprint leaves it out

  /// Hash of stage, version, settings and input contents: equal fingerprints make equal outputs.
  std::string fingerprint() const;
  bool complete() const { return !outputs.empty(); }
};

/// The manifest of a stage folder; nullopt if the folder has no readable manifest.json.
std::optional<Manifest> read_manifest(const std::filesystem::path& stage_folder);
void write_manifest(const Manifest& manifest, const std::filesystem::path& stage_folder);

/// Stamps of all files below `stage_folder` except the manifest and those that only serve to resume.
std::map<std::string, FileStamp> stamp_outputs(const std::filesystem::path& stage_folder);

/// Whether an interrupted stage left files there to go on from.
bool has_resume_files(const std::filesystem::path& stage_folder);
/// Removes the files that only serve to resume; for a stage whose manifest says that it is finished.
void remove_resume_files(const std::filesystem::path& stage_folder);

/// The reason why `folder` does not hold the finished result that `wanted` (without outputs) describes; "" if it does.
/// Changed settings and inputs have a line each, with both values; other reasons stand alone.
std::string why_stale(const Manifest& wanted, const std::filesystem::path& stage_folder);

}  // namespace latentcrs
