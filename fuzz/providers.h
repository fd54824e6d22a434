// Every provider of chat models as the fuzz targets reach it: without network, with the input as the service's answer.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz.h"
#include "language/llm/providers.h"

namespace latentcrs::fuzz {

/// Time passes only by sleep(), at once.
class StandingClock : public Clock {
 public:
  double now() override { return 1'800'000'000 + elapsed_; }
  double steady() override { return elapsed_; }
  void sleep(double seconds) override { elapsed_ += seconds; }

 private:
  double elapsed_ = 0;
};

/// Answers with the input, and after a few times with an empty object: a list whose every page names a next one ends.
class InputHttp : public Http {
 public:
  void answer_with(std::string_view body) {
    body_ = body;
    left_ = kAnswers;
  }
  HttpResponse send(const HttpRequest&) override { return {.status = 200, .body = left_-- > 0 ? body_ : "{}"}; }

 private:
  static constexpr int kAnswers = 3;
  std::string body_;
  int left_ = 0;
};

/// All providers of the table, connected with settings that suit each of them.
class Providers {
 public:
  Providers() {
    service_.options.model = "model";
    service_.options.project = "project";
    service_.options.base_url = "https://127.0.0.1:1/v1";
    service_.options.credentials.token_file = token_.path();
    batch_.folder = "gs://bucket/folder";
    for (const ChatProvider* provider : chat_providers()) {
      connections_.push_back(provider->connect(service_, context_));
      if (!provider->batch) continue;
      job_connections_.push_back(std::make_unique<ChatConnection>(provider->batch->connect(service_, context_)));
      ChatConnection& connection = *job_connections_.back();
      clients_.push_back(std::make_unique<ApiClient>(context_, *connection.credentials, ApiClientOptions{}));
      batch_services_.push_back(
          provider->batch->make_service({*clients_.back(), connection, service_, batch_, context_}));
    }
  }

  InputHttp& http() { return *http_; }
  const std::vector<ChatConnection>& connections() const { return connections_; }
  const std::vector<std::unique_ptr<BatchService>>& batch_services() const { return batch_services_; }

 private:
  InputFile token_{"none"};
  StandingClock clock_;
  std::shared_ptr<InputHttp> http_ = std::make_shared<InputHttp>();
  RemoteContext context_{.http = http_, .clock = clock_, .environment = [](const std::string& name) {
                           return name.ends_with("_API_KEY") ? std::string("none") : std::string();
                         }};
  ChatService service_;
  BatchOptions batch_;
  std::vector<ChatConnection> connections_;
  std::vector<std::unique_ptr<ChatConnection>> job_connections_;
  std::vector<std::unique_ptr<ApiClient>> clients_;
  std::vector<std::unique_ptr<BatchService>> batch_services_;
};

}  // namespace latentcrs::fuzz
