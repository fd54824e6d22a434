// A provider's reply and the result that it should be read as.
#pragma once

#include <catch2/catch.hpp>
#include <functional>
#include <nlohmann/json.hpp>
#include <span>

#include "language/llm/chat.h"

namespace latentcrs::test {

struct ReplyCase {
  const char* reply;
  ChatOutcome::Kind kind;
  const char* reason;
  const char* text;
};

inline void check_replies(std::span<const ReplyCase> cases,
                          const std::function<ChatOutcome(const nlohmann::json&)>& parse) {
  for (const ReplyCase& c : cases) {
    INFO(c.reply);
    const ChatOutcome outcome = parse(nlohmann::json::parse(c.reply));
    CHECK(outcome.kind == c.kind);
    CHECK(outcome.reason == c.reason);
    CHECK(outcome.text == c.text);
  }
}

}  // namespace latentcrs::test
