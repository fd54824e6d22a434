#include "language/llm/gemini.h"

#include <catch2/catch.hpp>

#include "base/util/error.h"
#include "language/llm/providers.h"
#include "language/llm/vertex_access.h"
#include "services/remote_fixture.h"
#include "services/reply_case.h"

using namespace latentcrs;
using namespace latentcrs::test;
using nlohmann::json;
using Kind = ChatOutcome::Kind;
using Role = ChatMessage::Role;

namespace {

ChatOutcome parse(const std::string& reply) { return parse_gemini_reply(json::parse(reply)); }

/// The address of a chat model, without credentials.
std::string url_of(const std::string& provider, const ChatOptions& options) {
  RemoteFixture remote;
  ChatService service{.provider = provider, .options = options};
  service.shared.offline = true;
  return chat_provider(provider).connect(service, remote.context()).protocol->url();
}

}  // namespace

TEST_CASE("a GenerateContentRequest", "[gemini]") {
  const ChatRequest request{.system = "be brief",
                            .messages = {{Role::user, "hello"}, {Role::model, "hi"}, {Role::user, "bye"}}};
  const json body =
      gemini_request(request, {.generation_config = {{"maxOutputTokens", 9}}, .safety_threshold = "BLOCK_NONE"});
  CHECK(body["contents"] == json::parse(R"([{"role":"user","parts":[{"text":"hello"}]},
    {"role":"model","parts":[{"text":"hi"}]},{"role":"user","parts":[{"text":"bye"}]}])"));
  CHECK(body["systemInstruction"] == json::parse(R"({"parts":[{"text":"be brief"}]})"));
  CHECK(body["generationConfig"] == json::parse(R"({"maxOutputTokens":9})"));
  CHECK(body["safetySettings"].size() == 4);
  CHECK(body["safetySettings"][0] ==
        json::parse(R"({"category":"HARM_CATEGORY_HARASSMENT","threshold":"BLOCK_NONE"})"));
  CHECK(body.dump().find("CIVIC") == std::string::npos);
  // Nothing is added unless configured.
  CHECK(gemini_request({.messages = {{Role::user, "x"}}}, {}) ==
        json::parse(R"({"contents":[{"role":"user","parts":[{"text":"x"}]}]})"));
}

TEST_CASE("what a generateContent reply may be", "[gemini]") {
  const ChatOutcome good =
      parse(R"({"candidates":[{"content":{"role":"model","parts":[{"text":"thinking","thought":true},
    {"text":"Hello "},{"inlineData":{}},{"text":"you","thought":false}]},"finishReason":"STOP"}],
    "usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":"3","thoughtsTokenCount":20,"totalTokenCount":32}})");
  CHECK(good.kind == Kind::text);
  CHECK(good.text == "Hello you");
  CHECK(good.usage == Usage{9, 23});

  const ReplyCase cases[] = {
      {R"({"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"},"usageMetadata":{"promptTokenCount":4}})",
       Kind::blocked, "prompt: PROHIBITED_CONTENT", ""},
      {R"({"candidates":[],"promptFeedback":{"blockReason":"SAFETY"}})", Kind::blocked, "prompt: SAFETY", ""},
      {R"({"candidates":[{"finishReason":"SAFETY","safetyRatings":[]}]})", Kind::blocked, "SAFETY", ""},
      {R"({"candidates":[{"finishReason":"RECITATION","content":{"parts":[{"text":"part"}]}}]})", Kind::blocked,
       "RECITATION", "part"},
      {R"({"candidates":[{"finishReason":"NEW_REASON","content":{}}]})", Kind::malformed, "NEW_REASON", ""},
      {R"({"candidates":[{"finishReason":"MAX_TOKENS","content":{"role":"model"}}]})", Kind::truncated, "MAX_TOKENS",
       ""},
      {R"({"candidates":[{"finishReason":"MAX_TOKENS","content":{"parts":[{"text":"I would"}]}}]})", Kind::truncated,
       "MAX_TOKENS", "I would"},
      {R"({"candidates":[{"finishReason":"STOP","content":{"parts":[{"text":"t","thought":true}]}}]})", Kind::malformed,
       "no text in the reply", ""},
      {R"({"candidates":[{"finishReason":"STOP","content":{"parts":[{"text":" \n"}]}}]})", Kind::malformed,
       "no text in the reply", " \n"},
      {R"({"candidates":[{"content":{"parts":[{"text":"x"}]}}]})", Kind::text, "", "x"},
      {R"({"candidates":"x"})", Kind::malformed, "no candidates in the reply", ""},
      {R"({"candidates":[null]})", Kind::malformed, "no text in the reply", ""},
      {R"({"candidates":[{"content":{"parts":{"text":"x"}}}]})", Kind::malformed, "no text in the reply", ""},
      {R"({})", Kind::malformed, "no candidates in the reply", ""},
      {R"([1])", Kind::malformed, "no candidates in the reply", ""},
      {R"(null)", Kind::malformed, "no candidates in the reply", ""},
  };
  check_replies(cases, parse_gemini_reply);
  CHECK(parse(cases[0].reply).usage == Usage{4, 0});
}

TEST_CASE("where Gemini is reached", "[gemini]") {
  CHECK(vertex_base_url("global") == "https://aiplatform.googleapis.com");
  CHECK(vertex_base_url("us-central1") == "https://us-central1-aiplatform.googleapis.com");
  CHECK(vertex_base_url("eu") == "https://aiplatform.eu.rep.googleapis.com");
  CHECK(url_of("vertex", {.model = "gemini-x", .project = "p", .location = "us-central1"}) ==
        "https://us-central1-aiplatform.googleapis.com/v1/projects/p/locations/us-central1/publishers/google/models/"
        "gemini-x:generateContent");
  CHECK(url_of("vertex", {.model = "m", .location = "global"}) ==
        "https://aiplatform.googleapis.com/v1/publishers/google/models/m:generateContent");
  CHECK(url_of("gemini", {.model = "a/b"}) ==
        "https://generativelanguage.googleapis.com/v1beta/models/a%2Fb:generateContent");
  CHECK(url_of("gemini", {.model = "m", .base_url = "http://127.0.0.1:1/"}) ==
        "http://127.0.0.1:1/v1beta/models/m:generateContent");
  CHECK_THROWS_AS(url_of("gemini", {.model = "m", .parameters = "[1]"}), Error);
  CHECK_THROWS_AS(url_of("gemini", {.model = "m", .base_url = "http://h/?key=1"}), Error);
}

TEST_CASE("why Gemini stopped", "[gemini]") {
  const auto read = [](const json& reason, const char* more = "{}") {
    json reply = json::parse(more);
    reply["candidates"] = {{{"content", {{"parts", {{{"text", "I would"}}}}}}, {"finishReason", reason}}};
    return parse_gemini_reply(reply);
  };
  for (const char* reason : {"STOP", "FINISH_REASON_UNSPECIFIED", ""}) CHECK(read(reason).kind == Kind::text);
  for (const char* reason : {"MAX_TOKENS", "CONTINUATION"}) CHECK(read(reason).kind == Kind::truncated);
  CHECK(read("", R"({"continuationToken":"t"})").kind == Kind::truncated);
  for (const char* reason :
       {"SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MODEL_ARMOR", "ESCALATION",
        "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION"})
    CHECK(read(reason).kind == Kind::blocked);
  for (const char* reason :
       {"OTHER", "MALFORMED_RESPONSE", "MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS",
        "MISSING_THOUGHT_SIGNATURE", "IMAGE_OTHER", "NO_IMAGE", "NOT_KNOWN_YET"})
    CHECK(read(reason).kind == Kind::malformed);
  CHECK(read("PUP_LIMITED_DISABLED").kind == Kind::failed);
  CHECK(read("PUP_LIMITED_DISABLED").hopeless);
  CHECK(read(1).kind == Kind::text);  // a client that asked for numbers
  CHECK(read(2).kind == Kind::truncated);
  CHECK(read(10).kind == Kind::blocked);
  CHECK(read(99).kind == Kind::malformed);
}
