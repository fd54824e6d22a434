#include "services/fake_google.h"

#include "base/util/crc32c.h"
#include "language/transport/encoding.h"

namespace latentcrs::test {

namespace {

using nlohmann::json;

Answer ok(const json& body) { return {.body = body.dump()}; }

Answer error(int status, const std::string& reason) {
  return {.status = status,
          .body = json{{"error", {{"code", status}, {"message", reason}, {"errors", {{{"reason", reason}}}}}}}.dump()};
}

json metadata(const std::string& object, const std::string& bytes) {
  return {{"name", object.substr(object.find('/') + 1)},
          {"size", std::to_string(bytes.size())},
          {"crc32c", crc32c_text(crc32c(0, bytes))},
          {"generation", "1"}};
}

/// The part of `text` after `prefix`, if it begins with it.
bool take(const std::string& text, const std::string& prefix, std::string& rest) {
  if (text.rfind(prefix, 0) != 0) return false;
  rest = text.substr(prefix.size());
  return true;
}

std::string value(const Request& request, const std::string& key) {
  const auto found = request.query.find(key);
  return found == request.query.end() ? "" : found->second;
}

}  // namespace

json FakeGoogle::row(const json& input, const std::string& text) {
  const json content = {{"role", "model"}, {"parts", {{{"text", text}}}}};
  return {{"customer_id", input["customer_id"]},
          {"status", ""},
          {"processed_time", "2026-11-20T10:00:00.000+00:00"},
          {"request", input["request"]},
          {"response",
           {{"candidates", {{{"content", content}, {"finishReason", "STOP"}}}},
            {"usageMetadata", {{"promptTokenCount", 9}, {"candidatesTokenCount", 3}}}}}};
}

FakeGoogle::Rows FakeGoogle::good_rows(const Rows& input) {
  Rows output;
  for (const json& line : input)
    output.push_back(row(line, "echo of " + line["request"]["contents"][0]["parts"][0]["text"].get<std::string>()));
  return output;
}

Answer FakeGoogle::serve(const Request& request) {
  const std::lock_guard lock(mutex_);
  Answer result = answer(request);
  if (lose_answer_to && lose_answer_to(request)) {
    lose_answer_to = nullptr;
    result.delivery = Delivery::never;
  }
  return result;
}

Answer FakeGoogle::answer(const Request& request) {
  std::string rest;
  const std::string jobs_path = "/v1/projects/p/locations/us-central1/batchPredictionJobs";
  if (take(request.path, "/upload/storage/v1/b/", rest)) return upload(request, rest.substr(0, rest.find('/')));
  if (take(request.path, "/session/", rest)) {
    const auto session = sessions_.find(rest);
    return session == sessions_.end() ? error(410, "gone") : add_part(request, session->second);
  }
  if (take(request.path, "/storage/v1/b/", rest)) {
    const std::string bucket = rest.substr(0, rest.find('/'));
    if (rest == bucket + "/o") return list(request, bucket);
    return read(request, bucket, rest.substr(bucket.size() + 3));
  }
  if (request.path == jobs_path) return request.method == "POST" ? create_job(request) : list_jobs(request);
  if (take(request.path, "/v1/", rest)) return look_at_job(rest);
  return error(404, "notFound");
}

Answer FakeGoogle::create(const std::string& object, const std::string& bytes) {
  if (objects.count(object) > 0) return error(412, "conditionNotMet");
  objects[object] = bytes;
  return ok(metadata(object, bytes));
}

Answer FakeGoogle::upload(const Request& request, const std::string& bucket) {
  const std::string object = bucket + "/" + value(request, "name");
  if (value(request, "ifGenerationMatch") != "0") return error(400, "precondition wanted");
  if (value(request, "uploadType") == "media") return create(object, request.body);
  if (objects.count(object) > 0) return error(412, "conditionNotMet");
  const std::string id = std::to_string(sessions_.size() + 1);
  sessions_[id] = {object, ""};
  return {.headers = {{"Location", server.url() + "/session/" + id}}};
}

Answer FakeGoogle::add_part(const Request& request, Session& session) {
  size_t begin = 0, end = 0, total = 0;
  const std::string range = request.header("content-range");
  const auto incomplete = [&]() -> Answer {
    if (session.bytes.empty()) return {.status = 308};
    return {.status = 308, .headers = {{"Range", "bytes=0-" + std::to_string(session.bytes.size() - 1)}}};
  };
  if (std::sscanf(range.c_str(), "bytes */%zu", &total) == 1) {
    const auto done = objects.find(session.object);
    return done != objects.end() ? ok(metadata(session.object, done->second)) : incomplete();
  }
  if (std::sscanf(range.c_str(), "bytes %zu-%zu/%zu", &begin, &end, &total) != 3) return error(400, "Content-Range");
  if (disturb_part) return *std::exchange(disturb_part, std::nullopt);
  if (begin > session.bytes.size() || end - begin + 1 != request.body.size()) return error(400, "gap");
  constexpr size_t unit = size_t{256} << 10;
  if (end + 1 < total && request.body.size() % unit != 0) return error(400, "not a multiple of 256 KiB");
  const size_t kept =
      end + 1 == total ? request.body.size() : std::min(request.body.size(), session_bytes_kept / unit * unit);
  session.bytes = session.bytes.substr(0, begin) + request.body.substr(0, kept);
  return session.bytes.size() == total ? create(session.object, session.bytes) : incomplete();
}

Answer FakeGoogle::read(const Request& request, const std::string& bucket, const std::string& name) const {
  if (request.target.find("/o/" + name) != std::string::npos && name.find('/') != std::string::npos)
    return error(400, "slashes in a name must be encoded");
  const auto found = objects.find(bucket + "/" + name);
  if (found == objects.end()) return error(404, "notFound");
  if (value(request, "alt") != "media") return ok(metadata(found->first, found->second));
  size_t begin = 0;
  const bool part = std::sscanf(request.header("range").c_str(), "bytes=%zu-", &begin) == 1;
  if (begin > found->second.size()) return error(416, "range");
  return {.status = part ? 206 : 200, .body = found->second.substr(begin), .type = "application/octet-stream"};
}

Answer FakeGoogle::list(const Request& request, const std::string& bucket) const {
  json reply = {{"kind", "storage#objects"}};
  const std::string prefix = bucket + "/" + value(request, "prefix"), after = value(request, "pageToken");
  size_t shown = 0;
  for (const auto& [object, bytes] : objects) {
    if (object.rfind(prefix, 0) != 0 || object <= after) continue;
    if (shown == page) break;
    reply["items"].push_back(metadata(object, bytes));
    reply["nextPageToken"] = object;
    ++shown;
  }
  if (shown < page) reply.erase("nextPageToken");
  return ok(reply);
}

Answer FakeGoogle::list_jobs(const Request& request) const {
  json reply = json::object();
  for (const json& job : jobs)
    if (value(request, "filter") == "displayName=\"" + job["displayName"].get<std::string>() + "\"")
      reply["batchPredictionJobs"].push_back(job);
  return ok(reply);
}

Answer FakeGoogle::create_job(const Request& request) {
  json job = json::parse(request.body);
  job["name"] = "projects/123/locations/us-central1/batchPredictionJobs/" + std::to_string(jobs.size() + 1);
  job["state"] = "JOB_STATE_PENDING";
  jobs.push_back(job);
  return ok(job);
}

Answer FakeGoogle::look_at_job(const std::string& name) {
  for (json& job : jobs) {
    if (job["name"] != name) continue;
    const int look = ++looks_[name];
    if (look < looks_until_end) job["state"] = look == 1 ? "JOB_STATE_QUEUED" : "JOB_STATE_NOT_YET_INVENTED";
    if (look == looks_until_end) finish(job);
    return ok(job);
  }
  return error(404, "NOT_FOUND");
}

void FakeGoogle::finish(json& job) {
  const auto object_of = [](const json& uri) { return uri.get<std::string>().substr(5); };
  Rows input;
  std::string lines = objects.at(object_of(job["inputConfig"]["gcsSource"]["uris"][0])), output;
  for (size_t begin = 0, end; (end = lines.find('\n', begin)) != std::string::npos; begin = end + 1)
    input.push_back(json::parse(lines.substr(begin, end - begin)));
  for (const json& line : rows(input)) output += (line.is_string() ? line.get<std::string>() : line.dump()) + "\n";
  const std::string folder = job["outputConfig"]["gcsDestination"]["outputUriPrefix"].get<std::string>() +
                             "/prediction-model-2026-11-20T10:00:00.0Z";
  objects[object_of(folder) + "/" + predictions] = output;
  job["outputInfo"]["gcsOutputDirectory"] = folder;
  job["state"] = "JOB_STATE_SUCCEEDED";
  at_the_end(job);
}

}  // namespace latentcrs::test
