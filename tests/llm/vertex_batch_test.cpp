#include <algorithm>
#include <catch2/catch.hpp>

#include "base/util/error.h"
#include "base/util/log.h"
#include "language/llm/batch_chat.h"
#include "language/llm/batch_rows.h"
#include "language/llm/remote_chat.h"
#include "services/batch_requests.h"
#include "services/fake_google.h"
#include "services/killing_http.h"
#include "services/remote_fixture.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using namespace latentcrs::test;
using Catch::Matchers::Contains;
using nlohmann::json;
using Kind = ChatOutcome::Kind;

namespace {

struct BatchFixture : BatchRequests {
  BatchFixture() : BatchRequests(6) {
    write_text(dir / "token", "abcdef");
    remote.variables["STORAGE_EMULATOR_HOST"] = google.server.url();
    service.provider = "vertex";
    service.options.model = "gemini-test";
    service.options.base_url = google.server.url();
    service.options.project = "p";
    service.options.location = "us-central1";
    service.options.credentials.token_file = (dir / "token").string();
    batch.folder = "gs://bkt/run";
  }
  ~BatchFixture() { remote.http.reset(); }  // an open connection would keep the server waiting

  FakeGoogle google;
};

json failed(const json& input, const std::string& status) {
  return {{"customer_id", input["customer_id"]}, {"status", status}, {"request", json::object()}};
}

}  // namespace

TEST_CASE("a batch job answers what is not in the cache", "[vertex_batch]") {
  BatchFixture fixture;
  auto outcomes = fixture.complete();
  CHECK(fixture.good(outcomes) == 6);
  CHECK(outcomes[0].usage == Usage{9, 3});
  REQUIRE(fixture.google.jobs.size() == 1);
  const json& job = fixture.google.jobs[0];
  CHECK(job["model"] == "publishers/google/models/gemini-test");
  CHECK(job["inputConfig"]["instancesFormat"] == "jsonl");
  const std::string id = job["displayName"];
  CHECK(job["inputConfig"]["gcsSource"]["uris"][0] == "gs://bkt/run/" + id + "/input.jsonl");
  CHECK(job["outputConfig"]["gcsDestination"]["outputUriPrefix"] == "gs://bkt/run/" + id + "/output");
  const std::string input = fixture.google.objects.at("bkt/run/" + id + "/input.jsonl");
  CHECK(std::count(input.begin(), input.end(), '\n') == 6);
  CHECK_THAT(json::parse(input.substr(0, input.find('\n')))["customer_id"].get<std::string>(), Catch::StartsWith("c:"));

  const size_t before = fixture.google.server.count();
  CHECK(fixture.complete()[5].from_cache);
  CHECK(fixture.google.server.count() == before);

  // Chats that ask directly and chats that ask by batch jobs share their answers.
  fixture.service.shared.offline = true;
  CHECK(fixture.good(make_chat(fixture.service, fixture.remote.context())->complete(fixture.requests).all) == 6);
  fixture.requests.push_back({.messages = {{ChatMessage::Role::user, "new"}}});
  CHECK(fixture.complete()[6].kind == Kind::failed);
  CHECK(fixture.google.server.count() == before);
}

TEST_CASE("rows come in any order and state; none is believed wrongly", "[vertex_batch]") {
  BatchFixture fixture;
  auto& google = fixture.google;
  const auto jobs_for_all = [&](const std::function<FakeGoogle::Rows(FakeGoogle::Rows)>& change) {
    int round = 0;
    google.rows = [=](const FakeGoogle::Rows& input) mutable {
      return round++ == 0 ? change(FakeGoogle::good_rows(input)) : FakeGoogle::good_rows(input);
    };
    const auto outcomes = fixture.complete();
    CHECK(fixture.good(outcomes) == 6);
    return google.jobs.size();
  };
  using Rows = FakeGoogle::Rows;

  SECTION("reordered") {
    CHECK(jobs_for_all([](Rows rows) {
            std::reverse(rows.begin(), rows.end());
            return rows;
          }) == 1);
  }
  SECTION("repeated, and a late failure beside the answer") {
    CHECK(jobs_for_all([](Rows rows) {
            const Rows twice = rows;
            rows.insert(rows.end(), twice.begin(), twice.end());
            rows.push_back(failed(twice[0], "Internal: {\"error\":{\"code\":500}}"));
            rows.push_back(FakeGoogle::row(twice[1], "another text"));
            return rows;
          }) == 1);
  }
  SECTION("missing") {
    CHECK(jobs_for_all([](Rows rows) {
            rows.resize(4);
            return rows;
          }) == 2);
  }
  SECTION("ids swapped between rows: both are asked again") {
    CHECK(jobs_for_all([](Rows rows) {
            std::swap(rows[0]["customer_id"], rows[1]["customer_id"]);
            return rows;
          }) == 2);
  }
  SECTION("unknown ids, garbage, rows without an answer") {
    CHECK(jobs_for_all([](Rows rows) {
            rows[0]["customer_id"] = "c:" + std::string(64, '0');
            rows[1] = "{\"customer_id\": \"c:";
            rows[2].erase("response");
            rows[3]["response"] = json::object();
            rows[4]["customer_id"] = 17;
            rows[5] = 3;
            return rows;
          }) == 2);
  }
  SECTION("temporary failures, and an answer without text") {
    CHECK(jobs_for_all([](Rows rows) {
            rows[0] = failed(rows[0], "Too Many Requests: {\"error\":{\"code\":429,\"message\":\"quota\"}}");
            rows[1] = FakeGoogle::row(rows[1], "");
            return rows;
          }) == 2);
  }
}

TEST_CASE("a question that fails for good costs one answer", "[vertex_batch]") {
  BatchFixture fixture;
  fixture.google.rows = [](const FakeGoogle::Rows& input) {
    auto rows = FakeGoogle::good_rows(input);
    rows[2] = failed(
        input[2], "Bad Request: {\"error\":{\"code\":400,\"message\":\"too long\",\"status\":\"INVALID_ARGUMENT\"}}");
    rows[3]["response"] = {{"promptFeedback", {{"blockReason", "SAFETY"}}}};
    return rows;
  };
  const auto outcomes = fixture.complete();
  CHECK(fixture.good(outcomes) == 4);
  CHECK(outcomes[2].kind == Kind::failed);
  CHECK(outcomes[2].reason == "INVALID_ARGUMENT: too long");
  CHECK(outcomes[3].kind == Kind::blocked);
  CHECK(fixture.google.jobs.size() == 1);
}

TEST_CASE("what was blocked goes into a smaller job on request, and into one only", "[vertex_batch]") {
  BatchFixture fixture;
  size_t blocking_jobs = 1;
  fixture.google.rows = [&](const FakeGoogle::Rows& input) {
    auto rows = FakeGoogle::good_rows(input);
    for (json& row : rows)
      if (fixture.google.jobs.size() <= blocking_jobs && row["request"]["contents"][0]["parts"][0]["text"] == "q3")
        row["response"] = {{"promptFeedback", {{"blockReason", "SAFETY"}}}};
    return rows;
  };
  for (int i = 0; i < 2; ++i) CHECK(fixture.complete()[3].unusable == 1);
  CHECK(fixture.google.jobs.size() == 1);

  fixture.requests[3].unusable = 1;
  SECTION("answered then") {
    CHECK(fixture.good(fixture.complete()) == 6);
    fixture.requests[3].unusable = 0;
    CHECK(fixture.good(fixture.complete()) == 6);
  }
  SECTION("blocked again, in a run that is killed on the way") {
    blocking_jobs = 2;
    bool finished = false;
    for (int exchanges = 0; !finished; ++exchanges) {
      REQUIRE(exchanges < 30);
      try {
        fixture.complete(std::make_shared<KillingHttp>(fixture.remote.http, 2, exchanges % 2 == 0));
        finished = true;
      } catch (const Killed&) {
      }
    }
    CHECK(fixture.complete()[3].unusable == 2);
  }
  REQUIRE(fixture.google.jobs.size() == 2);
  const std::string second = fixture.google.objects.at(
      fixture.google.jobs[1]["inputConfig"]["gcsSource"]["uris"][0].get<std::string>().substr(5));
  CHECK(std::count(second.begin(), second.end(), '\n') == 1);
}

TEST_CASE("what a chat has given up it does not ask for again", "[vertex_batch]") {
  BatchFixture fixture;
  fixture.google.rows = [](const FakeGoogle::Rows& input) {
    auto rows = FakeGoogle::good_rows(input);
    rows[2] = failed(input[2], "Bad Request: {\"error\":{\"code\":400,\"message\":\"too long\"}}");
    return rows;
  };
  const auto chat = make_batch_chat(fixture.service, fixture.batch, fixture.remote.context());
  for (int i = 0; i < 2; ++i) CHECK(chat->complete(fixture.requests).all[2].reason == "too long");
  CHECK(fixture.google.jobs.size() == 1);
}

TEST_CASE("a row that answers another question says so", "[vertex_batch]") {
  BatchFixture fixture;
  fixture.google.rows = [](const FakeGoogle::Rows& input) {
    auto rows = FakeGoogle::good_rows(input);
    std::swap(rows[0]["customer_id"], rows[1]["customer_id"]);
    return rows;
  };
  const auto outcomes = fixture.complete();
  CHECK(fixture.good(outcomes) == 4);
  CHECK(outcomes[0].reason == kAnothersRow);
  CHECK(outcomes[1].reason == kAnothersRow);
}

TEST_CASE("what is never answered is given up after a few rounds", "[vertex_batch]") {
  BatchFixture fixture;
  fixture.google.rows = [](const FakeGoogle::Rows& input) {
    auto rows = FakeGoogle::good_rows(input);
    std::erase_if(rows, [](const json& row) { return row["request"]["contents"][0]["parts"][0]["text"] == "q4"; });
    return rows;
  };
  const auto outcomes = fixture.complete();
  CHECK(fixture.google.jobs.size() == 3);
  CHECK(fixture.good(outcomes) == 5);
  CHECK(outcomes[4].reason == kNoRow);
}

TEST_CASE("jobs that end badly", "[vertex_batch]") {
  BatchFixture fixture;
  auto& google = fixture.google;
  int job_number = 0;
  const auto first_ends = [&](const json& end) {
    google.at_the_end = [&, end](json& job) {
      if (job_number++ == 0) job.update(end);
    };
  };
  SECTION("an internal error: another job") {
    first_ends(
        {{"state", "JOB_STATE_FAILED"}, {"error", {{"code", 13}, {"message", "INTERNAL"}}}, {"outputInfo", nullptr}});
    CHECK(fixture.good(fixture.complete()) == 6);
    CHECK(google.jobs.size() == 2);
  }
  SECTION("no access to the bucket: said, and not repeated") {
    first_ends(
        {{"state", "JOB_STATE_FAILED"}, {"error", {{"code", 7}, {"message", "denied"}}}, {"outputInfo", nullptr}});
    CHECK_THROWS_WITH(fixture.complete(), Contains("JOB_STATE_FAILED: denied") && Contains("gcp-sa-aiplatform"));
    CHECK(google.jobs.size() == 1);
    CHECK(fixture.good(fixture.complete()) == 6);
  }
  SECTION("expired with part of the answers in partial files: the rest in another job") {
    google.predictions = "incremental_predictions/predictions_1.jsonl";
    google.rows = [&](const FakeGoogle::Rows& input) {
      auto rows = FakeGoogle::good_rows(input);
      if (job_number == 0) rows.resize(2);
      return rows;
    };
    first_ends({{"state", "JOB_STATE_EXPIRED"}});
    CHECK(fixture.good(fixture.complete()) == 6);
    REQUIRE(google.jobs.size() == 2);
    const std::string second =
        google.objects.at(google.jobs[1]["inputConfig"]["gcsSource"]["uris"][0].get<std::string>().substr(5));
    CHECK(std::count(second.begin(), second.end(), '\n') == 4);
  }
  SECTION("cancelled by someone: what it gave is kept, nothing is started anew") {
    first_ends({{"state", "JOB_STATE_CANCELLED"}, {"error", {{"code", 1}, {"message", "cancelled"}}}});
    CHECK_THROWS_WITH(fixture.complete(),
                      Contains("JOB_STATE_CANCELLED") && Contains("the 6 answers it gave are in the cache"));
    CHECK(fixture.good(fixture.complete()) == 6);
    CHECK(google.jobs.size() == 1);
  }
  SECTION("a job that does not say where its output is: it is looked for below its own prefix") {
    first_ends({{"state", "JOB_STATE_SUCCEEDED"}, {"outputInfo", nullptr}});
    CHECK(fixture.good(fixture.complete()) == 6);
    CHECK(google.jobs.size() == 1);
  }
  SECTION("output files that are named otherwise") {
    google.predictions = "part-00000-of-00001";
    CHECK(fixture.good(fixture.complete()) == 6);
  }
  SECTION("rows that repeat the question with other white space") {
    google.rows = [](const FakeGoogle::Rows& input) {
      auto rows = FakeGoogle::good_rows(input);
      for (json& row : rows)
        for (json& part : row["request"]["contents"][0]["parts"])
          part["text"] = " " + part["text"].get<std::string>() + "\n";
      return rows;
    };
    CHECK(fixture.good(fixture.complete()) == 6);
  }
  SECTION("states not known yet: patience") {
    google.looks_until_end = 4;
    CHECK(fixture.good(fixture.complete()) == 6);
  }
  SECTION("the final file goes before partial ones, in several pages and parts") {
    google.page = 1;
    google.predictions = "predictions_0001.jsonl";
    google.at_the_end = [&](json& job) {
      const std::string folder = job["outputInfo"]["gcsOutputDirectory"].get<std::string>().substr(5);
      google.objects[folder + "/incremental_predictions/predictions_0.jsonl"] = "not to be read";
      google.objects[folder + "/errors_0001.jsonl"] = "not to be read";
    };
    CHECK(fixture.good(fixture.complete()) == 6);
    CHECK(google.jobs.size() == 1);
  }
}

TEST_CASE("large batches are split into jobs", "[vertex_batch]") {
  BatchFixture fixture;
  fixture.batch.max_requests = 4;
  CHECK(fixture.good(fixture.complete()) == 6);
  CHECK(fixture.google.jobs.size() == 2);
  fixture.service.shared.cache += "2";
  fixture.batch.max_requests = 100;
  fixture.batch.max_megabytes = 0.0003;  // one line, barely
  CHECK(fixture.good(fixture.complete()) == 6);
  CHECK(fixture.google.jobs.size() == 2 + 6);
}

TEST_CASE("killed between any two steps, a run goes on with the same job", "[vertex_batch]") {
  bool finished = false;
  for (int exchanges = 0; !finished; ++exchanges) {
    for (const bool after : {false, true}) {
      BatchFixture fixture;
      const auto http = std::make_shared<KillingHttp>(fixture.remote.http, exchanges, after);
      try {
        fixture.complete(http);
        finished = true;
      } catch (const Killed&) {
      }
      INFO("killed " << (after ? "after" : "before") << " exchange " << exchanges);
      CHECK(fixture.good(fixture.complete()) == 6);
      CHECK(fixture.google.jobs.size() == 1);
      CHECK(fixture.complete()[0].from_cache);
    }
    REQUIRE(exchanges < 30);
  }
}

TEST_CASE("killed again and again, too", "[vertex_batch]") {
  BatchFixture fixture;
  int runs = 0;
  for (;; ++runs) {
    REQUIRE(runs < 30);
    const auto http = std::make_shared<KillingHttp>(fixture.remote.http, 2, runs % 2 == 0);
    try {
      const auto outcomes = fixture.complete(http);
      CHECK(fixture.good(outcomes) == 6);
      break;
    } catch (const Killed&) {
    }
  }
  CHECK(runs >= 2);
  CHECK(fixture.google.jobs.size() == 1);
}

TEST_CASE("a lost reply makes no second job", "[vertex_batch]") {
  BatchFixture fixture;
  const auto create = [&](const Request& request) {
    return request.method == "POST" && request.path.find("batchPredictionJobs") != std::string::npos;
  };
  fixture.google.lose_answer_to = create;
  CHECK(fixture.good(fixture.complete()) == 6);
  CHECK(fixture.google.jobs.size() == 1);
}

TEST_CASE("a listing of jobs that names the same next page forever is an error", "[vertex_batch]") {
  BatchFixture fixture;
  const auto repeat_page = [](const Request& request) -> std::optional<Answer> {
    if (!request.path.ends_with("/batchPredictionJobs")) return std::nullopt;
    if (request.method == "POST") return Answer{.status = 500};  // so that the job is looked for
    return Answer{.body = R"({"nextPageToken": "b"})"};
  };
  fixture.google.server.disturb(repeat_page, [](const Request&, Answer&) {});
  CHECK_THROWS_WITH(fixture.complete(), Contains("/batchPredictionJobs: the listing does not end"));
}

TEST_CASE("jobs left running are collected later, and nothing is submitted twice", "[vertex_batch]") {
  BatchFixture fixture;
  const auto detached = [&]() -> size_t {
    const auto chat = make_batch_chat(fixture.service, fixture.batch, fixture.remote.context(), Waiting::not_at_all);
    const auto answers = chat->complete(fixture.requests);
    if (answers.complete())
      CHECK(fixture.good(answers.all) == fixture.requests.size());
    else
      CHECK(answers.all.empty());
    return answers.to_come;
  };
  CHECK(detached() == 6);
  CHECK(fixture.google.jobs.size() == 1);
  SECTION("as often as one likes") {
    fixture.requests.push_back({.messages = {{ChatMessage::Role::user, "q6"}}});
    CHECK(detached() == 7);  // the first look at the first job; one more question in a second job
    CHECK(fixture.google.jobs.size() == 2);
    CHECK(detached() == 7);
    CHECK(detached() == 1);
    CHECK(detached() == 0);
    CHECK(fixture.google.jobs.size() == 2);
    CHECK(fixture.remote.clock.sleeps().empty());
  }
  SECTION("by a run that waits") {
    CHECK(fixture.good(fixture.complete()) == 6);
    CHECK(fixture.google.jobs.size() == 1);
    CHECK(fixture.remote.clock.sleeps().size() == 2);
  }
}

TEST_CASE("a job in a state of another program is not taken for a finished one", "[vertex_batch]") {
  BatchFixture fixture;
  const auto chat = make_batch_chat(fixture.service, fixture.batch, fixture.remote.context(), Waiting::not_at_all);
  CHECK(chat->complete(fixture.requests).to_come == 6);
  std::vector<std::filesystem::path> states;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(fixture.service.shared.cache))
    if (entry.path().filename() == "state.json") states.push_back(entry.path());
  REQUIRE(states.size() == 1);
  json state = json::parse(read_text(states[0]));
  CHECK(state.at("step") == "submitted");
  state["step"] = "archived";
  write_text(states[0], state.dump());
  CHECK_THROWS_WITH(chat->complete(fixture.requests), Contains("not the state of a batch job"));
}

TEST_CASE("what failed for good in a job left running is not asked for again", "[vertex_batch]") {
  BatchFixture fixture;
  fixture.google.looks_until_end = 1;
  fixture.google.rows = [](const FakeGoogle::Rows& input) {
    auto rows = FakeGoogle::good_rows(input);
    rows[2] = failed(input[2], "Bad Request: {\"error\":{\"code\":400,\"message\":\"too long\"}}");
    return rows;
  };
  const auto detached = [&] {
    return make_batch_chat(fixture.service, fixture.batch, fixture.remote.context(), Waiting::not_at_all)
        ->complete(fixture.requests);
  };
  CHECK(detached().to_come == 6);
  const auto outcomes = detached().all;
  CHECK(fixture.good(outcomes) == 5);
  CHECK(outcomes[2].reason == "too long");
  CHECK(fixture.google.jobs.size() == 1);
}

TEST_CASE("another model's chat leaves the jobs of this one alone", "[vertex_batch]") {
  BatchFixture fixture;
  try {
    fixture.complete(std::make_shared<KillingHttp>(fixture.remote.http, 0, false));  // planned, nothing sent
  } catch (const Killed&) {
  }
  const auto requests = std::exchange(fixture.requests, {});
  fixture.requests.assign(requests.begin(), requests.begin() + 2);
  fixture.service.options.model = "another";
  CHECK(fixture.good(fixture.complete()) == 2);
  REQUIRE(fixture.google.jobs.size() == 1);
  CHECK(fixture.google.jobs[0]["model"] == "publishers/google/models/another");
  fixture.service.options.model = "gemini-test";
  fixture.requests = requests;
  CHECK(fixture.good(fixture.complete()) == 6);
  CHECK(fixture.google.jobs[1]["model"] == "publishers/google/models/gemini-test");
}

TEST_CASE("looks at a job become rarer, up to a limit", "[vertex_batch]") {
  BatchFixture fixture;
  fixture.google.looks_until_end = 6;
  fixture.batch.poll_interval = 64;
  fixture.batch.max_poll_interval = 120;
  CHECK(fixture.good(fixture.complete()) == 6);
  CHECK(fixture.remote.clock.sleeps() == std::vector<double>{64, 80, 100, 120, 120});
}

TEST_CASE("the cost of a batch is limited before anything is sent", "[vertex_batch]") {
  BatchFixture fixture;
  fixture.service.options.price = {.input_per_million = 1, .output_per_million = 1, .expected_output_tokens = 1000};
  fixture.service.options.max_cost = 0.001;
  CHECK(make_batch_chat(fixture.service, fixture.batch, fixture.remote.context())
            ->estimate(fixture.requests)
            .usage.output == 6000);
  CHECK_THROWS_WITH(fixture.complete(), Contains("max_cost"));
  CHECK(fixture.google.server.count() == 0);
  fixture.batch.folder = "bkt/run";
  CHECK_THROWS_WITH(fixture.complete(), Contains("batch.folder=bkt/run"));
}
