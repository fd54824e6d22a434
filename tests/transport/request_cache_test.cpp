#include "language/transport/request_cache.h"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>

#include "base/util/error.h"
#include "language/llm/cost.h"
#include "language/transport/parallel.h"
#include "support/log_level.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using namespace latentcrs::test;
using Catch::Matchers::Contains;
using nlohmann::json;

namespace {

std::string key(int i) { return RequestCache::key({{"question", i}}); }

void append(const std::filesystem::path& file, const std::string& text) { write_text(file, read_text(file) + text); }

}  // namespace

TEST_CASE("the key of a question does not depend on how it is spelled", "[request_cache]") {
  CHECK(RequestCache::key(json::parse(R"({"a":1,"b":[2]})")) ==
        RequestCache::key(json::parse(R"( { "b" : [ 2 ], "a":1 } )")));
  CHECK(RequestCache::key({{"a", 1}}) != RequestCache::key({{"a", 2}}));
  CHECK(key(1).size() == 64);
}

TEST_CASE("replies outlive the process that stored them", "[request_cache]") {
  TempDir dir;
  {
    RequestCache cache(dir / "c");
    CHECK_FALSE(cache.find(key(1)));
    CHECK_FALSE(std::filesystem::exists(dir / "c"));
    CHECK(cache.store(key(1), {{"text", "one\n\"quoted\""}}) == json{{"text", "one\n\"quoted\""}});
    CHECK(cache.store(key(2), nullptr) == json(nullptr));
    CHECK(cache.find(key(1)) == json{{"text", "one\n\"quoted\""}});
  }
  RequestCache cache(dir / "c");
  CHECK(cache.size() == 2);
  CHECK(cache.find(key(1)) == json{{"text", "one\n\"quoted\""}});
  CHECK(cache.find(key(2)) == json(nullptr));
  CHECK_FALSE(cache.find(key(3)));
}

TEST_CASE("the first reply stays, also between two who share the file", "[request_cache]") {
  TempDir dir;
  RequestCache one(dir.path()), two(dir.path());
  CHECK(one.store(key(1), "first") == "first");
  CHECK(one.store(key(1), "second") == "first");
  CHECK(two.store(key(1), "third") == "first");
  CHECK(two.store(key(2), "other") == "other");
  CHECK(one.store(key(2), "late") == "other");
  CHECK(RequestCache(dir.path()).size() == 2);
}

TEST_CASE("a line cut short by a crash counts as absent", "[request_cache]") {
  TempDir dir;
  const auto file = dir / "replies.jsonl";
  RequestCache(dir.path()).store(key(1), "one");
  const std::string whole = read_text(file);
  RequestCache(dir.path()).store(key(2), "two");
  const std::string both = read_text(file);
  const LogLevel quiet(log::Level::error);
  for (size_t cut = whole.size(); cut < both.size(); ++cut) {
    write_text(file, both.substr(0, cut));
    RequestCache cache(dir.path());
    REQUIRE(cache.find(key(1)) == json("one"));
    REQUIRE_FALSE(cache.find(key(2)));
    const json stored = cut + 1 == both.size() ? "two" : "again";  // where only the line's end is lost, nothing is
    REQUIRE(cache.store(key(2), "again") == stored);
    REQUIRE(RequestCache(dir.path()).find(key(2)) == stored);
  }
  // Damage in the middle costs that line only.
  write_text(file, "garbage\n\n" + whole);
  append(file, R"({"key":")" + key(3) +
                   R"(","reply":{"broken}})"
                   "\n");
  RequestCache cache(dir.path());
  CHECK(cache.find(key(1)) == json("one"));
  CHECK_FALSE(cache.find(key(3)));
  CHECK(cache.store(key(3), "three") == "three");
  CHECK(RequestCache(dir.path()).find(key(1)) == json("one"));
  CHECK(RequestCache(dir.path()).find(key(3)) == json("three"));
}

TEST_CASE("after a kill at any moment every stored reply is there", "[request_cache]") {
  TempDir dir;
  for (int round = 0; round < 3; ++round) {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    const pid_t child = fork();
    if (child == 0) {
      RequestCache cache(dir.path());
      for (int i = round * 1000;; ++i) {
        cache.store(key(i), std::string(2000, 'x') + std::to_string(i));
        if (write(ends[1], &i, sizeof i) != sizeof i) _exit(1);
      }
    }
    int last = 0;
    for (int n = 0; n < 15; ++n) REQUIRE(read(ends[0], &last, sizeof last) == sizeof last);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    close(ends[0]);
    close(ends[1]);
    RequestCache cache(dir.path());
    for (int i = round * 1000; i <= last; ++i) REQUIRE(cache.find(key(i)).has_value());
  }
}

TEST_CASE("threads share a cache", "[request_cache]") {
  TempDir dir;
  RequestCache cache(dir.path());
  std::vector<json> kept(200);
  for_each_concurrently(200, 8, [&](size_t i) { kept[i] = cache.store(key(static_cast<int>(i / 4)), i); });
  CHECK(cache.size() == 50);
  RequestCache reread(dir.path());
  CHECK(reread.size() == 50);
  for (size_t i = 0; i < 200; ++i) CHECK(reread.find(key(static_cast<int>(i / 4))) == kept[i]);
}

TEST_CASE("a cache that cannot be written says so", "[request_cache]") {
  TempDir dir;
  write_text(dir / "file", "");
  CHECK_THROWS_AS(RequestCache(dir / "file").store(key(1), 1), Error);
}

TEST_CASE("cost is estimated, counted and limited", "[cost]") {
  const PriceOptions price{.input_per_million = 2, .output_per_million = 10};
  CHECK(estimate_tokens("") == 0);
  CHECK(estimate_tokens("12345") == 2);
  CHECK(cost_of({1'000'000, 100'000}, price) == 3.0);

  CostMeter meter(price, 0.01);
  meter.reserve({1000, 100});  // 0.003
  meter.reserve({1000, 100});
  meter.reserve({1000, 100});
  CHECK_THROWS_WITH(meter.reserve({1000, 100}), Contains("max_cost=0.01") && Contains("0 is spent"));
  meter.settle({1000, 100}, {});  // one failed
  meter.settle({1000, 100}, {500, 50});
  CHECK(meter.used() == Usage{500, 50});
  CHECK(meter.spent() == 0.0015);
  meter.reserve({1000, 100});
  CHECK_THROWS_AS(meter.reserve({1'000'000, 0}), Error);
  CHECK_THROWS_WITH(CostMeter({}, 1), Contains("price.input_per_million"));
  CostMeter unlimited({}, 0);
  unlimited.reserve({1'000'000'000, 1'000'000'000});
}
