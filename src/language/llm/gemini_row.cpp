#include "language/llm/gemini_row.h"

#include <nlohmann/json.hpp>

#include "language/llm/gemini.h"
#include "language/transport/api_error.h"
#include "language/transport/json_api.h"

namespace latentcrs {

void take_gemini_response(const nlohmann::json& response, BatchRow& row) {
  if (!response.is_object() || response.empty()) {
    row.failure = "a row without a response";
    row.temporary = true;
  } else if (const auto error = error_in_reply(response)) {
    row.failure = describe_failure(*error);
    row.temporary = is_temporary(error->status);
  } else if (const ChatOutcome outcome = parse_gemini_reply(response); !is_final(outcome.kind)) {
    row.failure = outcome.reason;
    row.temporary = !outcome.hopeless;
    row.hopeless = outcome.hopeless;
  } else {
    row.reply = response;
  }
}

}  // namespace latentcrs
