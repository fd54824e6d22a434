// A whole configuration: a YAML file, and behind a line `%%` overrides, one a line, to settings and back to YAML.
#include <fstream>

#include "base/config/load_config.h"
#include "fuzz.h"

namespace {

using namespace latentcrs;
namespace fs = std::filesystem;

constexpr std::string_view kDivider = "\n%%\n";

/// A folder for the file, whose name the readers of configurations keep.
const fs::path& folder() {
  static const fs::path made = [] {
    std::string name = fs::temp_directory_path() / "latentcrs-fuzz-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) std::abort();
    return fs::path(name);
  }();
  return made;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  const size_t divider = text.find(kDivider);
  const fs::path file = folder() / "main.yaml";
  std::ofstream(file, std::ios::binary | std::ios::trunc) << text.substr(0, divider);
  const auto overrides =
      divider == text.npos ? std::vector<std::string>() : lines_of(text.substr(divider + kDivider.size()));
  fuzz::expect_value_or_error([&] {
    const LoadedConfig loaded = load_config(file.string(), overrides);
    (void)to_yaml(loaded, Origins::as_comments);
  });
  constexpr size_t kMostSweeps = 3;  // each may give 100,000 jobs
  if (overrides.size() <= kMostSweeps)
    fuzz::expect_value_or_error([&] { (void)expand_multirun(file.string(), overrides); });
  return 0;
}
