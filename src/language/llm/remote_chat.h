// A chat model that is asked directly: one request a question, many at a time.
#pragma once

#include <memory>

#include "language/llm/chat.h"
#include "language/llm/service.h"
#include "language/transport/credentials.h"

namespace latentcrs {

/// Throws Error(config) for settings that are wrong or missing (key names as in ChatOptions), or without credentials
/// where the provider needs some. The context's clock must outlive the chat.
std::unique_ptr<Chat> make_chat(const ChatService& service, const RemoteContext& context);

/// Throws the errors of make_chat().
void check_chat(const ChatService& service, const RemoteContext& context);

}  // namespace latentcrs
