// The names of items: from a table of the user's, and from fields of the metadata.
#include "datasets/data/item_names.h"

#include <catch2/catch.hpp>

#include "base/util/error.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using Catch::Matchers::Contains;
using latentcrs::test::read_text;
using latentcrs::test::TempDir;
using latentcrs::test::write_text;
using Strings = std::vector<std::string>;

namespace {

/// Three users of the items a, b and c; b has the title "Heat" and the year 1995, c no title of its own.
PreprocessJob csv_job(const TempDir& dir) {
  write_text(dir / "log.csv", "user,item\n1,a\n1,b\n1,c\n2,b\n2,a\n2,c\n3,c\n3,b\n3,a\n");
  write_text(dir / "items.csv", "item,title,year,brand\na,Alien,1979,Fox\nb,Heat,1995,\nc,heat,1986,\n");
  PreprocessJob job;
  job.dataset.dataset_name = "own";
  job.dataset.format = "csv";
  job.dataset.features_name = "items.tsv";
  job.dataset.id_column = "ItemID";
  job.interactions_path = dir / "log.csv";
  job.metadata_path = dir / "items.csv";
  job.output_folder = dir / "out";
  job.dataset.min_interactions = 1;
  return job;
}

PreprocessJob with_names(const TempDir& dir, const std::string& name, const std::string& text) {
  PreprocessJob job = csv_job(dir);
  write_text(dir / name, text);
  job.names_path = dir / name;
  job.dataset.item_names = name;
  return job;
}

Strings dropped(const PreprocessReport& report) {
  Strings lines;
  for (const DroppedLines& entry : report.dropped)
    lines.push_back(entry.file + ":" + std::to_string(entry.first_line) + " " + entry.reason + " " +
                    std::to_string(entry.lines));
  return lines;
}

std::string names_file(const TempDir& dir) { return read_text(dir / "out/own_names.tsv"); }

}  // namespace

TEST_CASE("names come from a table, by id or by title and year", "[item_names]") {
  const TempDir dir;
  const PreprocessJob job = with_names(dir, "names.tsv",
                                       "item\ttitle\tyear\tnames\n"
                                       "a\t\t\tSigourney Weaver|Ridley Scott (director)\n"
                                       "\tHEAT\t1995\tAl Pacino; Robert  De Niro\n");
  const PreprocessReport report = preprocess(job);
  CHECK(names_file(dir) == "ItemID\tnames\n1\tSigourney Weaver|Ridley Scott\n2\tAl Pacino|Robert De Niro\n");
  CHECK(report.dropped.empty());
  CHECK(report.remarks.back() ==
        "2 of 3 items have names, 4 different ones; these items have 66.7 % of the interactions");
  const ItemCatalogue items = read_item_catalogue(dir / "out/items.tsv", job.dataset);
  CHECK(items.at(2).names == Strings{"Al Pacino", "Robert De Niro"});
  CHECK(items.at(3).names.empty());

  SECTION("without the setting the file goes, and items have no names") {
    const PreprocessJob plain = csv_job(dir);
    preprocess(plain);
    CHECK_FALSE(std::filesystem::exists(dir / "out/own_names.tsv"));
    CHECK(read_item_catalogue(dir / "out/items.tsv", job.dataset).at(2).names.empty());
    CHECK(read_item_catalogue(dir / "out/items.tsv", plain.dataset).at(2).names.empty());
  }
}

TEST_CASE("names come from JSON lines", "[item_names]") {
  const TempDir dir;
  preprocess(with_names(dir, "names.jsonl",
                        "{\"item\": \"c\", \"names\": [\"William Petersen\", \"Michael Mann\"]}\n"
                        "{\"title\": \"Alien\", \"names\": \"Ian Holm\"}\n"));
  CHECK(names_file(dir) == "ItemID\tnames\n1\tIan Holm\n3\tWilliam Petersen|Michael Mann\n");
}

TEST_CASE("lines of names that do not count are counted by their reason", "[item_names]") {
  const TempDir dir;
  const PreprocessReport report = preprocess(with_names(dir, "names.csv",
                                                        "item,title,names\n"
                                                        "a,,Ian Holm\n"
                                                        "z,,Nobody Known\n"
                                                        "b,,\n"
                                                        "b,,12\n"
                                                        ",,Al Pacino\n"
                                                        ",heat,Al Pacino\n"
                                                        "a,,Ian Holm\n"
                                                        "a,,Ian Holm|John Hurt\n"));
  CHECK(names_file(dir) == "ItemID\tnames\n1\tIan Holm|John Hurt\n");
  CHECK(dropped(report) == Strings{"names.csv:3 an item that the dataset does not have 1", "names.csv:4 no name 2",
                                   "names.csv:6 neither an item nor a title 1",
                                   "names.csv:7 a title of several items 1",
                                   "names.csv:8 names that an earlier line gives 1"});
}

TEST_CASE("a table of names that is about nothing of the dataset is refused", "[item_names]") {
  const TempDir dir;
  CHECK_THROWS_WITH(preprocess(with_names(dir, "names.tsv", "item\tnames\nz\tIan Holm\n")),
                    Contains("names.tsv: none of its 1 lines is about an item of the dataset"));
  CHECK_THROWS_WITH(preprocess(with_names(dir, "names.tsv", "item\tcast\na\tIan Holm\n")),
                    Contains("names.tsv:1") && Contains("'cast'"));
  CHECK_THROWS_AS(preprocess(with_names(dir, "names.tsv", "item\tnames\nz\tIan Holm\n")), Error);
}

TEST_CASE("names come from fields of the metadata", "[item_names]") {
  const TempDir dir;
  PreprocessJob job = csv_job(dir);
  job.dataset.names_from = {"brand"};
  preprocess(job);
  CHECK(names_file(dir) == "ItemID\tnames\n1\tFox\n");

  job.dataset.names_from = {"maker"};
  CHECK_THROWS_WITH(preprocess(job), Contains("datasets.names_from names 'maker'") && Contains("'brand'"));
  job.metadata_path.clear();
  job.dataset.features_name.clear();
  CHECK_THROWS_WITH(preprocess(job), Contains("datasets.names_from needs datasets.metadata"));
}

TEST_CASE("fields of names may lie in objects, as in Amazon's metadata", "[item_names]") {
  const TempDir dir;
  std::string reviews;
  for (const char* user : {"u", "v", "w"})
    for (const char* item : {"A", "B", "C"})
      reviews += std::string(R"({"rating": 5.0, "asin": ")") + item + R"(", "parent_asin": ")" + item +
                 R"(", "user_id": ")" + user + R"(", "timestamp": 1600000000000})" + "\n";
  write_text(dir / "r.jsonl", reviews);
  const auto entry = [](const std::string& id, const std::string& more) {
    return R"({"main_category": "Books", "title": "T)" + id + R"(", "parent_asin": ")" + id +
           R"(", "categories": [], "description": ["d"], )" + more + "}\n";
  };
  write_text(
      dir / "m.jsonl",
      entry("A", R"("store": "Pink Floyd   Format: Audio CD", "author": null, "details": {"Label": "EMI"})") +
          entry("B", R"("store": null, "author": {"name": "Ursula K. Le Guin", "about": ["x"]}, "details": {})") +
          entry("C", R"x("store": "Colleen Hoover (Author)", "author": null, "details": {"Rank": {"Books": 3}})x"));
  PreprocessJob job;
  job.dataset.dataset_name = "own";
  job.dataset.format = "amazon";
  job.dataset.features_name = "items.tsv";
  job.dataset.min_interactions = 3;
  job.dataset.names_from = {"store", "author.name", "details.Label"};
  job.interactions_path = dir / "r.jsonl";
  job.metadata_path = dir / "m.jsonl";
  job.output_folder = dir / "out";
  preprocess(job);
  CHECK(names_file(dir) == "MovieID\tnames\n1\tPink Floyd|EMI\n2\tUrsula K. Le Guin\n3\tColleen Hoover\n");
}

TEST_CASE("MovieLens has no further fields, and takes a table by its own ids", "[item_names]") {
  const TempDir dir;
  write_text(dir / "ratings.dat", "1::10::5::1\n1::20::5::2\n1::30::5::3\n");
  write_text(dir / "movies.dat", "10::Alien (1979)::Horror\n20::Heat (1995)::Crime\n30::Big (1988)::Comedy\n");
  PreprocessJob job;
  job.dataset.dataset_name = "ml";
  job.dataset.features_name = "f.csv";
  job.dataset.min_interactions = 3;
  job.interactions_path = dir / "ratings.dat";
  job.metadata_path = dir / "movies.dat";
  job.output_folder = dir / "out";
  write_text(dir / "names.tsv", "item\ttitle\tnames\n10\tx\tIan Holm\n\tHeat (1995)\tAl Pacino\n\tbig\tTom Hanks\n");
  job.names_path = dir / "names.tsv";
  job.dataset.item_names = "names.tsv";
  preprocess(job);
  CHECK(read_text(dir / "out/ml_names.tsv") == "MovieID\tnames\n10\tIan Holm\n20\tAl Pacino\n30\tTom Hanks\n");
  job.dataset.names_from = {"brand"};
  CHECK_THROWS_WITH(preprocess(job), Contains("datasets.names_from: the metadata of movielens"));
}
