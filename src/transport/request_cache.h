// Every reply that was paid for, on disk: a run repeats without network, and an interrupted one goes on.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace latentcrs {

/// The file <folder>/replies.jsonl, one line a reply: {"key": …, "reply": …}. Only ever appended to; several processes
/// may share it. A line that a crash cut short counts as absent. Thread-safe.
class RequestCache {
 public:
  /// Throws Error(data) if the file is there and cannot be read. Nothing is created before the first store().
  explicit RequestCache(const std::filesystem::path& folder);
  ~RequestCache();
  RequestCache(const RequestCache&) = delete;
  RequestCache& operator=(const RequestCache&) = delete;

  /// The name of a question: SHA-256 of its canonical JSON text. It must hold all that decides the answer, and no
  /// secret.
  static std::string key(const nlohmann::json& question);

  std::optional<nlohmann::json> find(const std::string& key);
  /// Returns when the reply is on the disk. If there is one for `key` already, from this process or another, it stays:
  /// that one is returned, so that all use the same. Throws Error(data) if it cannot be written.
  nlohmann::json store(const std::string& key, const nlohmann::json& reply);
  size_t size() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace latentcrs
