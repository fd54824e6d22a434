#include "language/llm/openai_batch.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "base/util/files.h"
#include "language/llm/hopeless_reply.h"
#include "language/llm/openai.h"
#include "language/transport/api_error.h"
#include "language/transport/json_api.h"
#include "language/transport/json_fields.h"
#include "language/transport/url.h"

namespace latentcrs {

namespace {

using nlohmann::json;

constexpr const char* kEndpoint = "/v1/chat/completions";
constexpr const char* kJobLabel = "latentcrs_job";

/// Input lines are {"custom_id", "method", "url", "body"}. Output rows do not repeat the body, so that the id alone
/// says which question they answer.
class OpenAiBatch : public BatchService {
 public:
  OpenAiBatch(ApiClient& client, const std::string& base_url)
      : client_(client), files_(openai_url(base_url, "files")), batches_(openai_url(base_url, "batches")) {}

  bool available() override {
    const HttpResponse response = client_.call({.url = batches_ + "?limit=1", .repeat = Repeat::never});
    throw_if_refused(response);
    return response.status != 404 && response.status != 405 && response.status != 501;
  }

  json input_line(const BatchTask& task) const override {
    return {{"custom_id", task.key}, {"method", "POST"}, {"url", kEndpoint}, {"body", task.body}};
  }
  BatchTask read_input_line(const json& line) const override { return {line.at("custom_id"), line.at("body")}; }
  std::string question_text(const json&) const override { return {}; }

  BatchRow read_output_line(const json& line) const override {
    BatchRow row{.key = string(line, "custom_id")};
    const json& response = field(line, "response");
    const json& body = field(response, "body");
    const int64_t status = count(response, "status_code");
    if (const json& error = field(line, "error"); error.is_object() && !error.empty()) {
      const std::string code = string(error, "code");
      row.failure = fmt::format("{}: {}", code, string(error, "message"));
      row.temporary = code == "batch_expired" || code == "batch_cancelled" || code == "request_timeout";
    } else if (status < 200 || status > 299) {
      row.failure = describe_failure({.status = static_cast<int>(status), .body = body.is_null() ? "" : body.dump()});
      row.temporary = is_temporary(status);
    } else if (const auto hidden = error_in_reply(body)) {
      row.failure = describe_failure(*hidden);
      row.temporary = is_temporary(hidden->status);
    } else if (const ChatOutcome outcome = parse_openai_chat_reply(body); !is_final(outcome.kind)) {
      row.failure = outcome.reason;
      row.temporary = true;
    } else {
      row.reply = body;
    }
    return row;
  }

  std::string upload(const fs::path& input, const std::string& job_id) override {
    const std::string boundary = "latentcrs-" + sha256(job_id).substr(0, 32);
    fs::path form = input;
    form += ".form";
    write_form(input, form, boundary, job_id + ".jsonl");
    const HttpResponse response =
        client_.call({.method = "POST",
                      .url = files_,
                      .headers = {{"Content-Type", "multipart/form-data; boundary=" + boundary}},
                      .upload = FileRange{form, 0, static_cast<int64_t>(fs::file_size(form))}});
    fs::remove(form);
    if (!response.success()) throw refusal(files_, response);
    const std::string id = string(json::parse(response.body, nullptr, false), "id");
    if (id.empty()) throw Error(ErrorKind::remote, fmt::format("{}: no file id in the answer", display_url(files_)));
    return id;
  }

  std::optional<std::string> submit(const std::string& job_id, const std::string& input) override {
    const auto created = create_once(client_, batches_,
                                     {{"input_file_id", input},
                                      {"endpoint", kEndpoint},
                                      {"completion_window", "24h"},
                                      {"metadata", {{kJobLabel, job_id}}}});
    const std::string id = created ? string(*created, "id") : "";
    return id.empty() ? std::nullopt : std::optional(id);
  }

  std::optional<std::string> find(const std::string& job_id) override {
    ListingPages pages(display_url(batches_));
    std::string after;
    for (bool more = true; more;) {
      const json reply =
          get_json(client_, batches_ + "?limit=100" + (after.empty() ? "" : "&after=" + percent_encode(after)));
      const json& jobs = field(reply, "data");
      more = jobs.is_array() && !jobs.empty() && field(reply, "has_more") == json(true);
      if (!jobs.is_array()) break;
      for (const json& job : jobs) {
        after = string(job, "id");
        if (string(field(job, "metadata"), kJobLabel) == job_id) return after;
      }
      if (more) pages.go_on(after);
    }
    return std::nullopt;
  }

  BatchStatus status(const std::string& name, const std::string&) override {
    const json job = get_json(client_, batches_ + "/" + percent_encode(name));
    BatchStatus status{.state = string(job, "status"), .outputs = json::array()};
    const json& counts = field(job, "request_counts");
    if (const int64_t total = count(counts, "total"); total > 0)
      status.progress = fmt::format("{} of {} done", count(counts, "completed") + count(counts, "failed"), total);
    const bool failed = status.state == "failed", expired = status.state == "expired";
    const bool cancelled = status.state == "cancelled";
    status.ended = status.state == "completed" || failed || expired || cancelled;
    if (!status.ended) return status;
    // Expired and cancelled jobs have partial output. A job all of whose requests failed has the error file only.
    for (const char* key : {"output_file_id", "error_file_id"})
      if (const std::string file = string(job, key); !file.empty()) status.outputs.push_back(file);
    if (failed) status.failure = first_error(job);
    if (expired) status.failure = "the service had no time for it";
    if (cancelled) status.failure = "cancelled";
    // A limit of waiting tokens is reached, which passes when other jobs end.
    status.crowded_out = failed && has_error(job, "token_limit_exceeded");
    status.again = expired || status.crowded_out;
    return status;
  }

  std::vector<fs::path> download(const json& outputs, const fs::path& folder) override {
    std::vector<fs::path> files;
    if (!outputs.is_array()) return files;
    for (const json& id : outputs) {
      files.push_back(folder / fmt::format("output-{:04}.jsonl", files.size()));
      download_file(client_, fmt::format("{}/{}/content", files_, percent_encode(id.get<std::string>())), files.back());
    }
    return files;
  }

 private:
  void throw_if_refused(const HttpResponse& response) const {
    if (response.status != 404) throw_if_hopeless(response, batches_);
  }

  static bool has_error(const json& job, const char* code) {
    const json& list = field(field(job, "errors"), "data");
    return list.is_array() &&
           std::any_of(list.begin(), list.end(), [&](const json& error) { return string(error, "code") == code; });
  }

  static std::string first_error(const json& job) {
    const json& list = field(field(job, "errors"), "data");
    if (!list.is_array() || list.empty()) return "no reason given";
    const json& line = field(list.front(), "line");
    return fmt::format("{}{}", string(list.front(), "message"),
                       line.is_number() ? fmt::format(" (line {})", line.dump()) : "");
  }

  /// Writes multipart/form-data to disk, so that a large input is never in memory.
  static void write_form(const fs::path& input, const fs::path& form, const std::string& boundary,
                         const std::string& file_name) {
    std::ofstream out(form, std::ios::binary | std::ios::trunc);
    out << fmt::format(
        "--{0}\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n"
        "--{0}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{1}\"\r\n"
        "Content-Type: application/jsonl\r\n\r\n",
        boundary, file_name);
    out << std::ifstream(input, std::ios::binary).rdbuf() << fmt::format("\r\n--{}--\r\n", boundary);
    out.close();
    if (!out) throw data_error(fmt::format("{}: cannot be written", form.string()));
  }

  ApiClient& client_;
  const std::string files_, batches_;
};

}  // namespace

std::unique_ptr<BatchService> make_openai_batch(const BatchAccess& access) {
  return std::make_unique<OpenAiBatch>(access.client, access.connection.base_url);
}

}  // namespace latentcrs
