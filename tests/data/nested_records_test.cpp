// Files of which a line holds several interactions, or whose item stands above its lines: Netflix, RecBole's lists,
// MIND.
#include <catch2/catch.hpp>

#include "base/util/error.h"
#include "datasets/data/item_catalogue.h"
#include "datasets/data/preprocess.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using Catch::Matchers::Contains;
using latentcrs::test::read_text;
using latentcrs::test::TempDir;
using latentcrs::test::write_text;

namespace {

PreprocessJob nested_job(const TempDir& dir, const std::string& format) {
  PreprocessJob job;
  job.dataset.dataset_name = "own";
  job.dataset.format = format;
  job.dataset.min_rating = 0;
  job.dataset.min_interactions = 1;
  job.dataset.item_filter = ItemFilter::none;
  job.dataset.items_without_words = ItemsWithoutWords::off;
  job.interactions_path = dir / "log.txt";
  job.output_folder = dir / "out";
  return job;
}

bool says(const std::vector<std::string>& lines, const std::string& part) {
  return std::any_of(lines.begin(), lines.end(),
                     [&](const std::string& line) { return line.find(part) != std::string::npos; });
}

}  // namespace

TEST_CASE("Netflix: the item stands above its lines, and commas in titles are letters", "[nested]") {
  TempDir dir;
  write_text(dir / "log.txt", "2:\n7,5,2005-01-03\n8,3,2005-01-02\n1:\n7,4,2005-01-01\n8,1,2005-01-01\n");
  write_text(dir / "more.txt", "3:\n7,2,2005-01-02\n8,5,2005-01-03\n8,x,2005-01-03\n9,5\n");
  write_text(dir / "movie_titles.csv", "1,2003,One\n2,NULL,Two, the caf\xE9, again\n3,1997,Three\n");
  PreprocessJob job = nested_job(dir, "netflix");
  job.more_interactions = {dir / "more.txt"};
  job.metadata_path = dir / "movie_titles.csv";
  job.dataset.features_name = "films.csv";
  const PreprocessReport report = preprocess(job);
  CHECK(report.ratings_read == 6);
  CHECK(report.interactions_file.malformed == 2);
  // By time: user 7 has 1, 3, 2 and user 8 has 1, 2, 3, numbered as they are met.
  CHECK(read_text(dir / "out/own.csv") == "1\t1 2 3\n2\t1 3 2\n");
  const ItemCatalogue films = read_item_catalogue(dir / "out/films.csv", job.dataset);
  CHECK(films.at(3).title == "Two, the café, again");
  CHECK(films.at(3).year == 0);
  CHECK(films.at(2).year == 1997);
}

TEST_CASE("RecBole's lists: of the earlier items a user's first line alone counts", "[nested]") {
  TempDir dir;
  const std::string header = "user_id:token\titem_id_list:token_seq\titem_id:token\n";
  write_text(dir / "log.txt", header + "u\ta\tb\nu\ta b\tc\nv\tc a\tb\n");
  write_text(dir / "more.txt", header + "u\ta b c\td\nw\t\ta\n");
  PreprocessJob job = nested_job(dir, "recbole-lists");
  job.more_interactions = {dir / "more.txt"};
  const PreprocessReport report = preprocess(job);
  CHECK(report.users_read == 3);
  CHECK(report.ratings_read == 8);
  CHECK(read_text(dir / "out/own.csv") == "1\t1 2 3 4\n2\t3 1 2\n");
  CHECK(says(report.remarks, "a user's first line alone counts"));
}

TEST_CASE("MIND: clicks count at the time of their impression", "[nested]") {
  TempDir dir;
  write_text(dir / "log.txt",
             "1\tU1\t11/12/2019 1:00:00 PM\tN9 N8\tN1-0 N2-1\n2\tU1\t11/12/2019 9:00:00 AM\tN9 N8\tN3-1 N1-0\n"
             "3\tU1\t11/13/2019 9:00:00 AM\tN9 N8\tN1-1 N4-1\n4\tU2\t11/13/2019 9:00:00 AM\t\tN1-0\n"
             "5\tU2\t11/13/2019 9:00:00 AM\t\tN1\n");
  write_text(dir / "news.tsv",
             "N1\tnews\tworld\tA \"title\tAbout\thttps://x\t[]\t[]\nN2\tnews\tworld\tTwo\t\thttps://x\t[]\t[]\n");
  PreprocessJob job = nested_job(dir, "mind");
  job.metadata_path = dir / "news.tsv";
  job.dataset.features_name = "news.csv";
  const PreprocessReport report = preprocess(job);
  CHECK(report.ratings_read == 4);
  CHECK(read_text(dir / "out/own.csv") == "1\t1 2 3 4\n");  // N3, N2, then N1 and N4 in the order of the line
  CHECK(report.interactions_file.malformed == 1);
  CHECK_THAT(report.interactions_file.first[0].reason, Contains("'N1' does not end with -1 or -0"));
  REQUIRE(report.dropped.size() == 1);
  CHECK(report.dropped[0].reason == "an impression without a click");
  CHECK(says(report.remarks, "earlier clicks have no times"));
  const ItemCatalogue news = read_item_catalogue(dir / "out/news.csv", job.dataset);
  const Item& item = news.at(3);
  CHECK(item.title == "A \"title");
  CHECK(item.facets == std::vector<std::string>{"news"});
}
