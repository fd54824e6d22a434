// Uploads to and downloads from Google Cloud Storage, with checksums.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/config/remote_options.h"
#include "language/transport/api_client.h"

namespace latentcrs {

struct GcsPath {
  std::string bucket;
  std::string name;
};
/// Reads "gs://bucket/name". Throws Error(config) naming the setting `key` for any other text.
GcsPath parse_gcs_path(const std::string& uri, std::string_view key);
/// "gs://bucket/name".
std::string to_uri(const GcsPath& path);

struct GcsObject {
  GcsPath path;
  int64_t size = 0;
  std::string crc32c;  ///< checksum, as crc32c_text() writes it
  std::string generation;
};

struct GcsOptions {
  std::string base_url = "https://storage.googleapis.com";
  int64_t simple_limit = int64_t{8} << 20;  ///< bytes; larger files are sent in parts, so that an upload can be resumed
  int64_t part_size = int64_t{16} << 20;    ///< bytes of a part; a multiple of 256 KiB
  RetryOptions retry;                       ///< for sending parts; the client retries whole requests
};

/// A client of Cloud Storage. Its functions throw Error(remote), which names the object and quotes the service, or
/// Error(data) for the local file.
class Gcs {
 public:
  /// `client` and `clock` must outlive it.
  Gcs(ApiClient& client, Clock& clock, GcsOptions options);

  /// Uploads a file as the new object `to`. An object that exists with the same bytes (from an earlier attempt) counts
  /// as uploaded. An object with other bytes is an error and stays unchanged.
  GcsObject upload(const std::filesystem::path& file, const GcsPath& to, const std::string& content_type);
  /// Returns the object's metadata; nullopt if there is no such object.
  std::optional<GcsObject> find(const GcsPath& path);
  /// Returns the objects whose names begin with prefix.name, ordered by name.
  std::vector<GcsObject> list(const GcsPath& prefix);
  /// Downloads an object. An interrupted download is continued (the file `to` with .part appended); `to` appears when
  /// size and checksum are right.
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

/// Returns the options for the emulator at $STORAGE_EMULATOR_HOST, to which no credentials must be sent; nullopt if the
/// variable is not set.
std::optional<GcsOptions> gcs_emulator(const RemoteContext& context);

}  // namespace latentcrs
