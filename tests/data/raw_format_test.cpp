#include "datasets/data/raw_format.h"

#include <array>
#include <catch2/catch.hpp>
#include <map>

#include "base/util/error.h"
#include "datasets/data/item_catalogue.h"
#include "support/temp_dir.h"

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
  size_t facets = 1;      ///< of item 1
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

/// Tables with a header; the metadata are the same for several formats.
const std::string kItemTable = "item_id,title,genres\n1,One,A\n2,Two,A\n3,Three,B\n";

/// One line for each item: `line` with # replaced by 1, 2, 3 and @ by One, Two, Three.
std::string three_lines(const std::string& line) {
  std::string lines;
  for (int i = 0; i < 3; ++i) {
    for (const char c : line) {
      if (c == '#')
        lines += std::to_string(i + 1);
      else if (c == '@')
        lines += std::array{"One", "Two", "Three"}[static_cast<size_t>(i)];
      else
        lines += c;
    }
    lines += '\n';
  }
  return lines;
}

std::map<std::string_view, Sample> record_samples() {
  const std::string plays = three_lines("u\t2020-01-0#T10:00:00Z\tar#\t@\t\tSong");
  std::string films = three_lines("#|@ (1995)|01-Jan-1995||http|0|1");
  for (size_t end = films.find('\n'); end != std::string::npos; end = films.find('\n', end + 40)) {
    for (int flag = 0; flag < 17; ++flag) films.insert(end, "|0");
  }
  const std::string amazon_reviews =
      three_lines(R"({"reviewerID": "A", "asin": "B#", "overall": 5.0, "unixReviewTime": 100#})");
  return {
      {"csv", {"user;item;rating;time\n" + three_lines("u;#;4,5;2020-01-0#"), kItemTable, "One"}},
      {"recbole",
       {"user_id:token\titem_id:token\trating:float\ttimestamp:float\n" + three_lines("u\t0#\t5.0\t100#.0"),
        "item_id:token\tmovie_title:token_seq\tclass:token_seq\n" + three_lines("0#\t\"@\tDrama"), "\"One"}},
      {"movielens-csv",
       {"userId,movieId,rating,timestamp\n" + three_lines("1,#,4.5,100#"),
        "movieId,title,genres\n" + three_lines("#,\"@, \"\"The\"\" (1995)\",Drama"), "One, \"The\""}},
      {"movielens-100k", {three_lines("7\t#\t5\t100#"), films, "One"}},
      {"movielens-10m", {three_lines("1::#::4.5::100#"), three_lines("#::@: \"It\" (1995)::Drama"), "One: \"It\""}},
      {"amazon-2023-csv",
       {three_lines("U,B#,5.0,160000000000#"),
        three_lines(R"({"parent_asin": "B#", "title": "@", "categories": ["P"]})"), "One"}},
      {"amazon-2018",
       {amazon_reviews, three_lines(R"({"asin": "B#", "title": "@", "category": ["Pop"], "description": ["d"]})"),
        "One"}},
      {"amazon-2014",
       {amazon_reviews, three_lines(R"({'asin': 'B#', 'title': "@'s", 'categories': [['Pop']], 'price': None})"),
        "One's"}},
      {"amazon-2018-csv",
       {three_lines("B#,AU,5.0,100#"), three_lines(R"({"asin": "B#", "title": "@", "category": ["Pop"]})"), "One"}},
      {"amazon-2014-csv",
       {three_lines("AU,B#,5.0,100#"), three_lines(R"({'asin': 'B#', 'title': '@', 'categories': [['Pop']]})"), "One"}},
      {"yelp",
       {three_lines(R"({"user_id": "-u", "business_id": "_#", "stars": 5.0, "date": "2020-01-0# 10:00:00"})"),
        three_lines(R"({"business_id": "_#", "name": "@", "stars": 2.5, "categories": "Tea"})"), "One"}},
      {"steam",
       {three_lines(R"({u'username': u'Zo\xeb', u'product_id': u'#', u'date': u'2020-01-0#', u'early': False})"),
        three_lines(R"({u'id': u'#', u'app_name': u'@', u'genres': [u'Indie'], u'release_date': u'Soon'})"), "One"}},
      {"lastfm-1k", {plays, plays, "One", 0}},
      {"gowalla", {three_lines("0\t2020-01-0#T10:00:00Z\t1.5\t2.5\t#"), kItemTable, "One"}},
      {"pairs", {three_lines("9 #"), kItemTable, "One"}},
      {"lightgcn", {"0 1 2 3\n", kItemTable, "One"}},
      {"jsonl",
       {three_lines(R"({"user": "u", "item": "#", "rating": 5, "time": 160000000#})"),
        three_lines(R"({"item": "#", "title": "@", "genres": ["Pop"]})"), "One"}},
      {"netflix", {three_lines("#:\n7,5,2020-01-0#"), three_lines("#,199#,@, again"), "One, again", 0}},
      {"recbole-lists",
       {"user_id:token\titem_id_list:token_seq\titem_id:token\nu\t1 2\t3\n",
        "item_id:token\tmovie_title:token_seq\tclass:token_seq\n" + three_lines("#\t@\tDrama"), "One"}},
      {"mind",
       {three_lines("1\tU\t11/0#/2019 1:00:00 PM\t\tN#-1 N9-0"), three_lines("N#\tnews\tx\t@\tA\tu\t[]\t[]"), "One"}}};
}

std::map<std::string_view, Sample> samples_of_their_own() {
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

std::map<std::string_view, Sample> samples() {
  std::map<std::string_view, Sample> all = record_samples();
  all.merge(samples_of_their_own());
  return all;
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
  CHECK_THROWS_WITH(raw_format("spss"), Contains("spss"));
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
    CHECK(items.at(1).facets.size() == sample->second.facets);
  }
}

TEST_CASE("the file of genres beside the items is known as one that is read", "[raw_format]") {
  TempDir dir;
  CHECK(file_beside_items("movielens-100k", dir / "u.item").empty());
  write_text(dir / "u.genre", "unknown|0\n");
  CHECK(file_beside_items("movielens-100k", dir / "u.item") == dir / "u.genre");
  CHECK(file_beside_items("movielens-100k", {}).empty());
  CHECK(file_beside_items("csv", dir / "u.item").empty());
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
