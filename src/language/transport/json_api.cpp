#include "language/transport/json_api.h"

#include <fmt/format.h>

#include "base/util/files.h"
#include "language/transport/api_error.h"
#include "language/transport/retry.h"
#include "language/transport/url.h"

namespace latentcrs {

using nlohmann::json;

namespace {

/// Whether a downloaded file holds rows: an error page or an empty file would look like a job without answers.
bool looks_like_rows(const std::filesystem::path& file) {
  LineReader lines(file);
  for (std::string_view line; lines.next(line);)
    if (line.starts_with('{')) return true;
  return false;
}

}  // namespace

Error refusal(const std::string& url, const HttpResponse& response) {
  return {ErrorKind::remote, fmt::format("{}: {}{}", display_url(url), describe_failure(response),
                                         is_redirect(response) ? "; check base_url" : "")};
}

json get_json(ApiClient& client, const std::string& url) {
  const HttpResponse response = client.call({.url = url});
  if (!response.success()) throw refusal(url, response);
  json reply = json::parse(response.body, nullptr, false);
  if (!reply.is_object())
    throw Error(ErrorKind::remote, fmt::format("{}: answered something that is no JSON object", display_url(url)));
  return reply;
}

void ListingPages::go_on(const std::string& token) {
  const bool repeated = token.empty() || !tokens_.insert(token).second;
  if (!repeated && tokens_.size() <= kMostPages) return;
  throw Error(ErrorKind::remote, fmt::format("{}: the listing does not end: {}", listing_,
                                             repeated ? "its next page is one that was already read"
                                                      : fmt::format("it has over {} pages", kMostPages)));
}

std::optional<json> create_once(ApiClient& client, const std::string& url, const json& body) {
  const HttpResponse response = client.call({.method = "POST",
                                             .url = url,
                                             .headers = {{"Content-Type", "application/json"}},
                                             .body = body.dump(),
                                             .repeat = Repeat::never});
  if (response.status == 0 && response.transport != Transport::certificate) return std::nullopt;
  if (response.status >= 500 || response.status == 408) return std::nullopt;
  if (!response.success()) throw refusal(url, response);
  json reply = json::parse(response.body, nullptr, false);
  return reply.is_object() ? std::optional(std::move(reply)) : std::nullopt;
}

void download_file(ApiClient& client, const std::string& url, const std::filesystem::path& to) {
  std::filesystem::path part = to;
  part += ".part";
  const HttpResponse response = client.call({.url = url, .download = part});
  if (!response.success()) throw refusal(url, response);
  if (!looks_like_rows(part))
    throw Error(ErrorKind::remote,
                fmt::format("{}: answered something that is no output of a batch job", display_url(url)));
  std::filesystem::rename(part, to);
}

bool is_temporary(int64_t status) { return status == 0 || is_temporary_status(status); }

}  // namespace latentcrs
