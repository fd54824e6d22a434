// Questions for a batch job, and the number of good answers. Servers that echo are in fake_google.h and fake_models.h.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "language/llm/batch_chat.h"
#include "services/remote_fixture.h"
#include "support/log_level.h"
#include "support/temp_dir.h"

namespace latentcrs::test {

/// The questions q0, q1, …; a test's fixture adds the server and the settings that lead to it. The log is quiet while
/// it lives.
struct BatchRequests {
  explicit BatchRequests(int count) {
    service.shared.cache = (dir / "cache").string();
    service.shared.retry.max_attempts = 2;
    for (int i = 0; i < count; ++i)
      requests.push_back({.messages = {{ChatMessage::Role::user, "q" + std::to_string(i)}}});
  }

  std::vector<ChatOutcome> complete(std::shared_ptr<Http> http) {
    RemoteContext context = remote.context();
    context.http = std::move(http);
    return make_batch_chat(service, batch, context)->complete(requests).all;
  }
  std::vector<ChatOutcome> complete() { return complete(remote.http); }
  size_t good(const std::vector<ChatOutcome>& outcomes) const {
    size_t count = 0;
    for (size_t i = 0; i < outcomes.size(); ++i)
      count +=
          outcomes[i].kind == ChatOutcome::Kind::text && outcomes[i].text == "echo of q" + std::to_string(i) ? 1 : 0;
    return count;
  }

  LogLevel quiet{log::Level::error};
  TempDir dir;
  RemoteFixture remote;
  ChatService service;
  BatchOptions batch;
  std::vector<ChatRequest> requests;
};

}  // namespace latentcrs::test
