#include "language/llm/gemini_batch.h"

#include <fmt/format.h>

#include <utility>

#include "language/llm/gemini_row.h"
#include "language/transport/api_error.h"
#include "language/transport/json_api.h"
#include "language/transport/json_fields.h"
#include "language/transport/url.h"

namespace latentcrs {

namespace {

using nlohmann::json;
namespace fs = std::filesystem;

/// Whether another try may succeed after a gRPC code: cancelled, unknown, deadline, exhausted, aborted, internal,
/// unavailable.
bool is_temporary_code(int64_t code) {
  return code == 1 || code == 2 || code == 4 || code == 8 || code == 10 || code == 13 || code == 14;
}

/// The state without its prefix: "SUCCEEDED" for JOB_STATE_SUCCEEDED and for BATCH_STATE_SUCCEEDED. The service uses
/// both.
std::string plain_state(const std::string& state) {
  for (const std::string_view prefix : {"JOB_STATE_", "BATCH_STATE_"})
    if (state.starts_with(prefix)) return state.substr(prefix.size());
  return state;
}

/// Input lines are {"key": …, "request": <body>}. Output rows do not repeat the request, so that the key alone says
/// which question they answer.
class GeminiBatch : public BatchService {
 public:
  GeminiBatch(ApiClient& client, std::string base_url, std::string model)
      : client_(client), base_(std::move(base_url)), model_(std::move(model)) {}

  json input_line(const BatchTask& task) const override { return {{"key", task.key}, {"request", task.body}}; }
  BatchTask read_input_line(const json& line) const override { return {line.at("key"), line.at("request")}; }
  std::string question_text(const json&) const override { return {}; }

  BatchRow read_output_line(const json& line) const override {
    BatchRow row{.key = string(line, "key")};
    const json& response = field(line, "response");
    if (const json& error = field(line, "error"); error.is_object() && !error.empty()) {
      const int64_t code = count(error, "code");
      row.failure = fmt::format("code {}: {}", code, string(error, "message"));
      row.temporary = is_temporary_code(code) || is_temporary(code);
    } else {
      take_gemini_response(response, row);
    }
    return row;
  }

  /// Sends the file in one piece. Where that is cut off, it begins again in another session.
  std::string upload(const fs::path& input, const std::string& job_id) override {
    constexpr int tries = 3;
    const std::string start_url = base_ + "/upload/v1beta/files";
    const auto size = static_cast<int64_t>(fs::file_size(input));
    HttpResponse response;
    for (int i = 0; i < tries; ++i) {
      response = client_.call({.method = "POST",
                               .url = start_url,
                               .headers = {{"Content-Type", "application/json"},
                                           {"X-Goog-Upload-Protocol", "resumable"},
                                           {"X-Goog-Upload-Command", "start"},
                                           {"X-Goog-Upload-Header-Content-Length", std::to_string(size)},
                                           {"X-Goog-Upload-Header-Content-Type", "application/jsonl"}},
                               .body = json{{"file", {{"displayName", job_id}}}}.dump()});
      if (!response.success()) throw refusal(start_url, response);
      const std::string session = checked_session(response.header("x-goog-upload-url"), start_url);
      response = client_.call({.method = "POST",
                               .url = session,
                               .headers = {{"Content-Type", "application/jsonl"},
                                           {"X-Goog-Upload-Command", "upload, finalize"},
                                           {"X-Goog-Upload-Offset", "0"}},
                               .upload = FileRange{input, 0, size}});
      const json reply = response.success() ? json::parse(response.body, nullptr, false) : json();
      const std::string name = string(field(reply, "file"), "name");
      if (!name.empty()) return name;
    }
    throw Error(ErrorKind::remote,
                fmt::format("{}: the upload does not end: {}", display_url(start_url),
                            response.success() ? "no file name in the answer" : describe_failure(response)));
  }

  std::optional<std::string> submit(const std::string& job_id, const std::string& input) override {
    const std::string url = fmt::format("{}/v1beta/models/{}:batchGenerateContent", base_, percent_encode(model_));
    const auto created =
        create_once(client_, url, {{"batch", {{"displayName", job_id}, {"inputConfig", {{"fileName", input}}}}}});
    const std::string name = created ? string(*created, "name") : "";
    return name.empty() ? std::nullopt : std::optional(name);
  }

  std::optional<std::string> find(const std::string& job_id) override {
    ListingPages pages(display_url(base_ + "/v1beta/batches"));
    std::string page;
    do {
      std::string url = base_ + "/v1beta/batches?pageSize=100";
      if (!page.empty()) url += "&pageToken=" + percent_encode(page);
      const json reply = get_json(client_, url);
      const json& operations = field(reply, "operations");
      if (operations.is_array())
        for (const json& operation : operations)
          if (string(field(operation, "metadata"), "displayName") == job_id) return string(operation, "name");
      page = string(reply, "nextPageToken");
      if (!page.empty()) pages.go_on(page);
    } while (!page.empty());
    return std::nullopt;
  }

  BatchStatus status(const std::string& name, const std::string&) override {
    const json operation = get_json(client_, fmt::format("{}/v1beta/{}", base_, name));
    const json& metadata = field(operation, "metadata");
    BatchStatus status{.state = plain_state(string(metadata, "state"))};
    if (status.state.empty()) status.state = field(operation, "done") == json(true) ? "done" : "no state given";
    const json& stats = field(metadata, "batchStats");
    if (const int64_t total = count(stats, "requestCount"); total > 0)
      status.progress = fmt::format("{} of {} done", total - count(stats, "pendingRequestCount"), total);
    const json& error = field(operation, "error");
    const bool expired = status.state == "EXPIRED", cancelled = status.state == "CANCELLED";
    const bool succeeded = status.state == "SUCCEEDED" || status.state == "PARTIALLY_SUCCEEDED";
    const bool done = field(operation, "done") == json(true);
    const bool failed = status.state == "FAILED" || (done && error.is_object() && !error.empty());
    status.ended = done || succeeded || failed || expired || cancelled;
    if (!status.ended) return status;
    for (const json* place : {&field(operation, "response"), &field(metadata, "output")})
      if (const std::string file = string(*place, "responsesFile"); !file.empty()) status.outputs = file;
    if (!failed && !expired && !cancelled) return status;
    const std::string message = string(error, "message");
    status.failure = expired ? "the service had no time for it" : message.empty() ? "no reason given" : message;
    constexpr int64_t internal = 13, unavailable = 14;
    const int64_t code = count(error, "code");
    status.again = expired || (failed && (code == internal || code == unavailable));
    return status;
  }

  std::vector<fs::path> download(const json& outputs, const fs::path& folder) override {
    if (!outputs.is_string() || outputs.get<std::string>().empty()) return {};
    const fs::path file = folder / "output-0000.jsonl";
    download_file(client_, fmt::format("{}/download/v1beta/{}:download?alt=media", base_, outputs.get<std::string>()),
                  file);
    return {file};
  }

 private:
  /// The address of an upload session. The key is sent there, so it must be the service itself or at least encrypted.
  std::string checked_session(const std::string& session, const std::string& start_url) const {
    if (session.starts_with(base_ + "/") || session.starts_with("https://")) return session;
    throw Error(ErrorKind::remote,
                fmt::format("{}: answered with no usable address for the upload", display_url(start_url)));
  }

  ApiClient& client_;
  const std::string base_, model_;
};

}  // namespace

std::unique_ptr<BatchService> make_gemini_batch(const BatchAccess& access) {
  return std::make_unique<GeminiBatch>(access.client, access.connection.base_url, access.service.options.model);
}

}  // namespace latentcrs
