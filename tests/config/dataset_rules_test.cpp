// Rules between the settings of the data: what a format reads, and the defaults of a split that is given.
#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "base/config/result_settings.h"
#include "config/config_files.h"

namespace latentcrs::test {

using Catch::Matchers::Contains;

namespace {

const std::vector<std::string> kAmazonFiles = {"datasets.format=amazon-2023-csv", "datasets.split.by=files",
                                               "datasets.split.test=t.csv"};

std::vector<std::string> joined(std::vector<std::string> all, const std::vector<std::string>& more) {
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

DatasetOptions datasets_of(const std::vector<std::string>& overrides) {
  return ConfigFiles().load(overrides).config.datasets;
}

}  // namespace

TEST_CASE("a split that is given is taken whole unless something else is set") {
  const DatasetOptions whole = datasets_of(kAmazonFiles);
  CHECK(whole.min_rating == 0);
  CHECK(whole.min_interactions == 1);
  CHECK(whole.item_filter == ItemFilter::none);
  const DatasetOptions set = datasets_of(
      joined(kAmazonFiles, {"datasets.min_interactions=5", "datasets.min_rating=4", "datasets.item_filter=metadata"}));
  CHECK(set.min_interactions == 5);
  CHECK(set.min_rating == 4);
  CHECK(set.item_filter == ItemFilter::metadata);
  const DatasetOptions column =
      datasets_of({"datasets.format=csv", "datasets.split.by=column", "datasets.split.column=part"});
  CHECK(column.min_interactions == 1);
  CHECK(datasets_of({"datasets.format=csv", "datasets.split.by=leave_last"}).min_interactions == 5);
}

TEST_CASE("the values that a given split takes are shown and saved") {
  const LoadedConfig loaded = ConfigFiles().load(kAmazonFiles);
  const auto value = std::find_if(loaded.values.begin(), loaded.values.end(),
                                  [](const auto& known) { return known.key == "datasets.min_interactions"; });
  REQUIRE(value != loaded.values.end());
  CHECK(value->value == "1");
  CHECK(result_settings(loaded.config, "preprocess")["datasets"]["min_interactions"] == 1);
}

TEST_CASE("users of fewer than three items are for splits that are given") {
  CHECK_THAT(ConfigFiles().mistakes({"datasets.min_interactions=2"}), Contains("must be >= 3, got 2"));
  CHECK(datasets_of(joined(kAmazonFiles, {"datasets.min_interactions=2"})).min_interactions == 2);
}

TEST_CASE("a setting that a format does not read is refused") {
  const auto refused = [](const std::string& format, const std::string& setting) {
    INFO(format << " " << setting);
    CHECK_THAT(ConfigFiles().mistakes({"datasets.format=" + format, "datasets." + setting}),
               Contains("of no use with the format " + format));
  };
  for (const char* setting :
       {"min_rating=3", "min_interactions=7", "min_item_interactions=2", "sort_by_time=false", "ties=reversed",
        "feedback=implicit", "short_users=refuse", "time_unit=order", "limits.malformed=0", "limits.doubtful_times=0",
        "limits.alike_ids=0", "limits.unknown_items=0", "item_filter=description", "item_filter_time=after_kcore"})
    refused("sequences", setting);
  for (const char* format : {"movielens", "amazon"})
    for (const char* setting :
         {"time_unit=iso", "limits.alike_ids=0", "limits.unknown_items=0", "more_interactions=[x]"})
      refused(format, setting);
  CHECK_THAT(ConfigFiles().mistakes({"datasets.split.by=column", "datasets.split.column=part"}),
             Contains("columns of a split are not read in the format movielens"));
}

TEST_CASE("settings of rows count for movielens and amazon, and leave the results of today's alone") {
  const auto settings = [](const std::vector<std::string>& overrides) {
    return result_settings(ConfigFiles().load(overrides).config, "preprocess");
  };
  CHECK_FALSE(settings({}).at("datasets").contains("ties"));
  for (const char* setting : {"ties=reversed", "feedback=implicit", "short_users=refuse", "time_unit=order",
                              "min_item_interactions=2", "limits.malformed=0", "limits.doubtful_times=0.5"}) {
    INFO(setting);
    CHECK(settings({std::string("datasets.") + setting}) != settings({}));
    CHECK(settings({std::string("datasets.") + setting}).at("datasets").contains("ties"));
  }
}

}  // namespace latentcrs::test
