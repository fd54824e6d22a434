// The cache of paid replies on disk: a run can be repeated without network, and an interrupted run continues.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace latentcrs {

/// The file <folder>/replies.jsonl with one line per reply: {"key": …, "reply": …}. It is only appended to, and several
/// processes may share it. A line that a crash cut short counts as missing. Thread-safe.
class RequestCache {
 public:
  /// Throws Error(data) if the file exists and cannot be read. Nothing is created before the first store().
  explicit RequestCache(const std::filesystem::path& folder);
  ~RequestCache();
  RequestCache(const RequestCache&) = delete;
  RequestCache& operator=(const RequestCache&) = delete;

  /// The key of a question: the SHA-256 of its JSON text with sorted keys. The question must hold everything that the
  /// answer depends on, and no secret.
  static std::string key(const nlohmann::json& question);

  /// Returns the reply stored for `key`; nullopt if there is none. Throws Error(data) if the file cannot be read.
  std::optional<nlohmann::json> find(const std::string& key);
  /// Stores a reply and returns when it is on disk. If there is a reply for `key` already, from this process or
  /// another, that one is kept and returned, so that all use the same. Throws Error(data) if the file cannot be
  /// written.
  nlohmann::json store(const std::string& key, const nlohmann::json& reply);
  /// The same for several replies at once, by key, which takes one wait for the disk. Threads that call it meanwhile
  /// share the next one.
  std::vector<nlohmann::json> store_all(const std::vector<std::pair<std::string, nlohmann::json>>& replies);
  /// The number of replies known.
  size_t size() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace latentcrs
