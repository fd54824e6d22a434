// A chat model asked by batch jobs: Vertex AI, the Gemini Developer API, OpenAI.
#pragma once

#include <cstddef>
#include <memory>

#include "config/remote_options.h"
#include "llm/chat.h"

namespace latentcrs {

/// Thrown by complete() where jobs were left running, as asked for. Not an Error: nothing is wrong.
struct JobsLeftRunning {
  size_t requests = 0;  ///< whose answers are still to come
};

enum class Waiting { until_ended, not_at_all };

/// A Chat of options.provider that asks by batch jobs. Its answers share the cache with those asked for directly.
/// complete() ends when the jobs do; killed and called again, it goes on with the same jobs. With Waiting::not_at_all
/// it collects what has ended, submits what is new, and throws JobsLeftRunning unless every answer is there. A server
/// without batch jobs (openai) is asked directly instead, with a warning. Offline it is make_chat()'s.
std::unique_ptr<Chat> make_batch_chat(const ChatOptions& options, const BatchOptions& batch,
                                      const RemoteContext& context, Waiting waiting = Waiting::until_ended);

}  // namespace latentcrs
