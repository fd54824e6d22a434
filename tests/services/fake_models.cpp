#include "services/fake_models.h"

#include <algorithm>

namespace latentcrs::test {

namespace {

using nlohmann::json;

Answer ok(const json& body) { return {.body = body.dump()}; }
Answer error(int status, const std::string& message) {
  return {.status = status, .body = json{{"error", {{"code", status}, {"message", message}}}}.dump()};
}

std::string value(const Request& request, const std::string& key) {
  const auto found = request.query.find(key);
  return found == request.query.end() ? "" : found->second;
}

bool ends_with(const std::string& text, const std::string& end) { return text.ends_with(end); }

}  // namespace

Rows parse_rows(const std::string& lines) {
  Rows rows;
  for (size_t begin = 0, end; (end = lines.find('\n', begin)) != std::string::npos; begin = end + 1)
    rows.push_back(json::parse(lines.substr(begin, end - begin)));
  return rows;
}

std::string dump_rows(const Rows& rows) {
  std::string lines;
  for (const json& row : rows) lines += (row.is_string() ? row.get<std::string>() : row.dump()) + "\n";
  return lines;
}

json gemini_reply(const std::string& text) {
  const json content = {{"role", "model"}, {"parts", {{{"text", text}}}}};
  return {{"candidates", {{{"content", content}, {"finishReason", "STOP"}}}},
          {"usageMetadata", {{"promptTokenCount", 9}, {"candidatesTokenCount", 3}}}};
}

std::string gemini_question(const json& request) {
  return request.at("contents").at(0).at("parts").at(0).at("text").get<std::string>();
}

json openai_reply(const std::string& text) {
  return {{"choices", {{{"message", {{"role", "assistant"}, {"content", text}}}, {"finish_reason", "stop"}}}},
          {"usage", {{"prompt_tokens", 9}, {"completion_tokens", 3}}}};
}

std::string openai_question(const json& request) {
  return request.at("messages").at(0).at("content").get<std::string>();
}

json FakeGemini::row(const json& line, const std::string& text) {
  return {{"key", line["key"]}, {"response", gemini_reply(text)}};
}

Rows FakeGemini::good_rows(const Rows& input) {
  Rows output;
  for (const json& line : input) output.push_back(row(line, "echo of " + gemini_question(line["request"])));
  return output;
}

Answer FakeGemini::serve(const Request& request) {
  if (ends_with(request.path, ":generateContent"))
    return ok(gemini_reply("echo of " + gemini_question(json::parse(request.body))));
  if (ends_with(request.path, ":countTokens")) return ok({{"totalTokens", 1}});
  const std::lock_guard lock(mutex_);
  if (request.path == "/token")
    return ok({{"access_token", "ya29.secret-token-" + std::to_string(++tokens_)}, {"expires_in", 3599}});
  if (request.path == "/upload/v1beta/files") {
    if (request.header("x-goog-upload-command") != "start") return error(400, "start wanted");
    return {.headers = {{"X-Goog-Upload-URL", server.url() + "/session/" + std::to_string(++sessions_)}}};
  }
  if (request.path.starts_with("/session/")) {
    if (request.header("x-goog-upload-command") != "upload, finalize") return error(400, "the last part wanted");
    const std::string name = "files/" + std::to_string(files.size() + 1);
    files[name] = request.body;
    return ok({{"file", {{"name", name}, {"state", "ACTIVE"}}}});
  }
  if (ends_with(request.path, ":batchGenerateContent")) {
    const json batch = json::parse(request.body).at("batch");
    if (!files.contains(batch["inputConfig"]["fileName"])) return error(404, "no such file");
    jobs.push_back({{"name", "batches/" + std::to_string(jobs.size() + 1)},
                    {"metadata",
                     {{"state", "BATCH_STATE_PENDING"},
                      {"displayName", batch["displayName"]},
                      {"input", batch["inputConfig"]["fileName"]}}}});
    return ok(jobs.back());
  }
  if (request.path == "/v1beta/batches") return list(request);
  for (json& job : jobs)
    if (request.path == "/v1beta/" + job["name"].get<std::string>()) return look_at(job);
  for (const auto& [name, lines] : results)
    if (request.path == "/download/v1beta/" + name + ":download" && value(request, "alt") == "media")
      return {.body = lines, .type = "application/octet-stream"};
  return error(404, "notFound");
}

Answer FakeGemini::list(const Request& request) const {
  const std::string token = value(request, "pageToken");
  const size_t begin = token.empty() ? 0 : std::stoul(token), end = std::min(jobs.size(), begin + page);
  json reply = json::object();
  for (size_t i = begin; i < end; ++i) reply["operations"].push_back(jobs[i]);
  if (end < jobs.size()) reply["nextPageToken"] = std::to_string(end);
  return ok(reply);
}

Answer FakeGemini::look_at(json& job) {
  const std::string name = job["name"];
  const int look = ++looks_[name];
  if (look < looks_until_end) job["metadata"]["state"] = "BATCH_STATE_RUNNING";
  if (look != looks_until_end) return ok(job);
  const std::string result = "files/batch-" + name.substr(name.find('/') + 1);
  results[result] = dump_rows(rows(parse_rows(files.at(job["metadata"]["input"]))));
  job["done"] = true;
  job["metadata"]["state"] = "BATCH_STATE_SUCCEEDED";
  job["response"] = {{"responsesFile", result}};
  at_the_end(job);
  return ok(job);
}

json FakeOpenAi::row(const json& line, const std::string& text) {
  return {{"id", "batch_req_1"},
          {"custom_id", line["custom_id"]},
          {"response", {{"status_code", 200}, {"request_id", "r"}, {"body", openai_reply(text)}}},
          {"error", nullptr}};
}

Rows FakeOpenAi::good_rows(const Rows& input) {
  Rows output;
  for (const json& line : input) output.push_back(row(line, "echo of " + openai_question(line["body"])));
  return output;
}

Answer FakeOpenAi::serve(const Request& request) {
  if (request.path == "/v1/chat/completions") {
    const std::string question = openai_question(json::parse(request.body));
    json reply = openai_reply("echo of " + question);
    reply["usage"]["prompt_tokens"] = (question.size() + 3) / 4;
    return ok(reply);
  }
  const std::lock_guard lock(mutex_);
  if (request.path == "/v1/models") {
    json list = json::array();
    for (const std::string& model : models) list.push_back({{"id", model}, {"object", "model"}});
    return ok({{"object", "list"}, {"data", list}});
  }
  if (!has_batches) return {.status = 404, .body = R"({"detail":"Not Found"})"};
  if (request.path == "/v1/files") return take_file(request);
  if (request.path == "/v1/batches" && request.method == "GET") return list(request);
  if (request.path == "/v1/batches") {
    json job = json::parse(request.body);
    if (!files.contains(job["input_file_id"])) return error(400, "no such file");
    job["id"] = "batch_" + std::to_string(jobs.size() + 1);
    job["status"] = "validating";
    jobs.insert(jobs.begin(), job);  // newest first
    return ok(job);
  }
  for (json& job : jobs)
    if (request.path == "/v1/batches/" + job["id"].get<std::string>()) return look_at(job);
  for (const auto& [id, contents] : files)
    if (request.path == "/v1/files/" + id + "/content") return {.body = contents, .type = "application/octet-stream"};
  return error(404, "notFound");
}

Answer FakeOpenAi::take_file(const Request& request) {
  const auto purpose = request.form.find("purpose"), file = request.form.find("file");
  if (purpose == request.form.end() || purpose->second != "batch" || file == request.form.end())
    return error(400, "purpose=batch and a file wanted");
  const std::string id = "file-" + std::to_string(++uploads_);
  files[id] = file->second;
  return ok({{"id", id}, {"object", "file"}});
}

Answer FakeOpenAi::list(const Request& request) const {
  const std::string after = value(request, "after");
  json reply = {{"object", "list"}, {"data", json::array()}, {"has_more", false}};
  bool started = after.empty();
  for (const json& job : jobs) {
    if (started && reply["data"].size() == page) {
      reply["has_more"] = true;
      break;
    }
    if (started) reply["data"].push_back(job);
    started = started || job["id"] == after;
  }
  return ok(reply);
}

Answer FakeOpenAi::look_at(json& job) {
  const std::string id = job["id"];
  const int look = ++looks_[id];
  if (look < looks_until_end) job["status"] = look == 1 ? "in_progress" : "finalizing";
  if (look != looks_until_end) return ok(job);
  Rows good, bad;
  for (const json& row : rows(parse_rows(files.at(job["input_file_id"])))) {
    const bool fails = row.is_object() && row.contains("error") && !row["error"].is_null();
    (fails ? bad : good).push_back(row);
  }
  job["status"] = "completed";
  job["output_file_id"] = good.empty() ? json() : json("output-" + id);
  job["error_file_id"] = bad.empty() ? json() : json("errors-" + id);
  files["output-" + id] = dump_rows(good);
  files["errors-" + id] = dump_rows(bad);
  at_the_end(job);
  return ok(job);
}

}  // namespace latentcrs::test
