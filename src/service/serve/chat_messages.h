// OpenAI's list of messages as a dialogue: pure functions.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace latentcrs {

/// What a user said and what an assistant answered before the next words; "" without an answer.
struct ChatExchange {
  std::string said, answered;
};

/// The exchanges of `messages`, oldest first; the last one is what is to be answered. Users' messages in a row are one,
/// on lines; messages of other roles and empty ones are passed over. Of a content in parts, those of type text count.
/// Throws HttpError(400) where no user's message is the last that counts.
std::vector<ChatExchange> exchanges_of(const nlohmann::json& messages);

/// The texts behind the numbers of a numbered list, "1. Heat (1995), crime": "Heat (1995), crime"; at
/// most 20.
std::vector<std::string> numbered_lines(std::string_view text);

/// The answer of /v1/chat/completions.
struct ChatAnswer {
  std::string id;  ///< "chatcmpl-…"
  std::string model;
  int64_t created = 0;  ///< seconds since 1970
  std::string text;
  nlohmann::json items;    ///< those shown
  int64_t words_read = 0;  ///< of all messages
};

/// One object, `chat.completion`.
nlohmann::json completion_json(const ChatAnswer& answer);
/// The same as server-sent events: a chunk for the role, for each line of the text and for the end, and [DONE]. With
/// `usage`, a chunk with the counts before it.
std::string completion_events(const ChatAnswer& answer, bool usage);

/// Words between spaces: the counts of `usage`, for want of tokens.
int64_t count_words(std::string_view text);

}  // namespace latentcrs
