#include "language/llm/openai.h"

#include <catch2/catch.hpp>

#include "base/util/error.h"
#include "language/llm/gemini.h"
#include "services/remote_fixture.h"
#include "services/reply_case.h"

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
       Kind::text, "", "hi"},
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

TEST_CASE("reasoning and template marks are no part of an answer, whoever sends it", "[openai][gemini]") {
  const char* hi[] = {
      "<think>hm</think>hi",
      "hm\n</think>\n\nhi",
      "<thinking>\nhm\n</thinking>\nhi",
      "hm</thinking> hi",
      "<THINK>hm</THINK>\nhi",
      "<thought>hm</thought>hi",
      "<reasoning>hm</reasoning>\nhi",
      "[THINK]hm[/THINK]hi",
      "hm[/THINK]hi",
      "\u25C1think\u25B7hm\u25C1/think\u25B7hi",
      "<think>a</think><think>b</think>hi",
      "<think></think>\n\nhi",
      "<seed:think>hm</seed:think>hi",
      "<inner_thoughts>hm</inner_thoughts>hi",
      "<think budget=\"9\">hm</think>hi",
      "hi<|im_e",
      "<unused94>thought\nhm<unused95>hi",
      "<|begin_of_thought|>hm<|end_of_thought|><|begin_of_solution|>hi<|end_of_solution|>",
      "<|START_THINKING|>hm<|END_THINKING|><|START_RESPONSE|>hi<|END_RESPONSE|>",
      "<think>hm</think><answer>hi</answer>",
      "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>hi<|return|>",
      "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>commentary<|message|>ho<|end|>"
      "<|start|>assistant<|channel|>final<|message|>hi",
      "<|channel|>final<|message|>hi<|end|>",
      "analysisHm, what?assistantfinalhi",
      "hi<|eot_id|>",
      "hi<|im_end|>\n<|im_start|>user\nAnd",
      "hi<|endoftext|>",
      "hi</s>",
      "hi<end_of_turn>\n<start_of_turn>user",
      "hi<\uFF5Cend\u2581of\u2581sentence\uFF5C>",
      "<|start_header_id|>assistant<|end_header_id|>\n\nhi<|eot_id|>",
      "<|im_start|>assistant\nhi<|im_end|>",
      "<s> hi</s>",
      "<|im_start|>assistant\n<think>hm</think>\nhi<|im_end|>"};
  const auto openai = [](const std::string& content) {
    return parse_openai_chat_reply({{"choices", {{{"message", {{"content", content}}}, {"finish_reason", "stop"}}}}});
  };
  const auto gemini = [](const std::string& content) {
    return parse_gemini_reply(
        {{"candidates", {{{"content", {{"parts", {{{"text", content}}}}}}, {"finishReason", "STOP"}}}}});
  };
  for (const char* content : hi) {
    INFO(content);
    for (const ChatOutcome& outcome : {openai(content), gemini(content)}) {
      CHECK(outcome.kind == Kind::text);
      CHECK(outcome.text == "hi");
    }
  }
  for (const char* content : {"<think>hm", "[THINK]hm", "<|channel|>analysis<|message|>hm<|end|>"}) {
    INFO(content);
    for (const ChatOutcome& outcome : {openai(content), gemini(content)}) {
      CHECK(outcome.kind == Kind::truncated);
      CHECK(outcome.text.empty());
    }
  }
  CHECK(openai("<think>hm</think>").kind == Kind::malformed);
  // These texts stay as they are.
  for (const char* content : {" hi\n", "I [really] like <3 and a < b", "I think: yes", "analysis of a film", "1 <2> 3"})
    CHECK(openai(content).text == content);
  const char* parts =
      R"({"choices":[{"message":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]},
      {"type":"reasoning","text":"hm"},{"type":"text","text":"hi"}]},"finish_reason":"stop"}]})";
  CHECK(parse_openai_chat_reply(json::parse(parts)).text == "hi");
}

TEST_CASE("why a compatible server stopped", "[openai]") {
  const auto kind = [](const json& reason) {
    return parse_openai_chat_reply({{"choices", {{{"message", {{"content", "I would"}}}, {"finish_reason", reason}}}}})
        .kind;
  };
  for (const char* reason : {"stop", "STOP", "eos", "", "end_turn", "stop_sequence"}) CHECK(kind(reason) == Kind::text);
  CHECK(kind(nullptr) == Kind::text);
  for (const char* reason : {"length", "max_tokens", "MAX_TOKENS", "model_length"})
    CHECK(kind(reason) == Kind::truncated);
  for (const char* reason : {"content_filter", "refusal"}) CHECK(kind(reason) == Kind::blocked);
  for (const char* reason : {"error", "abort", "cancelled", "insufficient_system_resource"})
    CHECK(kind(reason) == Kind::failed);
  for (const char* reason : {"tool_calls", "function_call", "not_known_yet"}) CHECK(kind(reason) == Kind::malformed);
}

TEST_CASE("an error with status 200 is the error that it names", "[openai]") {
  const auto protocol = make_openai_protocol({.model = "m"}, "http://h/v1");
  const auto reason = [&](const std::string& body) {
    return read_chat_response(*protocol, {.status = 200, .body = body}).reason;
  };
  CHECK(reason(R"({"error":{"message":"slow down","code":429}})") == "HTTP 429: slow down");
  CHECK(reason(R"([{"error":{"message":"slow down","code":"429"}}])") == "HTTP 429 429: slow down");
  CHECK(reason(R"({"error":{"message":"no","type":"authentication_error"},"choices":null})") ==
        "HTTP 401 authentication_error: no");
  CHECK(reason(R"({"error":{"message":"no","status":"UNAVAILABLE"}})") == "HTTP 503 UNAVAILABLE: no");
  CHECK(reason(R"({"error":"out of order"})") == "HTTP 500: out of order");
  CHECK(reason(R"({"error":"slow down","status":429})") == "HTTP 429 429: slow down");
  CHECK(reason(R"({"object":"error","message":"bad","type":"BadRequestError","code":400})") ==
        "HTTP 400 BadRequestError: bad");
  CHECK(reason(R"({"choices":[{"message":{"content":"I"},"error":{"code":502,"message":"upstream"}}]})") ==
        "HTTP 502: upstream");
  CHECK(reason(R"({"error":{},"choices":[{"message":{"content":"hi"}}]})").empty());
  CHECK(reason(R"({"error":null,"choices":[{"message":{"content":"hi"}}]})").empty());
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
