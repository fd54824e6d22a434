// The ids of the raw files beside those of the results.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace latentcrs {

/// Users or items of one dataset. Where preprocessing numbered them anew, it wrote a map; elsewhere the ids are equal.
class RawIds {
 public:
  RawIds() = default;
  /// Reads {"raw": id, …}; without such a file the ids are equal. Throws Error(data) for a file that is none.
  explicit RawIds(const std::filesystem::path& map);

  bool are_equal() const { return raw_.empty(); }
  /// The text that the raw files have; the number itself for an id that they do not have.
  std::string raw(int64_t id) const;
  /// The id that a text of the raw files stands for; where ids are equal, the number that it is.
  std::optional<int64_t> id(std::string_view raw) const;
  /// A record's id, "<user>_<split>", with the user as the raw files write it.
  std::string shown(const std::string& record) const;

 private:
  std::unordered_map<int64_t, std::string> raw_;
  std::unordered_map<std::string, int64_t> ids_;
};

inline std::filesystem::path user_id_map(const std::filesystem::path& preprocess) {
  return preprocess / "user_id2model_id.json";
}
inline std::filesystem::path item_id_map(const std::filesystem::path& preprocess) {
  return preprocess / "item_id2model_id.json";
}

}  // namespace latentcrs
