// Batch jobs of the Gemini Developer API and of OpenAI. The parts that all services share are tested with Vertex.
#include <algorithm>
#include <catch2/catch.hpp>

#include "base/util/error.h"
#include "base/util/log.h"
#include "language/llm/batch_chat.h"
#include "language/llm/batch_rows.h"
#include "language/llm/remote_chat.h"
#include "services/batch_requests.h"
#include "services/fake_models.h"
#include "services/killing_http.h"
#include "services/remote_fixture.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using namespace latentcrs::test;
using Catch::Matchers::Contains;
using nlohmann::json;
using Kind = ChatOutcome::Kind;

namespace {

/// `Server` is FakeGemini or FakeOpenAi.
template <class Server>
struct ModelBatch : BatchRequests {
  ModelBatch() : BatchRequests(5) {
    constexpr bool gemini = std::is_same_v<Server, FakeGemini>;
    service.provider = gemini ? "gemini" : "openai";
    service.options.model = "m";
    service.options.base_url = server.server.url() + (gemini ? "" : "/v1");
    remote.variables["GOOGLE_API_KEY"] = "a-key-of-google";
    remote.variables["OPENAI_API_KEY"] = "a-key-of-openai";
  }
  ~ModelBatch() { remote.http.reset(); }  // an open connection would keep the server waiting

  Server server;
};

using GeminiBatches = ModelBatch<FakeGemini>;
using OpenAiBatches = ModelBatch<FakeOpenAi>;

json without_response(json row, const char* key, const json& error) {
  row.erase("response");
  row[key] = error;
  return row;
}

}  // namespace

TEMPLATE_TEST_CASE("a batch of any service answers once, in any order", "[model_batch]", FakeGemini, FakeOpenAi) {
  ModelBatch<TestType> fixture;
  fixture.server.rows = [](const Rows& input) {
    Rows rows = TestType::good_rows(input);
    std::reverse(rows.begin(), rows.end());
    rows.push_back(rows.front());
    return rows;
  };
  const auto outcomes = fixture.complete();
  CHECK(fixture.good(outcomes) == 5);
  CHECK(outcomes[0].usage == Usage{9, 3});
  CHECK(fixture.server.jobs.size() == 1);
  const size_t before = fixture.server.server.count();
  CHECK(fixture.complete()[4].from_cache);
  CHECK(fixture.server.server.count() == before);
  // Asked directly, the same questions have the same answers.
  CHECK(make_chat(fixture.service, fixture.remote.context())->complete(fixture.requests).all[3].from_cache);
  for (const Request& request : fixture.server.server.requests())
    CHECK(request.header(fixture.service.provider == "gemini" ? "x-goog-api-key" : "authorization").find("a-key-of") !=
          std::string::npos);
}

TEMPLATE_TEST_CASE("missing rows go into a smaller job", "[model_batch]", FakeGemini, FakeOpenAi) {
  ModelBatch<TestType> fixture;
  fixture.server.rows = [&](const Rows& input) {
    Rows rows = TestType::good_rows(input);
    if (fixture.server.jobs.size() == 1) {
      rows[1] = "half a li";
      rows[2] = 3;
      rows.pop_back();
    }
    return rows;
  };
  CHECK(fixture.good(fixture.complete()) == 5);
  CHECK(fixture.server.jobs.size() == 2);
}

TEMPLATE_TEST_CASE("any service's run, killed between any two steps, goes on with the same job", "[model_batch]",
                   FakeGemini, FakeOpenAi) {
  bool finished = false;
  for (int exchanges = 0; !finished; ++exchanges) {
    for (const bool after : {false, true}) {
      ModelBatch<TestType> fixture;
      fixture.server.page = 1;
      fixture.server.looks_until_end = 2;
      try {
        fixture.complete(std::make_shared<KillingHttp>(fixture.remote.http, exchanges, after));
        finished = true;
      } catch (const Killed&) {
      }
      INFO("killed " << (after ? "after" : "before") << " exchange " << exchanges);
      CHECK(fixture.good(fixture.complete()) == 5);
      CHECK(fixture.server.jobs.size() == 1);
    }
    REQUIRE(exchanges < 20);
  }
}

TEST_CASE("a Gemini job's rows and ends", "[model_batch]") {
  GeminiBatches fixture;
  auto& server = fixture.server;
  SECTION("what is sent") {
    fixture.service.options.parameters = R"({"maxOutputTokens": 5})";
    CHECK(fixture.good(fixture.complete()) == 5);
    const json line = parse_rows(server.files.at("files/1"))[0];
    CHECK(line["request"]["generationConfig"]["maxOutputTokens"] == 5);
    CHECK(line["key"].get<std::string>().size() == 64);
    CHECK(server.jobs[0]["metadata"]["displayName"].get<std::string>().starts_with("latentcrs-"));
  }
  SECTION("rows that fail: some for a time, some for good") {
    server.rows = [&](const Rows& input) {
      Rows rows = FakeGemini::good_rows(input);
      if (server.jobs.size() > 1) return rows;
      rows[0] = without_response(rows[0], "error", {{"code", 13}, {"message", "internal"}});
      rows[1] = without_response(rows[1], "error", {{"code", 3}, {"message", "too long"}});
      rows[2]["response"] = {{"promptFeedback", {{"blockReason", "SAFETY"}}}};
      rows[3]["response"] = gemini_reply("");
      return rows;
    };
    const auto outcomes = fixture.complete();
    CHECK(fixture.good(outcomes) == 3);
    CHECK(outcomes[1].reason == "code 3: too long");
    CHECK(outcomes[2].kind == Kind::blocked);
    CHECK(server.jobs.size() == 2);
    CHECK(parse_rows(server.files.at("files/2")).size() == 2);
  }
  SECTION("expired without results: another job") {
    server.at_the_end = [&](json& job) {
      if (server.jobs.size() > 1) return;
      job.erase("response");
      job["metadata"]["state"] = "JOB_STATE_EXPIRED";
    };
    CHECK(fixture.good(fixture.complete()) == 5);
    CHECK(server.jobs.size() == 2);
  }
  SECTION("done ends a job, whatever its state says") {
    const std::string state =
        GENERATE("", "BATCH_STATE_RUNNING", "BATCH_STATE_NOT_KNOWN_YET", "JOB_STATE_PARTIALLY_SUCCEEDED");
    server.at_the_end = [&](json& job) {
      job["metadata"]["state"] = state;
      if (state.ends_with("PARTIALLY_SUCCEEDED")) job.erase("done");
    };
    CHECK(fixture.good(fixture.complete()) == 5);
    CHECK(server.jobs.size() == 1);
  }
  SECTION("done with an error and a stale state: failed") {
    server.at_the_end = [&](json& job) {
      job.erase("response");
      job["metadata"]["state"] = "BATCH_STATE_RUNNING";
      job["error"] = {{"code", 3}, {"message", "bad file"}};
    };
    CHECK_THROWS_WITH(fixture.complete(), Contains("RUNNING: bad file") && Contains("no answer came"));
  }
  SECTION("a row in parts is cut off, one that holds an error is that error") {
    server.rows = [&](const Rows& input) {
      Rows rows = FakeGemini::good_rows(input);
      rows[0]["response"]["candidates"][0]["finishReason"] = "CONTINUATION";
      rows[1]["response"] = {{"error", {{"code", 400}, {"message", "too long"}}}};
      rows[2]["error"] = json::object();
      return rows;
    };
    const auto outcomes = fixture.complete();
    CHECK(fixture.good(outcomes) == 3);
    CHECK(outcomes[0].kind == Kind::truncated);
    CHECK(outcomes[1].reason == "HTTP 400: too long");
    CHECK(server.jobs.size() == 1);
  }
  SECTION("the account is switched off: all stops, the answers are kept") {
    server.rows = [&](const Rows& input) {
      Rows rows = FakeGemini::good_rows(input);
      rows[4]["response"]["candidates"][0]["finishReason"] = "PUP_LIMITED_DISABLED";
      return rows;
    };
    CHECK_THROWS_WITH(fixture.complete(),
                      Contains("PUP_LIMITED_DISABLED") && Contains("the 4 answers it gave are in the cache"));
    CHECK(server.jobs.size() == 1);
  }
  SECTION("failed for a reason that stays: said, and not repeated") {
    server.at_the_end = [&](json& job) {
      job.erase("response");
      job["metadata"]["state"] = "BATCH_STATE_FAILED";
      job["error"] = {{"code", 3}, {"message", "bad file"}};
    };
    CHECK_THROWS_WITH(fixture.complete(), Contains("FAILED: bad file"));
    CHECK(server.jobs.size() == 1);
  }
}

TEST_CASE("an OpenAI job's rows and ends", "[model_batch]") {
  OpenAiBatches fixture;
  auto& server = fixture.server;
  SECTION("what is sent") {
    CHECK(fixture.good(fixture.complete()) == 5);
    const json line = parse_rows(server.files.at("file-1"))[0];
    CHECK(line["method"] == "POST");
    CHECK(line["url"] == "/v1/chat/completions");
    CHECK(line["body"]["model"] == "m");
    CHECK(server.jobs[0]["completion_window"] == "24h");
    CHECK(server.jobs[0]["endpoint"] == "/v1/chat/completions");
    CHECK_FALSE(std::filesystem::exists(fixture.dir / "cache" / "input.jsonl.form"));
  }
  SECTION("rows that fail, in the error file") {
    server.rows = [&](const Rows& input) {
      Rows rows = FakeOpenAi::good_rows(input);
      if (server.jobs.size() > 1) return rows;
      rows[0] = without_response(rows[0], "error", {{"code", "batch_expired"}, {"message", "late"}});
      rows[1]["response"] = {{"status_code", 400}, {"body", {{"error", {{"message", "too long"}}}}}};
      rows[2]["response"] = {{"status_code", 0}, {"body", nullptr}};
      rows[3]["response"] = {{"status_code", 503}, {"body", nullptr}};
      return rows;
    };
    const auto outcomes = fixture.complete();
    CHECK(fixture.good(outcomes) == 4);
    CHECK_THAT(outcomes[1].reason, Contains("400") && Contains("too long"));
    CHECK(server.jobs.size() == 2);
    CHECK(parse_rows(server.files.at("file-2")).size() == 3);
  }
  SECTION("all failed: there is no output file") {
    server.rows = [&](const Rows& input) {
      Rows rows = FakeOpenAi::good_rows(input);
      for (json& row : rows) row = without_response(row, "error", {{"code", "invalid"}, {"message", "no"}});
      return rows;
    };
    const auto outcomes = fixture.complete();
    CHECK(outcomes[4].reason == "invalid: no");
    CHECK(server.jobs.size() == 1);
  }
  SECTION("expired with part of the answers") {
    server.rows = [&](const Rows& input) {
      Rows rows = FakeOpenAi::good_rows(input);
      if (server.jobs.size() == 1) rows.resize(2);
      return rows;
    };
    server.at_the_end = [&](json& job) {
      if (server.jobs.size() == 1) job["status"] = "expired";
    };
    CHECK(fixture.good(fixture.complete()) == 5);
    CHECK(parse_rows(server.files.at("file-2")).size() == 3);
  }
  SECTION("rows with an empty error, with an error for a body, and half answers") {
    server.rows = [&](const Rows& input) {
      Rows rows = FakeOpenAi::good_rows(input);
      if (server.jobs.size() > 1) return rows;
      rows[0]["error"] = json::object();
      rows[1]["response"]["body"] = {{"error", {{"code", 429}, {"message", "slow down"}}}};
      rows[2]["response"]["body"]["choices"][0]["finish_reason"] = "abort";
      rows[3]["response"]["body"] = {{"error", {{"code", 400}, {"message", "too long"}}}};
      rows[4]["response"]["body"]["choices"][0]["message"]["content"] = "hm</think>echo of q4";
      return rows;
    };
    const auto outcomes = fixture.complete();
    CHECK(fixture.good(outcomes) == 4);
    CHECK(outcomes[3].reason == "HTTP 400: too long");
    CHECK(server.jobs.size() == 2);
    CHECK(parse_rows(server.files.at("file-2")).size() == 2);
  }
  SECTION("no room for all jobs at once: they wait for each other") {
    fixture.batch.max_requests = 1;
    size_t first = 0, last = 0;  // of the jobs that were submitted together
    server.at_the_end = [&](json& job) {
      const size_t number = std::stoul(job["id"].get<std::string>().substr(6));
      if (number > last) {
        first = number;
        last = server.jobs.size();
      }
      if (number == first) return;  // the others come while it waits
      job["status"] = "failed";
      job["output_file_id"] = nullptr;
      job["errors"] = {{"data", {{{"code", "token_limit_exceeded"}, {"message", "Enqueued token limit reached"}}}}};
    };
    CHECK(fixture.good(fixture.complete()) == 5);
    CHECK(server.jobs.size() == 5 + 4 + 3 + 2 + 1);
  }
  SECTION("no room for even one job: waited for, then said with what to set") {
    server.at_the_end = [&](json& job) {
      job["status"] = "failed";
      job["output_file_id"] = nullptr;
      job["errors"] = {{"data", {{{"code", "token_limit_exceeded"}, {"message", "Enqueued token limit reached"}}}}};
    };
    CHECK_THROWS_WITH(fixture.complete(),
                      Contains("Enqueued token limit reached") && Contains("simulate.batch.max_requests"));
    CHECK(server.jobs.size() == 4);
  }
  SECTION("refused at validation") {
    server.at_the_end = [](json& job) {
      job["status"] = "failed";
      job["output_file_id"] = nullptr;
      job["errors"] = {{"data", {{{"code", "invalid_json"}, {"message", "no JSON"}, {"line", 2}}}}};
    };
    CHECK_THROWS_WITH(fixture.complete(), Contains("failed: no JSON (line 2)"));
  }
}

TEST_CASE("something else in place of the output is no output", "[model_batch]") {
  GeminiBatches fixture;
  std::string output;
  fixture.server.at_the_end = [&](json&) {
    output = std::exchange(fixture.server.results.at("files/batch-1"), "{\"error\": [\nnot now\n");
  };
  CHECK_THROWS_WITH(fixture.complete(), Contains("holds no row of it"));
  CHECK_THROWS_WITH(fixture.complete(), Contains("holds no row of it"));
  fixture.server.results.at("files/batch-1") = "<html>\n";
  CHECK_THROWS_WITH(fixture.complete(), Contains("no output of a batch job"));
  fixture.server.results.at("files/batch-1") = "";
  CHECK_THROWS_WITH(fixture.complete(), Contains("no output of a batch job") && Contains("to forget the job"));
  fixture.server.results.at("files/batch-1") = output;
  CHECK(fixture.good(fixture.complete()) == 5);
  CHECK(fixture.server.jobs.size() == 1);
}

TEST_CASE("something else in place of one of two output files is not believed either", "[model_batch]") {
  OpenAiBatches fixture;
  fixture.server.rows = [](const Rows& input) {
    Rows rows = FakeOpenAi::good_rows(input);
    rows[4] = without_response(rows[4], "error", {{"code", "invalid"}, {"message", "no"}});
    return rows;
  };
  std::string output;
  fixture.server.at_the_end = [&](json&) {
    output = std::exchange(fixture.server.files.at("output-batch_1"), "{\"error\": [\nnot now\n");
  };
  CHECK_THROWS_WITH(fixture.complete(), Contains("holds no row of it"));
  fixture.server.files.at("output-batch_1") = output;
  CHECK(fixture.good(fixture.complete()) == 4);
  CHECK(fixture.server.jobs.size() == 1);
}

TEST_CASE("a job that is done without any output is looked at again before anything is paid twice", "[model_batch]") {
  OpenAiBatches fixture;
  fixture.server.at_the_end = [](json& job) { job["output_file_id"] = nullptr; };
  CHECK_THROWS_WITH(fixture.complete(), Contains("it is done, but has no output") && Contains("to forget the job"));
  fixture.server.jobs[0]["output_file_id"] = "output-batch_1";
  CHECK(fixture.good(fixture.complete()) == 5);
  CHECK(fixture.server.jobs.size() == 1);
}

TEMPLATE_TEST_CASE("a listing of jobs that names the same next page forever is an error", "[model_batch]", FakeGemini,
                   FakeOpenAi) {
  ModelBatch<TestType> fixture;
  const auto repeat_page = [](const Request& request) -> std::optional<Answer> {
    const bool jobs = request.path.ends_with("/batches");
    if (request.method == "POST" && (jobs || request.path.ends_with(":batchGenerateContent")))
      return Answer{.status = 500};  // so that the job is looked for
    if (!jobs) return std::nullopt;
    return Answer{.body = R"({"data": [{"id": "b"}], "has_more": true, "operations": [], "nextPageToken": "b"})"};
  };
  fixture.server.server.disturb(repeat_page, [](const Request&, Answer&) {});
  CHECK_THROWS_WITH(fixture.complete(), Contains("/batches: the listing does not end"));
}

TEST_CASE("a server without batch jobs is asked one by one", "[model_batch]") {
  OpenAiBatches fixture;
  fixture.server.has_batches = false;
  CHECK(fixture.good(fixture.complete()) == 5);
  const auto requests = fixture.server.server.requests();
  CHECK(std::count_if(requests.begin(), requests.end(),
                      [](const Request& r) { return r.path == "/v1/chat/completions"; }) == 5);
}
