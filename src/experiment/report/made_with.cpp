#include "experiment/report/made_with.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/util/files.h"
#include "experiment/run/stage_info.h"

namespace latentcrs {

namespace {

using nlohmann::json;

/// The keys of a record whose values can change the bits of a result, and their names in messages.
constexpr std::pair<const char*, const char*> kParts[] = {
    {"arithmetic", "arithmetic"}, {"instruction_set", "instruction set"},
    {"device", "device"},         {"libtorch", "LibTorch"},
    {"faiss", "Faiss"},           {"blas", "BLAS"},
    {"version", "latentcrs"},     {"compiler", "compiler"}};

std::string text_of(const json& record, const std::string& key) {
  const auto found = record.find(key);
  return found != record.end() && found->is_string() ? found->get<std::string>() : "";
}

/// Whether the difference between AVX2 and AVX-512 can be ignored: with portable arithmetic both give the same bits.
bool same_bits_on_all_vectors(const json& record) {
  return text_of(record, "arithmetic") == "portable" && text_of(record, "instruction_set") != "baseline";
}

json record_of(const std::filesystem::path& stage) {
  const std::filesystem::path file = stage / "manifest.json";
  if (!std::filesystem::exists(file)) return nullptr;
  const json manifest = json::parse(read_file(file), nullptr, /*allow_exceptions=*/false);
  return manifest.is_object() ? manifest.value("made_with", json()) : json();
}

}  // namespace

std::vector<std::string> differences(const json& a, const json& b) {
  std::vector<std::string> found;
  if (!a.is_object() || !b.is_object()) return found;
  const bool any_vectors = same_bits_on_all_vectors(a) && same_bits_on_all_vectors(b);
  for (const auto& [key, name] : kParts) {
    const std::string first = text_of(a, key), second = text_of(b, key);
    if (first == second || (any_vectors && key == std::string("instruction_set"))) continue;
    const auto shown = [](const std::string& text) { return text.empty() ? "(not recorded)" : text; };
    found.push_back(fmt::format("{} {} and {}", name, shown(first), shown(second)));
  }
  return found;
}

std::vector<std::string> differences_of_runs(const std::filesystem::path& a, const std::filesystem::path& b) {
  std::vector<std::string> found;
  for (const StageInfo& stage : stage_infos()) {
    if (stage.computes == Computes::without_tensors) continue;
    for (std::string& difference : differences(record_of(a / stage.name), record_of(b / stage.name)))
      if (std::find(found.begin(), found.end(), difference) == found.end()) found.push_back(std::move(difference));
  }
  return found;
}

}  // namespace latentcrs
