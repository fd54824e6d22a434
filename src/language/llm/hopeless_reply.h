// Replies after which asking on is pointless.
#pragma once

#include <string>

#include "language/llm/chat.h"
#include "language/transport/http.h"

namespace latentcrs {

/// Throws Error(remote) where the answer to one request means that all others will fail too: key or model refused,
/// quota or credit used up, wrong certificate, a redirect. `section` is where the user finds the settings.
void throw_if_hopeless(const HttpResponse& response, const std::string& url, const std::string& section = {});

/// The same for a reply that says, in place of an answer, that the account is switched off.
void throw_if_hopeless(const ChatOutcome& outcome, const std::string& url);

}  // namespace latentcrs
