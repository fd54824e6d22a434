// Replies of chat models, as every provider's protocol reads them; parts of an answer joined; the answer in a text.
#include "language/llm/answer_text.h"
#include "language/transport/api_error.h"
#include "providers.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace latentcrs;
  using nlohmann::json;
  static const fuzz::Providers providers;
  static const ChatRequest request{.messages = {{ChatMessage::Role::user, "Hello"}}};

  const std::string text(fuzz::text_of(data, size));
  (void)answer_in(text);
  const json reply = json::parse(text, nullptr, /*allow_exceptions=*/false);
  for (const ChatConnection& connection : providers.connections()) {
    const ChatProtocol& protocol = *connection.protocol;
    (void)read_chat_response(protocol, {.status = 200, .body = text});
    if (reply.is_discarded()) continue;
    fuzz::expect_value_or_error([&] {
      (void)protocol.parse(reply);
      if (const auto more = protocol.continuation(protocol.body(request), reply))
        (void)protocol.parse(protocol.joined(reply, reply));
      (void)error_in_reply(reply);
    });
  }
  return 0;
}
