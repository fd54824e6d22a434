#include "language/transport/retry.h"

#include <catch2/catch.hpp>

#include "language/transport/api_error.h"
#include "services/remote_fixture.h"

using namespace latentcrs;
using Headers = std::map<std::string, std::string>;

namespace {

HttpResponse status(int code, const std::string& body = "", const Headers& headers = {}) {
  return {.status = code, .headers = headers, .body = body};
}

RetryDecision decide(const HttpResponse& response, const RetryState& state = {}, const RetryOptions& options = {}) {
  Rng rng(1);
  return decide_retry(options, state, response, rng);
}

const char* kPerMinute =
    R"({"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"You exceeded your current quota",
  "details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"RequestsPerMinutePerProject"}]},
             {"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"38.2s"}]}})";
const char* kPerDay =
    R"([{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"You exceeded your current quota",
  "details":[{"violations":[{"quotaId":"GenerateRequestsPerDayPerProject"}]},{"retryDelay":"9s"}]}}])";

}  // namespace

TEST_CASE("what is sent again", "[retry]") {
  for (const int code : {408, 429, 500, 501, 502, 503, 504, 520, 521, 522, 523, 524, 529})
    CHECK(decide(status(code)).again);
  for (const int code : {200, 204, 307, 308, 400, 401, 402, 403, 404, 409, 412, 413, 422, 499, 505, 530})
    CHECK_FALSE(decide(status(code)).again);
  CHECK(decide(status(409), {.also_retried = {409}}).again);
  CHECK(decide(status(403, R"({"error":{"errors":[{"reason":"rateLimitExceeded"}],"message":"slow"}})")).again);
  CHECK(decide(status(400, R"({"error":"temporarily_unavailable","error_description":"x"})")).again);
  CHECK_FALSE(decide(status(400, R"({"error":"invalid_grant","error_description":"x"})")).again);
  CHECK(decide(status(400, "", {{"x-should-retry", "true"}})).again);
  CHECK_FALSE(decide(status(503, "", {{"x-should-retry", "false"}})).again);

  for (const Transport transport : {Transport::unreachable, Transport::timeout, Transport::broken})
    CHECK(decide({.transport = transport}).again);
  for (const Transport transport : {Transport::certificate, Transport::too_large})
    CHECK_FALSE(decide({.transport = transport}).again);
}

TEST_CASE("what must not arrive twice is repeated only if it did not arrive", "[retry]") {
  const RetryState once{.repeat = Repeat::never};
  CHECK(decide({.transport = Transport::unreachable}, once).again);
  CHECK(decide(status(429), once).again);
  CHECK_FALSE(decide({.transport = Transport::broken}, once).again);
  CHECK_FALSE(decide({.transport = Transport::timeout}, once).again);
  CHECK_FALSE(decide(status(503), once).again);
  CHECK_FALSE(decide(status(500, "", {{"x-should-retry", "true"}}), once).again);
}

TEST_CASE("a used-up quota is not waited for", "[retry]") {
  CHECK(decide(status(429, kPerMinute)).again);
  CHECK_FALSE(decide(status(429, kPerDay)).again);
  CHECK_FALSE(
      decide(status(429, R"({"error":{"message":"pay","type":"insufficient_quota","code":"insufficient_quota"}})"))
          .again);
  CHECK_FALSE(
      decide(status(429, R"({"error":{"status":"RESOURCE_EXHAUSTED","message":"You exceeded your current quota"}})"))
          .again);
  CHECK(decide(status(429, R"({"error":{"status":"RESOURCE_EXHAUSTED","message":"Resource exhausted"}})")).again);
}

TEST_CASE("what cannot succeed is not repeated", "[retry]") {
  for (const char* message :
       {"input (900 tokens) is too large to process. increase the physical batch size",
        "the request exceeds the available context size", "This server does not support embeddings"})
    CHECK_FALSE(decide(status(500, std::string(R"({"error":{"code":500,"message":")") + message + "\"}}")).again);
  CHECK_FALSE(decide(status(501, R"({"error":{"message":"This server does not support embeddings"}})")).again);
  HttpResponse spoilt = status(200, "{}");
  spoilt.spoilt = true;
  spoilt.problem = "the server broke off";
  CHECK(decide(spoilt).again);
  CHECK_FALSE(decide(spoilt, {.repeat = Repeat::never}).again);
  CHECK(describe_failure(spoilt) == "the server broke off");
}

TEST_CASE("the wait grows, and a hint of the server goes before", "[retry]") {
  const RetryOptions options{.max_attempts = 20, .first_wait = 1, .max_wait = 60, .max_hint = 300, .max_total = 900};
  double sum = 0;
  Rng rng(3);
  for (int i = 0; i < 2000; ++i) {
    const double wait = decide_retry(options, {.attempts = 4}, status(503), rng).wait;
    REQUIRE((wait >= 0 && wait < 8));
    sum += wait;
  }
  CHECK(sum / 2000 == Approx(4).margin(0.2));
  for (int i = 0; i < 100; ++i) REQUIRE(decide_retry(options, {.attempts = 19}, status(503), rng).wait < 60);

  const auto wait = [&](const Headers& headers, const std::string& body = "") {
    return decide(status(429, body, headers), {.now = test::FakeClock::kStart}, options).wait;
  };
  CHECK(wait({{"retry-after-ms", "1500"}, {"retry-after", "9"}}) == 1.5);
  CHECK(wait({{"retry-after", "9"}}) == 9);
  CHECK(wait({{"retry-after", "2.5"}}) == 2.5);
  CHECK(wait({{"retry-after", "Fri, 15 Jan 2027 08:00:42 GMT"}}) == 42);
  CHECK(wait({{"retry-after", "Fri, 15 Jan 2027 07:00:00 GMT"}}) < 1);
  CHECK(wait({{"retry-after", "soon"}}) < 1);
  CHECK(wait({}, kPerMinute) == 38.2);
  CHECK(wait({{"retry-after", "9"}}, kPerMinute) == 9);
}

TEST_CASE("patience ends", "[retry]") {
  const RetryOptions options{.max_attempts = 3, .max_hint = 100, .max_total = 50};
  CHECK(decide(status(503), {.attempts = 2}, options).again);
  CHECK(decide(status(503), {.attempts = 3}, options).reason == "attempts used up");
  CHECK(decide(status(503), {.elapsed = 51}, options).reason == "time used up");
  CHECK(decide(status(503, "", {{"retry-after", "51"}}), {}, options).reason == "time used up");
  CHECK(decide(status(503, "", {{"retry-after", "101"}}), {}, options).reason == "the server asks for too long a wait");
}

TEST_CASE("every shape of error body is read", "[api_error]") {
  struct Case {
    const char* body;
    const char* code;
    const char* message;
  };
  const Case cases[] = {
      {R"({"error":{"code":400,"message":"bad","status":"INVALID_ARGUMENT"}})", "INVALID_ARGUMENT", "bad"},
      {R"([{"error":{"code":400,"message":"bad","status":"INVALID_ARGUMENT"}}])", "INVALID_ARGUMENT", "bad"},
      {R"({"error":{"message":"bad","type":"invalid_request_error","param":null,"code":"model_not_found"}})",
       "model_not_found", "bad"},
      {R"({"error":{"code":503,"message":"Loading model","type":"unavailable_error"}})", "unavailable_error",
       "Loading model"},
      {R"({"object":"error","message":"bad","type":"BadRequestError","param":null,"code":400})", "BadRequestError",
       "bad"},
      {R"({"error":"model 'x' not found"})", "", "model 'x' not found"},
      {R"({"message":"long","code":413,"type":"Validation"})", "Validation", "long"},
      {R"({"error":"long","error_type":"Validation"})", "Validation", "long"},
      {R"({"error":"invalid_grant","error_description":"Invalid JWT"})", "invalid_grant", "Invalid JWT"},
      {R"({"error":"invalid_client"})", "invalid_client", "invalid_client"},
      {"<html><head><title>502</title></head>\n<body><h1>Bad\tGateway</h1></body></html>", "", "502 Bad Gateway"},
      {"plain\ntext", "", "plain text"},
      {"", "", "no explanation"},
      {"\t\r\n", "", "no explanation"},  // no printable character
      {"{}", "", "{}"},
      {"[]", "", "[]"},
      {"null", "", "null"},
      {R"({"error":null})", "", R"({"error":null})"},
      {R"({"error":{"code":{},"message":[],"status":3,"details":{"a":1},"errors":[7]}})", "3",
       R"({"error":{"code":{},"message":[],"status":3,"details":{"a":1},"errors":[7]}})"},
  };
  for (const Case& c : cases) {
    INFO(c.body);
    const ApiError error = parse_api_error(status(400, c.body));
    CHECK(error.code == c.code);
    CHECK(error.message == c.message);
  }
  const ApiError key = parse_api_error(status(
      400,
      R"({"error":{"code":400,"message":"no","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}})"));
  CHECK(key.reason == "API_KEY_INVALID");
  CHECK(parse_api_error(status(429, kPerMinute)).retry_delay == 38.2);

  std::string umlauts;
  for (int i = 0; i < 400; ++i) umlauts += "ä";
  const std::string cut = parse_api_error(status(500, umlauts)).message;
  CHECK(cut.size() <= 300);
  CHECK(cut.size() % 2 == 0);
  CHECK(describe_failure(status(429, kPerDay)) == "HTTP 429 RESOURCE_EXHAUSTED: You exceeded your current quota");
  CHECK(describe_failure({.transport = Transport::timeout, .problem = "too slow"}) == "too slow");
  CHECK(describe_failure(status(307)) == "HTTP 307: the server redirects");
  CHECK(describe_failure(status(301, "", {{"location", "https://h/v2?key=secret"}})) ==
        "HTTP 301: the server redirects to https://h/v2");
  CHECK_FALSE(is_redirect(status(308)));  // an upload goes on
  CHECK(is_redirect(status(308, "", {{"location", "/x"}})));
}
