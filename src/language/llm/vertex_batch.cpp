#include "language/llm/vertex_batch.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "language/llm/gemini_row.h"
#include "language/llm/service_check.h"
#include "language/transport/api_error.h"
#include "language/transport/gcs.h"
#include "language/transport/google_credentials.h"
#include "language/transport/json_api.h"
#include "language/transport/json_fields.h"
#include "language/transport/url.h"

namespace latentcrs {

namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr std::string_view kFolderSetting = "simulate.batch.folder";

GcsOptions storage_options(const RetryOptions& retry, const RemoteContext& context) {
  GcsOptions options = gcs_emulator(context).value_or(GcsOptions{});
  options.retry = retry;
  return options;
}

/// `row` with the failure that its `status` tells: "Bad Request: {"error": …}".
BatchRow failed_row(BatchRow row, const std::string& status) {
  const size_t brace = status.find('{');
  const HttpResponse error{.status = 400, .body = brace == std::string::npos ? status : status.substr(brace)};
  const json details = json::parse(error.body, nullptr, false);
  const int64_t code = count(field(details, "error"), "code");
  const ApiError read = parse_api_error(error);
  row.failure = read.code.empty() ? read.message : read.code + ": " + read.message;
  row.temporary = code != 0 && is_temporary(code);
  return row;
}

/// A text for comparing questions, which rows may repeat with other white space than they were asked with.
std::string with_single_spaces(const std::string& text) {
  std::string result;
  for (const char c : text) {
    const bool space = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (!space)
      result += c;
    else if (!result.empty() && result.back() != ' ')
      result += ' ';
  }
  return result;
}

/// Advice on a failed job. The service tells only a gRPC code when its own agent lacks something.
std::string advice(int64_t code) {
  if (code == 7)
    return "; Vertex's own service agent, service-<project number>@gcp-sa-aiplatform.iam.gserviceaccount.com, needs "
           "access to the bucket";
  if (code == 9) return "; check the bucket's name and its location";
  if (code == 3) return "; Vertex could not import the input file";
  return "";
}

/// Input lines are {"customer_id": "c:<key>", "request": <body>}, and output rows repeat both.
class VertexBatch : public BatchService {
 public:
  explicit VertexBatch(const BatchAccess& access)
      : client_(access.client),
        emulator_(gcs_emulator(access.context) ? make_no_credentials() : nullptr),
        storage_client_(access.context, emulator_ ? *emulator_ : *access.connection.credentials,
                        {access.service.shared.http, access.service.shared.retry, {}}),
        storage_(storage_client_, access.context.clock, storage_options(access.service.shared.retry, access.context)),
        base_(access.connection.base_url),
        model_(access.service.options.model),
        folder_(parse_gcs_path(access.batch.folder, kFolderSetting)),
        jobs_url_(fmt::format("{}/v1/projects/{}/locations/{}/batchPredictionJobs", base_,
                              percent_encode(access.connection.project), percent_encode(access.connection.location))) {}

  // A letter stands before the key, because the importer turns a text that looks like a number into one.
  json input_line(const BatchTask& task) const override {
    return {{"customer_id", "c:" + task.key}, {"request", task.body}};
  }

  BatchTask read_input_line(const json& line) const override { return {key_of(line), line.at("request")}; }

  BatchRow read_output_line(const json& line) const override {
    BatchRow row{.key = key_of(line), .question = question_text(field(line, "request"))};
    const json& response = field(line, "response");
    const std::string status = string(line, "status");
    if (!is_blank(status)) return failed_row(std::move(row), status);
    take_gemini_response(response, row);
    return row;
  }

  std::string question_text(const json& body) const override {
    std::string text;
    const json& contents = field(body, "contents");
    if (!contents.is_array()) return text;
    for (const json& content : contents) {
      const json& parts = field(content, "parts");
      if (parts.is_array())
        for (const json& part : parts) text += string(part, "text") + "\n";
    }
    return with_single_spaces(text);
  }

  std::string upload(const fs::path& input, const std::string& job_id) override {
    const GcsPath to = in_folder(job_id + "/input.jsonl");
    storage_.upload(input, to, "application/jsonl");
    return to_uri(to);
  }

  std::optional<std::string> submit(const std::string& job_id, const std::string& input) override {
    const json job = {{"displayName", job_id},
                      {"model", "publishers/google/models/" + model_},
                      {"inputConfig", {{"instancesFormat", "jsonl"}, {"gcsSource", {{"uris", {input}}}}}},
                      {"outputConfig",
                       {{"predictionsFormat", "jsonl"},
                        {"gcsDestination", {{"outputUriPrefix", to_uri(in_folder(job_id + "/output"))}}}}}};
    const auto created = create_once(client_, jobs_url_, job);
    const std::string name = created ? string(*created, "name") : "";
    return name.empty() ? std::nullopt : std::optional(name);
  }

  std::optional<std::string> find(const std::string& job_id) override {
    ListingPages pages(display_url(jobs_url_));
    std::string page;
    do {
      std::string url = fmt::format("{}?pageSize=100&filter={}", jobs_url_,
                                    percent_encode(fmt::format("displayName=\"{}\"", job_id)));
      if (!page.empty()) url += "&pageToken=" + percent_encode(page);
      const json reply = get_json(client_, url);
      const json& jobs = field(reply, "batchPredictionJobs");
      if (jobs.is_array())
        for (const json& job : jobs)
          if (string(job, "displayName") == job_id) return string(job, "name");
      page = string(reply, "nextPageToken");
      if (!page.empty()) pages.go_on(page);
    } while (!page.empty());
    return std::nullopt;
  }

  BatchStatus status(const std::string& name, const std::string& job_id) override {
    const json job = get_json(client_, fmt::format("{}/v1/{}", base_, name));
    BatchStatus status{.state = string(job, "state")};
    const json& stats = field(job, "completionStats");
    if (const int64_t done = count(stats, "successfulCount"); done > 0) status.progress = fmt::format("{} done", done);
    const std::string& state = status.state;
    const auto is = [&](const char* what) { return state == std::string("JOB_STATE_") + what; };
    status.ended = is("SUCCEEDED") || is("FAILED") || is("CANCELLED") || is("EXPIRED") || is("PARTIALLY_SUCCEEDED");
    if (!status.ended) return status;
    status.outputs = string(field(job, "outputInfo"), "gcsOutputDirectory");
    // Where the job does not name its output, that is below the prefix that the job was given.
    if (status.outputs == json("") && !is("FAILED")) status.outputs = to_uri(in_folder(job_id + "/output"));
    if (is("SUCCEEDED") || is("PARTIALLY_SUCCEEDED")) return status;
    const json& error = field(job, "error");
    const int64_t code = count(error, "code");
    status.failure = is("EXPIRED") ? "Vertex had no time for it" : string(error, "message") + advice(code);
    constexpr int64_t internal = 13;  // "try again"
    status.again = is("EXPIRED") || (is("FAILED") && code == internal);
    return status;
  }

  std::vector<fs::path> download(const json& outputs, const fs::path& folder) override {
    if (!outputs.is_string() || outputs.get<std::string>().empty()) return {};
    GcsPath directory = parse_gcs_path(outputs.get<std::string>(), "outputInfo.gcsOutputDirectory");
    directory.name += "/";
    // A long job leaves partial files in a folder below, with the same rows; they are read only if there are no final
    // ones. Files that are not named as documented are read only if no file is named so.
    std::vector<GcsObject> final, partial, otherwise;
    for (GcsObject& object : storage_.list(directory)) {
      const std::string name = object.path.name.substr(directory.name.size());
      const bool predictions = name.find("predictions") != std::string::npos && name.ends_with(".jsonl");
      const bool incremental = name.find("incremental") != std::string::npos;
      if (predictions)
        (incremental ? partial : final).push_back(std::move(object));
      else if (!incremental && object.size > 0)
        otherwise.push_back(std::move(object));
    }
    const auto& chosen = !final.empty() ? final : !partial.empty() ? partial : otherwise;
    std::vector<fs::path> files;
    for (size_t i = 0; i < chosen.size(); ++i) {
      files.push_back(folder / fmt::format("output-{:04}.jsonl", i));
      storage_.download(chosen[i], files.back());
    }
    return files;
  }

 private:
  /// The key of a line. Its prefix may have been lost on the way.
  static std::string key_of(const json& line) {
    const std::string id = string(line, "customer_id");
    return id.starts_with("c:") ? id.substr(2) : id;
  }

  GcsPath in_folder(const std::string& name) const {
    const std::string& root = folder_.name;
    return {folder_.bucket, root.empty() ? name : root + "/" + name};
  }

  ApiClient& client_;
  const std::unique_ptr<Credentials> emulator_;  ///< set for a storage emulator, which gets no credentials
  ApiClient storage_client_;
  Gcs storage_;
  const std::string base_, model_;
  const GcsPath folder_;  ///< each job has a folder of its own below it
  const std::string jobs_url_;
};

}  // namespace

std::unique_ptr<BatchService> make_vertex_batch(const BatchAccess& access) {
  return std::make_unique<VertexBatch>(access);
}

void probe_vertex_bucket(ServiceCheck& check, const ChatService& service, const BatchOptions& batch,
                         const RemoteContext& context) {
  const GcsPath folder = parse_gcs_path(batch.folder, kFolderSetting);
  const auto emulator = gcs_emulator(context);
  const auto credentials =
      emulator ? make_no_credentials() : make_google_credentials(service.options.credentials, context);
  check.credentials = credentials->describe();
  ApiClient client(context, *credentials, {service.shared.http, service.shared.retry, {}});
  Gcs(client, context.clock, emulator.value_or(GcsOptions{})).list({folder.bucket, folder.name + "/latentcrs-doctor"});
}

}  // namespace latentcrs
