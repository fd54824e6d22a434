#include "data/raw_format.h"

#include <catch2/catch.hpp>
#include <map>

#include "data/item_catalogue.h"
#include "support/temp_dir.h"
#include "util/error.h"

using namespace latentcrs;
using Catch::Matchers::Contains;
using latentcrs::test::read_text;
using latentcrs::test::TempDir;
using latentcrs::test::write_text;

namespace {

/// A user with the items 1, 2, 3 in this order, as the raw files of a format, and the file of their features.
struct Sample {
  std::string interactions = {}, metadata = {};
  std::string item_name;  ///< of item 1
};

Sample amazon_sample() {
  Sample sample{.item_name = "One"};
  const char* titles[] = {"One", "Two", "Three"};
  for (int i = 0; i < 3; ++i) {
    const std::string id = "B" + std::to_string(i);
    sample.interactions += R"({"user_id": "U", "parent_asin": ")" + id +
                           R"(", "asin": "v", "rating": 5, "timestamp": )" + std::to_string(i) + "}\n";
    sample.metadata += R"({"parent_asin": ")" + id + R"(", "title": ")" + titles[i] +
                       R"(", "main_category": "Music", "categories": ["Pop"], "description": ["d"]})" + "\n";
  }
  return sample;
}

std::map<std::string_view, Sample> samples() {
  return {{"movielens",
           {.interactions = "1::1::5::1\n1::2::5::2\n1::3::5::3\n",
            .metadata = "1::One (1995)::Drama\n2::Two (1996)::Drama\n3::Three (1997)::Comedy\n",
            .item_name = "One"}},
          {"amazon", amazon_sample()},
          {"sequences",
           {.interactions = "1 1 2 3\n",
            .metadata = "ID\ttitle\tcategories\tdescription\n1\tOne\tA\t\n2\tTwo\tA\t\n3\tThree\tB\t\n",
            .item_name = "One"}}};
}

PreprocessJob job_of(const RawFormat& format, const Sample& sample, TempDir& dir) {
  write_text(dir / "interactions", sample.interactions);
  write_text(dir / "metadata", sample.metadata);
  PreprocessJob job;
  job.dataset.dataset_name = "sample";
  job.dataset.format = format.name;
  job.dataset.features_name = "features.csv";
  job.dataset.id_column = "ID";
  job.dataset.min_interactions = 1;
  job.interactions_path = dir / "interactions";
  job.metadata_path = dir / "metadata";
  job.output_folder = dir / "out";
  return job;
}

}  // namespace

TEST_CASE("the table of formats has the names of the settings", "[raw_format]") {
  REQUIRE(kRawFormats.size() == kDatasetFormats.size());
  for (size_t i = 0; i < kRawFormats.size(); ++i) {
    CHECK(kRawFormats[i]->name == kDatasetFormats[i].name);
    CHECK(&raw_format(kDatasetFormats[i].name) == kRawFormats[i]);
    CHECK_FALSE(kRawFormats[i]->where_to_get.empty());
  }
  CHECK_THROWS_WITH(raw_format("netflix"), Contains("netflix"));
}

TEST_CASE("every format reads a sample", "[raw_format]") {
  const std::map<std::string_view, Sample> all = samples();
  for (const RawFormat* format : kRawFormats) {
    INFO(format->name);
    const auto sample = all.find(format->name);
    REQUIRE(sample != all.end());
    TempDir dir;
    const PreprocessJob job = job_of(*format, sample->second, dir);
    const PreprocessReport report = preprocess(job);
    CHECK(report.ratings_read == 3);
    CHECK(report.feature_rows == 3);
    CHECK(read_text(dir / "out/sample.csv") == "1\t1 2 3\n");
    const ItemCatalogue items = read_item_catalogue(dir / "out/features.csv", job.dataset);
    CHECK(items.at(1).name == sample->second.item_name);
    CHECK(items.at(1).facets.size() == 1);
  }
}

TEST_CASE("a format that always has metadata requires it", "[raw_format]") {
  const std::map<std::string_view, Sample> all = samples();
  for (const RawFormat* format : kRawFormats) {
    INFO(format->name);
    TempDir dir;
    PreprocessJob job = job_of(*format, all.at(format->name), dir);
    job.metadata_path.clear();
    if (needs_metadata(job.dataset))
      CHECK_THROWS_WITH(preprocess(job), Contains("datasets.metadata is required for this format"));
    else
      CHECK(preprocess(job).feature_rows == 0);
  }
}
