// A small Gemini Developer API and OpenAI-compatible server with chat and batch jobs, written from their documentation.
// Every answer is "echo of " and the question.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "services/fake_server.h"

namespace latentcrs::test {

using Rows = std::vector<nlohmann::json>;

/// The lines of a JSONL text.
Rows parse_rows(const std::string& lines);
/// One line each; a string as it is.
std::string dump_rows(const Rows& rows);

/// A GenerateContentResponse, and the words of a request.
nlohmann::json gemini_reply(const std::string& text);
std::string gemini_question(const nlohmann::json& request);
/// A chat completion, and the words of a request.
nlohmann::json openai_reply(const std::string& text);
std::string openai_question(const nlohmann::json& request);

/// Also answers …:generateContent below /v1 as Vertex does, and gives out tokens at /token.
class FakeGemini {
 public:
  FakeGemini() : server([this](const Request& request) { return serve(request); }) {}

  static nlohmann::json row(const nlohmann::json& line, const std::string& text);
  static Rows good_rows(const Rows& input);

  std::function<Rows(const Rows&)> rows = good_rows;
  std::function<void(nlohmann::json& operation)> at_the_end = [](nlohmann::json&) {};
  int looks_until_end = 3;
  size_t page = 1000;                          ///< most jobs of a listing
  std::map<std::string, std::string> files;    ///< by name, "files/1"
  std::map<std::string, std::string> results;  ///< by name, "files/batch-1"
  std::vector<nlohmann::json> jobs;            ///< operations
  FakeServer server;                           ///< last: it stops first

 private:
  Answer serve(const Request& request);
  Answer look_at(nlohmann::json& job);
  Answer list(const Request& request) const;

  std::mutex mutex_;
  int sessions_ = 0;
  int tokens_ = 0;
  std::map<std::string, int> looks_;
};

class FakeOpenAi {
 public:
  FakeOpenAi() : server([this](const Request& request) { return serve(request); }) {}

  static nlohmann::json row(const nlohmann::json& line, const std::string& text);
  static Rows good_rows(const Rows& input);

  std::function<Rows(const Rows&)> rows = good_rows;  ///< those with an error go into the error file
  std::function<void(nlohmann::json& job)> at_the_end = [](nlohmann::json&) {};
  int looks_until_end = 3;
  size_t page = 1000;
  bool has_batches = true;
  std::vector<std::string> models = {"m"};
  std::map<std::string, std::string> files;  ///< by id
  std::vector<nlohmann::json> jobs;
  FakeServer server;  ///< last: it stops first

 private:
  Answer serve(const Request& request);
  Answer take_file(const Request& request);
  Answer list(const Request& request) const;
  Answer look_at(nlohmann::json& job);

  std::mutex mutex_;
  int uploads_ = 0;
  std::map<std::string, int> looks_;
};

}  // namespace latentcrs::test
