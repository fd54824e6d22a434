// Google Cloud Storage: files there and back, whole and checked.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/remote_options.h"
#include "transport/api_client.h"

namespace latentcrs {

struct GcsPath {
  std::string bucket;
  std::string name;
};
/// Of "gs://bucket/name". Throws Error(config) naming `key` if it is none.
GcsPath parse_gcs_path(const std::string& uri, std::string_view key);
std::string to_uri(const GcsPath& path);

struct GcsObject {
  GcsPath path;
  int64_t size = 0;
  std::string crc32c;  ///< as crc32c_text()
  std::string generation;
};

struct GcsOptions {
  std::string base_url = "https://storage.googleapis.com";
  int64_t simple_limit = int64_t{8} << 20;  ///< larger files are sent in parts, which can be resumed; bytes
  int64_t part_size = int64_t{16} << 20;    ///< of such a part; a multiple of 256 KiB
  RetryOptions retry;                       ///< for parts; whole requests are the client's business
};

/// Every function: done, or Error(remote) naming the object and what the service said, or Error(data) for the local
/// file.
class Gcs {
 public:
  /// The client and the clock must outlive it.
  Gcs(ApiClient& client, Clock& clock, GcsOptions options);

  /// Creates `to` from a file. If it is there already with the same bytes (an earlier attempt of ours), that is as
  /// good; with other bytes, it is an error and stays as it is.
  GcsObject upload(const std::filesystem::path& file, const GcsPath& to, const std::string& content_type);
  /// Nothing if there is no such object.
  std::optional<GcsObject> find(const GcsPath& path);
  /// Objects whose names begin with path.name, by name.
  std::vector<GcsObject> list(const GcsPath& prefix);
  /// Goes on where an interrupted download left off (`to` with .part appended); `to` appears when size and checksum are
  /// right.
  void download(const GcsObject& object, const std::filesystem::path& to);

 private:
  struct Session;
  std::string upload_url(const GcsPath& to, std::string_view type) const;
  std::string object_url(const GcsPath& path) const;
  GcsObject upload_whole(const std::filesystem::path& file, const GcsPath& to, const std::string& content_type);
  GcsObject upload_in_parts(const std::filesystem::path& file, const GcsPath& to, const std::string& content_type);
  std::optional<GcsObject> send_parts(const std::filesystem::path& file, const GcsPath& to, const std::string& session);
  void pause(int failures);

  ApiClient& client_;
  Clock& clock_;
  const GcsOptions options_;
};

/// The options for $STORAGE_EMULATOR_HOST if it is set, in which case no credentials are to be sent; nothing otherwise.
std::optional<GcsOptions> gcs_emulator(const RemoteContext& context);

}  // namespace latentcrs
