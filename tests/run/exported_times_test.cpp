// Times for RecBole, which reads float32, and for pandas.
#include "experiment/run/exported_times.h"

#include <catch2/catch.hpp>

using namespace latentcrs;

namespace {

constexpr int64_t kSecond = 1'000'000;

ExportedRun run_with(std::vector<std::vector<int64_t>> seconds) {
  ExportedRun run{.name = "own"};
  int64_t user = 0;
  for (const std::vector<int64_t>& times : seconds) {
    run.interactions.add_user(++user, std::vector<int32_t>(times.size(), 1));
    for (const int64_t time : times) run.times.push_back(time * kSecond);
  }
  return run;
}

}  // namespace

TEST_CASE("RecBole's numbers are steps of seconds that float32 holds, and grow within a user", "[exported_times]") {
  // 16 days fit into steps of a second. User 1 has three items at one time, and then one a second later.
  const RecBoleTimes times = recbole_times(
      run_with({{1'000'000'000, 1'000'000'000, 1'000'000'000, 1'000'000'001}, {1'000'000'005, 1'001'382'400}}));
  CHECK(times.seconds_of_unit == 1);
  CHECK(times.first_second == 1'000'000'000);
  CHECK(times.numbers == std::vector<int64_t>{1, 2, 3, 4, 6, 1'382'401});

  // Twenty years need steps of 38 s: 631,152,000 / 2^24 = 37.6.
  const RecBoleTimes years = recbole_times(run_with({{0, 37, 38, 631'152'000}}));
  CHECK(years.seconds_of_unit == 38);
  CHECK(years.numbers == std::vector<int64_t>{1, 2, 3, 16'609'264});
  for (const int64_t number : years.numbers) CHECK(static_cast<int64_t>(static_cast<float>(number)) == number);
}

TEST_CASE("times before 1970 and parts of a second are kept apart", "[exported_times]") {
  ExportedRun run = run_with({{0, 0, 0}});
  run.times = {-1'500'000, -1'400'000, 2'000'000};
  CHECK(recbole_times(run).numbers == std::vector<int64_t>{1, 2, 5});
  CHECK(dates_for_pandas(run) == std::vector<std::string>{"1969-12-31 23:59:58.500000", "1969-12-31 23:59:58.600000",
                                                          "1970-01-01 00:00:02.000000"});
}

TEST_CASE("dates of ties are a microsecond apart, and all have one form", "[exported_times]") {
  CHECK(dates_for_pandas(run_with({{0, 86'400}})) ==
        std::vector<std::string>{"1970-01-01 00:00:00", "1970-01-02 00:00:00"});
  CHECK(dates_for_pandas(run_with({{0, 0}, {5}})) == std::vector<std::string>{"1970-01-01 00:00:00.000000",
                                                                              "1970-01-01 00:00:00.000001",
                                                                              "1970-01-01 00:00:05.000000"});
}

TEST_CASE("without times, or out of their order, places in the sequence stand for them", "[exported_times]") {
  ExportedRun run = run_with({{5, 5, 5}, {5, 6}});
  run.times.clear();
  CHECK(recbole_times(run).numbers == std::vector<int64_t>{1, 2, 3, 1, 2});
  CHECK(recbole_times(run).seconds_of_unit == 0);
  CHECK(dates_for_pandas(run)[2] == "2000-01-01 00:00:03");
  CHECK(recbole_times(run_with({{9, 8, 7}})).numbers == std::vector<int64_t>{1, 2, 3});
  CHECK(dates_for_pandas(run_with({{9, 8}}))[0] == "2000-01-01 00:00:01");
  CHECK(dates_for_pandas(run_with({{1, 90'000'000'000}}))[1] == "2000-01-01 00:00:02");  // beyond pandas' years
}
