#include "language/llm/chat_protocol.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "language/transport/api_client.h"
#include "language/transport/api_error.h"
#include "language/transport/request_cache.h"

namespace latentcrs {

using nlohmann::json;

ChatOutcome read_chat_response(const ChatProtocol& protocol, const HttpResponse& given) {
  using Kind = ChatOutcome::Kind;
  const HttpResponse response = given.success() ? without_hidden_error(given) : given;
  if (!response.success()) {
    constexpr std::array<std::string_view, 3> verdicts = {"content_filter", "content_policy_violation",
                                                          "ResponsibleAIPolicyViolation"};
    const std::string code = response.transport == Transport::ok ? parse_api_error(response).code : "";
    const bool blocked = response.status == 400 && std::find(verdicts.begin(), verdicts.end(), code) != verdicts.end();
    return {.kind = blocked ? Kind::blocked : Kind::failed, .reason = blocked ? code : describe_failure(response)};
  }
  const json reply = json::parse(response.body, nullptr, false);
  if (!reply.is_object())
    return {.kind = Kind::malformed, .reason = "the reply is no JSON object: " + parse_api_error(response).message};
  return protocol.parse(reply);
}

std::string chat_cache_key(const ChatProtocol& protocol, const json& body, int attempt, int unusable) {
  json question = {{"service", protocol.identity()}, {"request", body}};
  if (attempt > 0) question["attempt"] = attempt;
  if (unusable > 0) question["after_unusable"] = unusable;
  return RequestCache::key(question);
}

}  // namespace latentcrs
