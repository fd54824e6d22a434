#include "experiment/run/manifest.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <set>

#include "base/util/files.h"
#include "experiment/run/setting_changes.h"

namespace latentcrs {

namespace {

using nlohmann::json;

constexpr const char* kManifestName = "manifest.json";

/// Files that a stage writes while it runs and that are useless once it has finished.
const std::set<std::string> kResumeFiles = {"state.pt"};

int64_t modified_ns(const fs::path& path) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(fs::last_write_time(path).time_since_epoch()).count();
}

json to_json(const std::map<std::string, FileStamp>& stamps) {
  json out = json::object();
  for (const auto& [path, stamp] : stamps)
    out[path] = {{"sha256", stamp.sha256}, {"size", stamp.size}, {"modified_ns", stamp.modified_ns}};
  return out;
}

std::map<std::string, FileStamp> stamps_from_json(const json& value) {
  std::map<std::string, FileStamp> stamps;
  for (const auto& [path, stamp] : value.items())
    stamps[path] = {stamp.at("sha256"), stamp.at("size"), stamp.at("modified_ns")};
  return stamps;
}

std::vector<std::string> input_changes(const std::map<std::string, FileStamp>& before,
                                       const std::map<std::string, FileStamp>& now) {
  std::vector<std::string> changes;
  for (const auto& [path, stamp] : now) {
    const auto known = before.find(path);
    if (known == before.end())
      changes.push_back(path + " is a new input");
    else if (known->second.sha256 != stamp.sha256)
      changes.push_back(path + " changed");
  }
  for (const auto& [path, stamp] : before)
    if (!now.contains(path)) changes.push_back(path + " is no longer an input");
  return changes;
}

}  // namespace

FileStamp stamp_file(const fs::path& path, const FileStamp* known) {
  const auto size = static_cast<int64_t>(fs::file_size(path));
  const int64_t modified = modified_ns(path);
  if (known != nullptr && known->size == size && known->modified_ns == modified) return *known;
  return {sha256_file(path), size, modified};
}

bool matches(const fs::path& path, const FileStamp& stamp) {
  std::error_code missing;
  const auto size = fs::file_size(path, missing);
  if (missing || static_cast<int64_t>(size) != stamp.size) return false;
  return modified_ns(path) == stamp.modified_ns || sha256_file(path) == stamp.sha256;
}

std::string Manifest::fingerprint() const {
  json contents = json::object();
  for (const auto& [path, stamp] : inputs) contents[path] = stamp.sha256;
  return sha256(json{{"stage", stage}, {"version", version}, {"settings", settings}, {"inputs", contents}}.dump());
}

std::optional<Manifest> read_manifest(const fs::path& stage_folder) {
  const fs::path path = stage_folder / kManifestName;
  if (!fs::exists(path)) return std::nullopt;
  const json value = json::parse(read_file(path), nullptr, /*allow_exceptions=*/false);
  try {
    Manifest manifest;
    manifest.stage = value.at("stage");
    manifest.version = value.at("version");
    manifest.settings = value.at("settings");
    manifest.inputs = stamps_from_json(value.at("inputs"));
    manifest.outputs = stamps_from_json(value.at("outputs"));
    manifest.seconds = value.at("seconds");
    manifest.made_with = value.value("made_with", json());
    return manifest;
  } catch (const json::exception&) {
    return std::nullopt;  // a foreign file: the stage is made again
  }
}

void write_manifest(const Manifest& manifest, const fs::path& stage_folder) {
  const json value = {
      {"stage", manifest.stage},       {"version", manifest.version},        {"fingerprint", manifest.fingerprint()},
      {"settings", manifest.settings}, {"inputs", to_json(manifest.inputs)}, {"outputs", to_json(manifest.outputs)},
      {"seconds", manifest.seconds},   {"made_with", manifest.made_with}};
  write_file_atomically(stage_folder / kManifestName, value.dump(2) + "\n");
}

std::map<std::string, FileStamp> stamp_outputs(const fs::path& stage_folder) {
  std::map<std::string, FileStamp> stamps;
  for (const auto& entry : fs::recursive_directory_iterator(stage_folder)) {
    const std::string name = entry.path().filename().string();
    if (!entry.is_regular_file() || name == kManifestName || kResumeFiles.contains(name)) continue;
    stamps[fs::relative(entry.path(), stage_folder).string()] = stamp_file(entry.path());
  }
  return stamps;
}

bool has_resume_files(const fs::path& stage_folder) {
  return std::any_of(kResumeFiles.begin(), kResumeFiles.end(),
                     [&](const std::string& name) { return fs::exists(stage_folder / name); });
}

void remove_resume_files(const fs::path& stage_folder) {
  for (const std::string& name : kResumeFiles) fs::remove(stage_folder / name);
}

std::string why_stale(const Manifest& wanted, const fs::path& stage_folder) {
  const auto found = read_manifest(stage_folder);
  if (!found) return "no result yet";
  if (found->version != wanted.version)
    return fmt::format("made by version {}, this is {}", found->version, wanted.version);
  std::vector<std::string> changes = setting_changes(found->settings, wanted.settings);
  for (std::string& change : input_changes(found->inputs, wanted.inputs)) changes.push_back(std::move(change));
  if (!changes.empty()) return fmt::format("{}", fmt::join(changes, "\n"));
  if (found->fingerprint() != wanted.fingerprint()) return "made by another stage";
  if (!found->complete()) return "unfinished";
  for (const auto& [path, stamp] : found->outputs)
    if (!matches(stage_folder / path, stamp)) return path + " is missing or was changed";
  return "";
}

}  // namespace latentcrs
