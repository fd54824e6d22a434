#include "latentcrs/remote/openai.h"

#include <catch2/catch.hpp>

#include "latentcrs/util/error.h"
#include "remote/remote_fixture.h"
#include "remote/reply_case.h"

using namespace latentcrs;
using namespace latentcrs::test;
using nlohmann::json;
using Kind = ChatOutcome::Kind;
using Role = ChatMessage::Role;

TEST_CASE("a chat completion request", "[openai]") {
  const ChatRequest request{.system = "be brief",
                            .messages = {{Role::user, "a"}, {Role::model, "b"}, {Role::user, "c"}}};
  CHECK(openai_chat_request(request, "m", {{"temperature", 0}, {"max_tokens", 64}}) ==
        json::parse(R"({"model":"m","temperature":0,
    "max_tokens":64,"messages":[{"role":"system","content":"be brief"},{"role":"user","content":"a"},
    {"role":"assistant","content":"b"},{"role":"user","content":"c"}]})"));
}

TEST_CASE("what a chat completion may be", "[openai]") {
  const ReplyCase cases[] = {
      {R"({"choices":[{"message":{"role":"assistant","content":"hi","reasoning_content":"h"},"finish_reason":"stop"}]})",
       Kind::text, "", "hi"},
      {R"({"choices":[{"message":{"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}}]})", Kind::text,
       "", "ab"},
      {R"({"choices":[{"message":{"content":"<think>long\nthoughts</think>\nhi"},"finish_reason":"stop"}]})",
       Kind::text, "", "\nhi"},
      {R"({"choices":[{"message":{"content":"<think>never ends"},"finish_reason":"stop"}]})", Kind::truncated, "length",
       ""},
      {R"({"choices":[{"message":{"content":"I mean <think>"},"finish_reason":"stop"}]})", Kind::text, "",
       "I mean <think>"},
      {R"({"choices":[{"message":{"content":"cut o"},"finish_reason":"length"}]})", Kind::truncated, "length", "cut o"},
      {R"({"choices":[{"message":{"content":null},"finish_reason":"content_filter"}]})", Kind::blocked,
       "content_filter", ""},
      {R"({"choices":[{"message":{"content":null,"refusal":"I can't"},"finish_reason":"stop"}]})", Kind::blocked,
       "refusal", ""},
      {R"({"choices":[{"message":{"content":null},"finish_reason":"stop"}]})", Kind::malformed, "no text in the reply",
       ""},
      {R"({"choices":[{"message":{"content":"","tool_calls":[]},"finish_reason":"tool_calls"}]})", Kind::malformed,
       "tool calls in place of text", ""},
      {R"({"choices":[]})", Kind::malformed, "no choices in the reply", ""},
      {R"({"choices":[{"text":"completion"}]})", Kind::malformed, "no text in the reply", ""},
      {R"({"error":{"message":"x"}})", Kind::malformed, "no choices in the reply", ""},
      {R"("text")", Kind::malformed, "no choices in the reply", ""},
  };
  check_replies(cases, parse_openai_chat_reply);
  CHECK(parse_openai_chat_reply(json::parse(R"({"usage":{"prompt_tokens":5,"completion_tokens":7}})")).usage ==
        Usage{5, 7});
}

TEST_CASE("bad responses of compatible servers", "[openai]") {
  const auto protocol = make_openai_protocol({.model = "m"}, "http://h/v1");
  const auto read = [&](int status, const std::string& body) {
    return read_chat_response(*protocol, {.status = status, .body = body});
  };
  CHECK(read(200, "<html>login</html>").kind == Kind::malformed);
  CHECK(read(200, "{\"choices\":[{\"mess").kind == Kind::malformed);
  CHECK(read(200, "[]").kind == Kind::malformed);
  CHECK(read(200, "{\"choices\":[{\"message\":{\"content\":\"\xff\"}}]}").kind == Kind::malformed);
  CHECK(read(400, R"({"error":{"code":"content_filter","message":"Azure"}})").kind == Kind::blocked);
  const ChatOutcome failed =
      read(400, R"({"object":"error","message":"too long","type":"BadRequestError","code":400})");
  CHECK(failed.kind == Kind::failed);
  CHECK(failed.reason == "HTTP 400 BadRequestError: too long");
  CHECK(read_chat_response(*protocol, {.transport = Transport::timeout, .problem = "slow"}).reason == "slow");
}

TEST_CASE("addresses and keys of compatible servers", "[openai]") {
  CHECK(openai_url("https://api.openai.com/v1", "chat/completions") == "https://api.openai.com/v1/chat/completions");
  CHECK(openai_url("http://127.0.0.1:8000", "embeddings") == "http://127.0.0.1:8000/v1/embeddings");
  CHECK(openai_url("https://gateway/openai/deployments/x", "embeddings") ==
        "https://gateway/openai/deployments/x/embeddings");

  RemoteFixture remote;
  const auto headers = [&](const std::string& base) {
    std::string all;
    for (const SecretHeader& header : make_openai_credentials({}, base, remote.context())->headers())
      all += header.name + "=" + header.value.reveal() + ";";
    return all;
  };
  CHECK(headers("http://127.0.0.1:8000/v1") == "");
  CHECK_THROWS_AS(headers("https://api.openai.com/v1"), Error);
  remote.variables = {{"OPENAI_API_KEY", "k"}, {"OPENAI_ORG_ID", "o"}};
  CHECK(headers("https://api.openai.com/v1") == "OpenAI-Organization=o;Authorization=Bearer k;");
  CHECK(headers("http://127.0.0.1:8000/v1") == "Authorization=Bearer k;");
  CHECK(make_openai_credentials({.kind = "none"}, "http://127.0.0.1:8000/v1", remote.context())->headers().empty());
}
