// Batch prediction of Gemini models on Vertex AI, with Cloud Storage for input and output.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "llm/batch_backend.h"
#include "llm/gemini.h"
#include "llm/gemini_row.h"
#include "llm/vertex_access.h"
#include "transport/api_error.h"
#include "transport/gcs.h"
#include "transport/json_api.h"
#include "transport/json_fields.h"

namespace latentcrs {

namespace {

using nlohmann::json;
namespace fs = std::filesystem;

struct VertexBatchOptions {
  std::string base_url;  ///< of the location, as vertex_base_url()
  std::string project;
  std::string location;
  std::string model;
  GcsPath folder;  ///< each job has its own below
};

/// "Bad Request: {"error": …}" of a failed row.
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

/// Rows may repeat a question with other white space than it was asked with.
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

/// What the service agent lacks is known by its code only.
std::string advice(int64_t code) {
  if (code == 7)
    return "; Vertex's own service agent, service-<project number>@gcp-sa-aiplatform.iam.gserviceaccount.com, needs "
           "access to the bucket";
  if (code == 9) return "; check the bucket's name and its location";
  if (code == 3) return "; Vertex could not import the input file";
  return "";
}

/// Lines are {"customer_id": "c:<key>", "request": <body>}.
class VertexBatch : public BatchService {
 public:
  VertexBatch(ApiClient& client, Gcs& storage, const VertexBatchOptions& options)
      : client_(client),
        storage_(storage),
        options_(options),
        jobs_url_(fmt::format("{}/v1/projects/{}/locations/{}/batchPredictionJobs", options.base_url,
                              percent_encode(options.project), percent_encode(options.location))) {}

  // A letter before the key: the importer turns what looks like a number into one.
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
                      {"model", "publishers/google/models/" + options_.model},
                      {"inputConfig", {{"instancesFormat", "jsonl"}, {"gcsSource", {{"uris", {input}}}}}},
                      {"outputConfig",
                       {{"predictionsFormat", "jsonl"},
                        {"gcsDestination", {{"outputUriPrefix", to_uri(in_folder(job_id + "/output"))}}}}}};
    const auto created = create_once(client_, jobs_url_, job);
    const std::string name = created ? string(*created, "name") : "";
    return name.empty() ? std::nullopt : std::optional(name);
  }

  std::optional<std::string> find(const std::string& job_id) override {
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
    } while (!page.empty());
    return std::nullopt;
  }

  BatchStatus status(const std::string& name, const std::string& job_id) override {
    const json job = get_json(client_, fmt::format("{}/v1/{}", options_.base_url, name));
    BatchStatus status{.state = string(job, "state")};
    const json& stats = field(job, "completionStats");
    if (const int64_t done = count(stats, "successfulCount"); done > 0) status.progress = fmt::format("{} done", done);
    const std::string& state = status.state;
    const auto is = [&](const char* what) { return state == std::string("JOB_STATE_") + what; };
    status.ended = is("SUCCEEDED") || is("FAILED") || is("CANCELLED") || is("EXPIRED") || is("PARTIALLY_SUCCEEDED");
    if (!status.ended) return status;
    status.outputs = string(field(job, "outputInfo"), "gcsOutputDirectory");
    // Where the job does not say it, its output is below the prefix that it was given.
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
    // A long job leaves partial files in a folder below, with the same rows; they count only without final ones. Those
    // that are not named as documented count only without any that are.
    std::vector<GcsObject> final, partial, otherwise;
    for (GcsObject& object : storage_.list(directory)) {
      const std::string name = object.path.name.substr(directory.name.size());
      const bool predictions = name.find("predictions") != std::string::npos && name.ends_with(".jsonl");
      const bool incremental = name.find("incremental") != std::string::npos;
      if (!incremental && !predictions && object.size > 0) otherwise.push_back(std::move(object));
      if (predictions) (incremental ? partial : final).push_back(std::move(object));
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
  /// Without the prefix of input_line(), should it have been lost.
  static std::string key_of(const json& line) {
    const std::string id = string(line, "customer_id");
    return id.starts_with("c:") ? id.substr(2) : id;
  }

  GcsPath in_folder(const std::string& name) const {
    const std::string& root = options_.folder.name;
    return {options_.folder.bucket, root.empty() ? name : root + "/" + name};
  }

  ApiClient& client_;
  Gcs& storage_;
  const VertexBatchOptions options_;
  const std::string jobs_url_;
};

GcsOptions storage_options(const RetryOptions& retry, const RemoteContext& context) {
  GcsOptions options = gcs_emulator(context).value_or(GcsOptions{});
  options.retry = retry;
  return options;
}

class VertexBackend : public BatchBackend {
 public:
  VertexBackend(const ChatOptions& options, const BatchOptions& batch, const RemoteContext& context)
      : access_(find_vertex_access(options, context)),
        emulator_(gcs_emulator(context) ? make_no_credentials() : nullptr),
        client_(context, *access_.credentials, {options.http, options.retry, {}}),
        storage_client_(context, emulator_ ? *emulator_ : *access_.credentials, {options.http, options.retry, {}}),
        storage_(storage_client_, context.clock, storage_options(options.retry, context)),
        protocol_(make_vertex_protocol(options, access_.project, access_.location)),
        service_(client_, storage_, service_options(options, batch)) {}

  const ChatProtocol& protocol() const override { return *protocol_; }
  BatchService& service() override { return service_; }
  std::string place() const override { return access_.project + "/" + access_.location; }

 private:
  VertexBatchOptions service_options(const ChatOptions& options, const BatchOptions& batch) const {
    const std::string base =
        options.base_url.empty() ? vertex_base_url(access_.location) : checked_base_url(options.base_url, "base_url");
    return {base, access_.project, access_.location, options.model,
            parse_gcs_path(batch.folder, "simulate.batch.folder")};
  }

  const VertexAccess access_;
  const std::unique_ptr<Credentials> emulator_;  ///< of a storage emulator, which gets none
  ApiClient client_, storage_client_;
  Gcs storage_;
  const std::unique_ptr<ChatProtocol> protocol_;
  VertexBatch service_;
};

}  // namespace

std::unique_ptr<BatchBackend> make_vertex_backend(const ChatOptions& options, const BatchOptions& batch,
                                                  const RemoteContext& context) {
  return std::make_unique<VertexBackend>(options, batch, context);
}

}  // namespace latentcrs
