#include "language/transport/gcs.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/util/crc32c.h"
#include "base/util/error.h"
#include "language/transport/api_error.h"
#include "language/transport/encoding.h"
#include "language/transport/json_api.h"
#include "language/transport/json_fields.h"
#include "language/transport/url.h"

namespace latentcrs {

namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr std::string_view kFields = "name,size,crc32c,generation";

Error storage_error(const GcsPath& path, const std::string& what) {
  return {ErrorKind::remote, fmt::format("{}: {}", to_uri(path), what)};
}

Error refused(const GcsPath& path, const HttpResponse& response) {
  const bool access = response.status == 401 || response.status == 403;
  return storage_error(path, describe_failure(response) +
                                 (access ? "; check that the bucket exists and these credentials may use it" : ""));
}

GcsObject read_object(const json& object, const std::string& bucket) {
  return {
      {bucket, string(object, "name")}, count(object, "size"), string(object, "crc32c"), string(object, "generation")};
}

json parse_reply(const GcsPath& path, const HttpResponse& response) {
  json reply = json::parse(response.body, nullptr, false);
  if (!reply.is_object()) throw storage_error(path, "Cloud Storage answered something that is no JSON object");
  return reply;
}

int64_t size_of(const fs::path& file) {
  std::error_code failure;
  const auto size = fs::file_size(file, failure);
  if (failure) throw data_error(fmt::format("{}: cannot be read: {}", file.string(), failure.message()));
  return static_cast<int64_t>(size);
}

/// The position to continue at after "308 Resume Incomplete": after the last byte that the server kept,
/// "bytes=0-262143", or 0 if that header is missing.
int64_t next_byte(const HttpResponse& response) {
  const std::string range = response.header("range");
  const size_t dash = range.rfind('-');
  int64_t last = -1;
  if (dash != std::string::npos) std::from_chars(range.data() + dash + 1, range.data() + range.size(), last);
  return last + 1;
}

/// Whether the upload session of a part no longer exists.
bool is_gone(const HttpResponse& response) { return response.status == 404 || response.status == 410; }

}  // namespace

GcsPath parse_gcs_path(const std::string& uri, std::string_view key) {
  constexpr std::string_view scheme = "gs://";
  if (uri.starts_with(scheme)) {
    const size_t slash = uri.find('/', scheme.size());
    GcsPath path{uri.substr(scheme.size(), slash == std::string::npos ? slash : slash - scheme.size()),
                 slash == std::string::npos ? "" : uri.substr(slash + 1)};
    while (path.name.ends_with('/')) path.name.pop_back();
    if (!path.bucket.empty()) return path;
  }
  throw config_error(fmt::format("{}={}: expected gs://bucket/path", key, uri));
}

std::string to_uri(const GcsPath& path) { return fmt::format("gs://{}/{}", path.bucket, path.name); }

std::optional<GcsOptions> gcs_emulator(const RemoteContext& context) {
  const std::string host = context.environment("STORAGE_EMULATOR_HOST");
  if (host.empty()) return std::nullopt;
  GcsOptions options;
  options.base_url = checked_base_url(host, "STORAGE_EMULATOR_HOST");
  return options;
}

Gcs::Gcs(ApiClient& client, Clock& clock, GcsOptions options)
    : client_(client), clock_(clock), options_(std::move(options)) {}

std::string Gcs::upload_url(const GcsPath& to, std::string_view type) const {
  // The request only creates, so a request that arrives twice does no harm and nothing is overwritten.
  return fmt::format("{}/upload/storage/v1/b/{}/o?uploadType={}&name={}&ifGenerationMatch=0", options_.base_url,
                     percent_encode(to.bucket), type, percent_encode(to.name));
}

std::string Gcs::object_url(const GcsPath& path) const {
  return fmt::format("{}/storage/v1/b/{}/o/{}", options_.base_url, percent_encode(path.bucket),
                     percent_encode(path.name));
}

void Gcs::pause(int failures) {
  clock_.sleep(std::min(options_.retry.max_wait, options_.retry.first_wait * std::exp2(failures - 1)));
}

GcsObject Gcs::upload(const fs::path& file, const GcsPath& to, const std::string& content_type) {
  const int64_t size = size_of(file);
  const GcsObject object =
      size <= options_.simple_limit ? upload_whole(file, to, content_type) : upload_in_parts(file, to, content_type);
  const std::string checksum = crc32c_text(crc32c_of_file(file));
  if (object.size != size || object.crc32c != checksum)
    throw storage_error(
        to, fmt::format("is there with {} bytes and crc32c {}, but {} has {} and {}; remove the object, or choose "
                        "another folder",
                        object.size, object.crc32c, file.string(), size, checksum));
  return object;
}

GcsObject Gcs::upload_whole(const fs::path& file, const GcsPath& to, const std::string& content_type) {
  const HttpResponse response = client_.call({.method = "POST",
                                              .url = upload_url(to, "media"),
                                              .headers = {{"Content-Type", content_type}},
                                              .upload = FileRange{file, 0, size_of(file)}});
  if (response.success()) return read_object(parse_reply(to, response), to.bucket);
  if (response.status == 412)
    if (const auto there = find(to)) return *there;
  throw refused(to, response);
}

GcsObject Gcs::upload_in_parts(const fs::path& file, const GcsPath& to, const std::string& content_type) {
  for (int sessions = 0; sessions < options_.retry.max_attempts; ++sessions) {
    const HttpResponse start = client_.call({.method = "POST",
                                             .url = upload_url(to, "resumable"),
                                             .headers = {{"Content-Type", "application/json"},
                                                         {"X-Upload-Content-Type", content_type},
                                                         {"X-Upload-Content-Length", std::to_string(size_of(file))}},
                                             .body = json{{"crc32c", crc32c_text(crc32c_of_file(file))}}.dump()});
    if (start.status == 412)
      if (const auto there = find(to)) return *there;
    if (!start.success()) throw refused(to, start);
    const std::string session = start.header("location");
    if (!session.starts_with("https://") && !is_this_machine(session))
      throw storage_error(to, "Cloud Storage named no usable address for the upload");
    if (const auto done = send_parts(file, to, session)) return *done;
  }
  throw storage_error(to, "the upload was lost again and again");
}

/// Sends the file in parts; nullopt if the session was lost and the upload must begin anew.
std::optional<GcsObject> Gcs::send_parts(const fs::path& file, const GcsPath& to, const std::string& session) {
  const int64_t size = size_of(file);
  const auto finished = [&](const HttpResponse& response) { return read_object(parse_reply(to, response), to.bucket); };
  int failures = 0;  // failures since the last byte that was accepted
  int64_t furthest = 0;
  for (int64_t begin = 0;;) {
    const int64_t part = std::min(options_.part_size, size - begin);
    // It is unknown how much of a failed part arrived, so the server is asked before anything is sent again.
    HttpResponse response =
        client_.call({.method = "PUT",
                      .url = session,
                      .headers = {{"Content-Range", fmt::format("bytes {}-{}/{}", begin, begin + part - 1, size)}},
                      .upload = FileRange{file, begin, part},
                      .repeat = Repeat::never});
    if (response.status != 308 && !response.success() && !is_gone(response)) {
      if (response.status == 412)
        if (const auto there = find(to)) return there;
      if (++failures >= options_.retry.max_attempts ||
          (response.status >= 400 && response.status < 500 && response.status != 429))
        throw refused(to, response);
      pause(failures);
      response = client_.call(
          {.method = "PUT", .url = session, .headers = {{"Content-Range", fmt::format("bytes */{}", size)}}});
    }
    if (response.success()) return finished(response);
    if (is_gone(response)) return std::nullopt;
    if (response.status != 308) throw refused(to, response);
    const int64_t next = next_byte(response);
    if (next > size) throw storage_error(to, "Cloud Storage claims to have more than was sent");
    if (next > furthest)
      failures = 0;
    else if (++failures >= options_.retry.max_attempts)
      throw storage_error(to, "the upload does not get on");
    furthest = std::max(furthest, next);
    begin = std::min(next, size - 1);  // the server has all bytes but has not finished: the last byte is sent again
  }
}

std::optional<GcsObject> Gcs::find(const GcsPath& path) {
  const HttpResponse response = client_.call({.url = fmt::format("{}?fields={}", object_url(path), kFields)});
  if (response.status == 404) return std::nullopt;
  if (!response.success()) throw refused(path, response);
  return read_object(parse_reply(path, response), path.bucket);
}

std::vector<GcsObject> Gcs::list(const GcsPath& prefix) {
  std::vector<GcsObject> objects;
  ListingPages pages(to_uri(prefix));
  std::string page;
  do {
    const HttpResponse response = client_.call(
        {.url = fmt::format("{}/storage/v1/b/{}/o?prefix={}&maxResults=1000&fields=items({}),nextPageToken{}{}",
                            options_.base_url, percent_encode(prefix.bucket), percent_encode(prefix.name), kFields,
                            page.empty() ? "" : "&pageToken=", percent_encode(page))});
    if (!response.success()) throw refused(prefix, response);
    const json reply = parse_reply(prefix, response);
    const json& items = field(reply, "items");  // an empty page has no items, and it need not be the last one
    if (items.is_array())
      for (const json& item : items) objects.push_back(read_object(item, prefix.bucket));
    page = string(reply, "nextPageToken");
    if (!page.empty()) pages.go_on(page);
  } while (!page.empty());
  return objects;
}

void Gcs::download(const GcsObject& object, const fs::path& to) {
  fs::path part = to;
  part += ".part";
  std::error_code ignored;
  fs::create_directories(to.parent_path(), ignored);
  int failures = 0;
  for (;;) {
    const int64_t have = fs::exists(part) ? size_of(part) : 0;
    HttpRequest request{.url = fmt::format("{}?alt=media&generation={}", object_url(object.path), object.generation),
                        .download = part,
                        .append = true,
                        .repeat = Repeat::never};  // a retry must begin where the first attempt ended
    if (have > 0) request.headers = {{"Range", fmt::format("bytes={}-", have)}};
    const HttpResponse response = have == object.size && have > 0 ? HttpResponse{.status = 200} : client_.call(request);
    if (response.success() && crc32c_text(crc32c_of_file(part)) == object.crc32c) break;
    const bool wrong = response.success() || response.status == 416;
    if (wrong) fs::remove(part);
    const bool final =
        response.status >= 400 && response.status < 500 && response.status != 429 && response.status != 416;
    if (!wrong && !final && fs::exists(part) && size_of(part) > have) failures = 0;
    if (final || ++failures >= options_.retry.max_attempts)
      throw response.success() ? storage_error(object.path, "what arrives does not have its checksum")
                               : refused(object.path, response);
    pause(failures);
  }
  fs::rename(part, to);
}

}  // namespace latentcrs
