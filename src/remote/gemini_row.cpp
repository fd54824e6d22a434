#include "gemini_row.h"

#include <nlohmann/json.hpp>

#include "latentcrs/remote/gemini.h"

namespace latentcrs {

void take_gemini_response(const nlohmann::json& response, BatchRow& row) {
  if (!response.is_object() || response.empty()) {
    row.failure = "a row without a response";
    row.temporary = true;
  } else if (const ChatOutcome outcome = parse_gemini_reply(response); !is_final(outcome.kind)) {
    row.failure = outcome.reason;
    row.temporary = true;
  } else {
    row.reply = response;
  }
}

}  // namespace latentcrs
