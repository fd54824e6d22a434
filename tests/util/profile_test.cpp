#include "base/util/profile.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <nlohmann/json.hpp>
#include <numeric>
#include <thread>

#include "base/util/error.h"

using namespace latentcrs;
using Catch::Detail::Approx;

namespace {

void spend_some_time() {
  const auto begin = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - begin < std::chrono::microseconds(200)) {
  }
}

/// Two epochs of three steps with two parts each, and something else.
profile::Recording nested_parts() {
  profile::Recorder recorder("stage");
  for (int epoch = 0; epoch < 2; ++epoch) {
    const profile::Scope scope("epoch");
    for (int step = 0; step < 3; ++step) {
      profile::timed("forward", spend_some_time);
      const profile::Scope backward("backward");
      profile::timed("inner", spend_some_time);
    }
    spend_some_time();
  }
  profile::timed("forward", spend_some_time);
  return recorder.finish();
}

const profile::Part& part(const profile::Recording& recording, const std::string& name, int depth) {
  for (const profile::Part& one : recording.parts)
    if (one.name == name && one.depth == depth) return one;
  throw std::runtime_error("no part " + name);
}

}  // namespace

TEST_CASE("the parts of a part, the rest included, add up to it", "[profile]") {
  const profile::Recording recording = nested_parts();
  const auto& parts = recording.parts;
  REQUIRE(parts.front().name == "stage");
  for (size_t i = 0; i < parts.size(); ++i) {
    double inner = 0;
    bool any = false;
    for (size_t j = i + 1; j < parts.size() && parts[j].depth > parts[i].depth; ++j)
      if (parts[j].depth == parts[i].depth + 1) inner += parts[j].seconds, any = true;
    INFO(parts[i].name);
    if (any) CHECK(inner == Approx(parts[i].seconds));
  }
  CHECK(parts.front().seconds >= 14 * 200e-6);
  CHECK(part(recording, "epoch", 1).calls == 2);
  CHECK(part(recording, "forward", 2).calls == 6);
  CHECK(part(recording, "forward", 1).calls == 1);  // the same name at another place
  CHECK(part(recording, "inner", 3).calls == 6);
  CHECK(part(recording, "the rest", 2).seconds >= 2 * 200e-6);
  CHECK(part(recording, "epoch", 1).seconds >= part(recording, "forward", 2).seconds);
}

TEST_CASE("parts on other threads stand beside the whole", "[profile]") {
  profile::Recorder recorder("stage");
  {
    const profile::Scope scope("requests");
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i)
      threads.emplace_back([] {
        for (int request = 0; request < 50; ++request) {
          const profile::Scope one("request");
          profile::timed("wait", [] {});
        }
      });
    for (std::thread& thread : threads) thread.join();
  }
  const profile::Recording recording = recorder.finish();
  CHECK(part(recording, "other threads", 0).seconds == Approx(part(recording, "request", 1).seconds));
  CHECK(part(recording, "request", 1).calls == 150);
  CHECK(part(recording, "wait", 2).calls == 150);
  CHECK(part(recording, "requests", 1).calls == 1);
  std::vector<int> calls(4);
  for (const profile::Event& event : recording.events) ++calls.at(static_cast<size_t>(event.thread));
  CHECK(calls == std::vector<int>{2, 100, 100, 100});
}

TEST_CASE("without a recording nothing is kept, and what was open before it does not count", "[profile]") {
  profile::timed("before", [] {});
  {
    const profile::Scope open("open before");
    profile::Recorder recorder("stage");
    CHECK(recorder.finish().parts.size() == 1);
  }
  profile::Recorder recorder("again");
  CHECK_THROWS_AS(profile::Recorder("another"), Error);
  CHECK(recorder.finish().events.size() == 1);
}

TEST_CASE("the profile and the trace are JSON", "[profile]") {
  const profile::Recording recording = nested_parts();
  const auto parts = nlohmann::json::parse(profile::to_json(recording)).at("parts");
  REQUIRE(parts.size() == recording.parts.size());
  CHECK(parts[0].at("share") == 1.0);
  CHECK(parts[1].at("name") == "epoch");
  CHECK(parts[1].at("calls") == 2);
  const auto events = nlohmann::json::parse(profile::to_trace(recording)).at("traceEvents");
  REQUIRE(events.size() == recording.events.size());
  for (const auto& event : events) {
    CHECK(event.at("ph") == "X");
    CHECK(event.at("ts").get<double>() + event.at("dur").get<double>() <= events.back().at("dur").get<double>() + 1e-3);
  }
  CHECK(events.back().at("name") == "stage");
  CHECK(profile::to_table(recording).rows.size() == recording.parts.size() + 1);
}
