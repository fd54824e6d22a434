#include "cli/artifacts.h"

#include <set>
#include <sstream>

#include "base/util/files.h"
#include "support/temp_dir.h"

namespace latentcrs::test {

namespace fs = std::filesystem;

std::map<std::string, std::string> artifact_digests(const fs::path& run_folder) {
  std::map<std::string, std::string> digests;
  for (const auto& entry : fs::recursive_directory_iterator(run_folder)) {
    const std::string name = entry.path().filename();
    if (!entry.is_regular_file() || entry.path().parent_path() == run_folder) continue;
    if (name == "manifest.json" || name == "metrics.jsonl" || name == "state.pt") continue;
    // The name of an event file carries the time and the host; its contents are those of any such run.
    fs::path path = fs::relative(entry.path(), run_folder);
    if (name.starts_with("events.out.tfevents.")) path.replace_filename("events.out.tfevents");
    digests[path] = sha256_file(entry.path());
  }
  return digests;
}

std::map<std::string, std::string> read_digests(const fs::path& file) {
  std::map<std::string, std::string> digests;
  std::istringstream lines(read_text(file));
  for (std::string digest, path; lines >> digest >> path;) digests[path] = digest;
  return digests;
}

std::string difference_of(const std::map<std::string, std::string>& found,
                          const std::map<std::string, std::string>& expected) {
  std::set<std::string> paths;
  for (const auto& [path, digest] : found) paths.insert(path);
  for (const auto& [path, digest] : expected) paths.insert(path);
  std::string text;
  for (const std::string& path : paths) {
    const auto a = found.find(path), b = expected.find(path);
    if (a != found.end() && b != expected.end() && a->second == b->second) continue;
    text += (a != found.end() ? a->second : std::string("(not made)")) + "  " + path +
            (b != expected.end() ? "" : " (not expected)") + "\n";
  }
  return text;
}

}  // namespace latentcrs::test
