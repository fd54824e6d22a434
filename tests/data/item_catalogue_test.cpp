#include "datasets/data/item_catalogue.h"

#include <catch2/catch.hpp>

#include "base/util/error.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using Catch::Matchers::Contains;
using latentcrs::test::TempDir;
using latentcrs::test::write_text;
using Strings = std::vector<std::string>;

namespace {

DatasetOptions movies() {
  DatasetOptions options;
  options.format = "movielens";
  options.id_column = "MovieID";
  return options;
}

DatasetOptions cds() {
  DatasetOptions options;
  options.format = "amazon";
  options.id_column = "CDsID";
  options.root_category = "CDs & Vinyl";
  return options;
}

Item item(const std::string& name, int year, const Strings& facets, const std::string& description) {
  return {.id = 1, .title = name, .name = name, .year = year, .facets = facets, .description = description};
}

const std::string kMovieHeader = "MovieID\tTitle\tGenres\n";
const std::string kCdHeader = "CDsID\trawID\ttitle\tmain_category\tcategories\tdescription\n";

ItemCatalogue catalogue_of(const std::string& contents, const DatasetOptions& options) {
  TempDir dir;
  write_text(dir / "features.csv", contents);
  return read_item_catalogue(dir / "features.csv", options);
}

}  // namespace

TEST_CASE("movies have a name, a year and genres", "[catalogue]") {
  const ItemCatalogue items = catalogue_of(kMovieHeader +
                                               "1\tToy Story (1995)\tAnimation|Children's|Comedy\n"
                                               "7\tCity of Lost Children, The (Cité (des) enfants) (1995)\tSci-Fi\n"
                                               "8\tNo Year (19x5)\tComedy|Comedy\r\n"
                                               "9\t\"A \"\"quoted\"\" one (2001)\"\t\n",
                                           movies());
  REQUIRE(items.items().size() == 4);
  CHECK(items.at(1).title == "Toy Story (1995)");
  CHECK(items.at(1).name == "Toy Story");
  CHECK(items.at(1).year == 1995);
  CHECK(items.at(1).facets == Strings{"Animation", "Children's", "Comedy"});
  CHECK(items.at(7).name == "City of Lost Children, The (Cité (des) enfants)");
  CHECK(items.at(7).year == 1995);
  CHECK(items.at(8).name == "No Year (19x5)");
  CHECK(items.at(8).year == 0);
  CHECK(items.at(8).facets == Strings{"Comedy"});
  CHECK(items.at(9).name == "A \"quoted\" one");
  CHECK(items.at(9).facets.empty());
  CHECK(items.find(2) == nullptr);
  CHECK_THROWS_WITH(items.at(2), Contains("item 2 is not in the item features file"));
  CHECK(items.all_facets() == Strings{"Comedy", "Animation", "Children's", "Sci-Fi"});
}

TEST_CASE("quoted fields may hold tabs, quotes and line ends", "[catalogue]") {
  const ItemCatalogue items =
      catalogue_of(kCdHeader +
                       "1\tB01\t\"Tab\there\"\t\tCDs & Vinyl,Pop,Dance Pop\t\"two\nlines, \"\"two\"\"\"\n"
                       "2\tB02\tPlain (1999)\tDigital Music\tCDs & Vinyl\t\n",
                   cds());
  CHECK(items.at(1).title == "Tab\there");
  CHECK(items.at(1).facets == Strings{"Pop", "Dance Pop"});
  CHECK(items.at(1).description == "two\nlines, \"two\"");
  CHECK(items.at(2).title == "Plain (1999)");
  CHECK(items.at(2).name == "Plain (1999)");
  CHECK(items.at(2).year == 0);
  CHECK(items.at(2).facets.empty());
}

TEST_CASE("a root category with commas in its name is no facet", "[catalogue]") {
  DatasetOptions options = cds();
  options.root_category = "Clothing, Shoes & Jewelry";
  const std::string row = "1\tB01\tBoots\tx\tClothing, Shoes & Jewelry,Men,Clothing\tworn\n";
  CHECK(catalogue_of(kCdHeader + row, options).at(1).facets == Strings{"Men", "Clothing"});
}

TEST_CASE("descriptions for prompts", "[catalogue]") {
  CHECK(describe(item("Toy Story", 1995, {"Animation", "Comedy"}, "")) ==
        "Toy Story, released in 1995, and belonging to the genres of Animation, Comedy.");
  CHECK(describe(item("Abbey Road", 0, {"Rock", "Pop"}, "The last one")) ==
        "Abbey Road, belongs to the category of Rock, Pop, and the description is The last one.");
  CHECK(describe(item("Abbey Road", 0, {}, "The last one.")) == "Abbey Road, and the description is The last one.");
  CHECK(describe(item("Abbey Road", 0, {}, "")) == "Abbey Road.");
}

TEST_CASE("a wrong features file is an error with file and line", "[catalogue]") {
  const auto fails_with = [](const std::string& contents, const std::string& message) {
    CHECK_THROWS_WITH(catalogue_of(contents, movies()), Contains(message));
  };
  fails_with("", "features.csv: the item features file is empty");
  fails_with("CDsID\ttitle\n", "features.csv:1: no column 'MovieID' (found: CDsID, title)");
  fails_with(kMovieHeader + "x\ta\tb\n", "features.csv:2: MovieID 'x' is not a whole number");
  fails_with(kMovieHeader + "1\ta\n", "features.csv:2: 2 fields; the header has 3");
  fails_with(kMovieHeader + "1\t\"a\nb\"\tc\n2\td\n", "features.csv:4: 2 fields");
  fails_with(kMovieHeader + "1\t\"a\tb\n", "features.csv:2: a quoted field never ends");
  fails_with(kMovieHeader + "1\t\"a\"b\tc\n", "features.csv:2: a quoted field goes on");
  fails_with(kMovieHeader + "1\ta\tb\n1\tc\td\n", "features.csv:3: item 1 is described twice");
  fails_with(kMovieHeader + "1\tAm\xE9lie\tb\n", "features.csv:2: 'Am?lie' is not UTF-8");
  fails_with(kMovieHeader + "1\ta\tb\n2\tb\t['Drama' 'Comedy']\n", "features.csv:3: '['Drama' 'Comedy']' is no list");
  fails_with(kMovieHeader + "1\ta\t[3, 4]\n", "features.csv:2: '[3, 4]' is no list");
  fails_with(kMovieHeader + "1\ta\t['a\\x41']\n", "is no list of texts");
}

TEST_CASE("facets may be a list as pandas writes one", "[catalogue]") {
  const auto genres = [](const std::string& field) {
    return catalogue_of(kMovieHeader + "1\tHeat (1995)\t" + field + "\n", movies()).at(1).facets;
  };
  CHECK(genres("Drama|Comedy") == Strings{"Drama", "Comedy"});
  CHECK(genres("['Drama', 'Comedy']") == Strings{"Drama", "Comedy"});
  CHECK(genres("\"[\"\"Children's\"\", 'Drama', 'Drama']\"") == Strings{"Children's", "Drama"});
  CHECK(genres("['It\\'s', 'a\\\\b']") == Strings{"It's", "a\\b"});
  CHECK(genres("\"[\"\"Caf\\u00e9\"\"]\"") == Strings{"Caf\u00e9"});  // JSON
  CHECK(genres("[]").empty());
  CHECK(genres("['Drama',]") == Strings{"Drama"});
  const auto cd = catalogue_of(kCdHeader + "1\tB0\tAbbey Road\tx\t['CDs & Vinyl', 'Rock, old', 'Pop']\tLast\n", cds());
  CHECK(cd.at(1).facets == Strings{"Rock, old", "Pop"});
}

TEST_CASE("an item without a title is called by its number", "[catalogue]") {
  const auto found = catalogue_of(kMovieHeader + "5\t\tDrama\n6\t \tComedy\n7\tHeat (1995)\tDrama\n", movies());
  CHECK(found.at(5).title == "item 5");
  CHECK(found.at(6).name == "item 6");
  CHECK(found.at(5).facets == Strings{"Drama"});
  CHECK(describe(found.at(5)) == "item 5, belongs to the category of Drama.");
  CHECK(found.at(7).name == "Heat");
}
