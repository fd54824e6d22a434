// A small Cloud Storage and Vertex AI batch prediction, written from their documentation, because no emulator has batch
// prediction.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "services/fake_server.h"

namespace latentcrs::test {

class FakeGoogle {
 public:
  using Rows = std::vector<nlohmann::json>;

  FakeGoogle() : server([this](const Request& request) { return serve(request); }) {}

  /// Makes a job's output of its input lines; a test may replace it.
  static Rows good_rows(const Rows& input);
  /// An output row with `text` as the answer.
  static nlohmann::json row(const nlohmann::json& input, const std::string& text);

  std::function<Rows(const Rows&)> rows = good_rows;
  std::function<void(nlohmann::json& job)> at_the_end = [](nlohmann::json&) {
  };  ///< a job that has ended, before it is shown
  std::string predictions = "predictions.jsonl";
  int looks_until_end = 3;
  size_t page = 1000;                          ///< most items of a listing
  std::map<std::string, std::string> objects;  ///< "bucket/name" to contents
  std::vector<nlohmann::json> jobs;
  size_t session_bytes_kept = std::string::npos;                 ///< of each part, so many bytes (in 256 KiB) arrive
  std::optional<Answer> disturb_part;                            ///< the answer to the next part, once
  std::function<bool(const Request&)> lose_answer_to = nullptr;  ///< does what it asks, once, and breaks the connection
  FakeServer server;                                             ///< last: it stops first

 private:
  struct Session {
    std::string object;
    std::string bytes;
  };
  Answer serve(const Request& request);
  Answer answer(const Request& request);
  Answer upload(const Request& request, const std::string& bucket);
  Answer add_part(const Request& request, Session& session);
  Answer create(const std::string& object, const std::string& bytes);
  Answer read(const Request& request, const std::string& bucket, const std::string& name) const;
  Answer list(const Request& request, const std::string& bucket) const;
  Answer list_jobs(const Request& request) const;
  Answer create_job(const Request& request);
  Answer look_at_job(const std::string& name);
  void finish(nlohmann::json& job);

  std::mutex mutex_;
  std::map<std::string, Session> sessions_;
  std::map<std::string, int> looks_;
};

}  // namespace latentcrs::test
