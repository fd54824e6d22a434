// A chat model that is asked by batch jobs.
#pragma once

#include <memory>

#include "base/config/remote_options.h"
#include "language/llm/chat.h"
#include "language/llm/service.h"
#include "language/transport/credentials.h"

namespace latentcrs {

enum class Waiting { until_ended, not_at_all };

/// A chat model behind service.provider. Its answers share the cache with those of make_chat(). complete() ends when
/// the jobs do; killed and called again, it goes on with the same jobs. With Waiting::not_at_all it collects the
/// answers of jobs that have ended, submits jobs for the new questions, and leaves them running. A server without batch
/// jobs (openai) is asked directly instead, with a warning. Offline, the result is that of make_chat(). Throws
/// Error(config) for settings that are wrong or missing, or without credentials.
std::unique_ptr<Chat> make_batch_chat(const ChatService& service, const BatchOptions& batch,
                                      const RemoteContext& context, Waiting waiting = Waiting::until_ended);

}  // namespace latentcrs
