// Items in words of a template, and items without words.
#include "datasets/data/item_text.h"

#include <catch2/catch.hpp>

#include "base/util/error.h"
#include "datasets/data/neighbours.h"
#include "datasets/data/preprocess.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using Catch::Matchers::Contains;
using latentcrs::test::read_text;
using latentcrs::test::TempDir;
using latentcrs::test::write_text;

namespace {

constexpr const char* kSongs =
    "item,title,artist,tags,notes\n"
    "a,Night Train,\"Earth, Wind\",\"slow, blue\",n1\n"
    "b,Morning,Solo,slow|loud,n2\n"
    "c,Silence,,,n3\n";

ItemCatalogue songs(const std::string& item_text, const TempDir& dir, const std::string& items = kSongs) {
  write_text(dir / "log.csv", "user,item\nu,a\nu,b\nu,c\nv,c\nv,b\nv,a\nw,a\nw,c\nw,b\n");
  write_text(dir / "items.csv", items);
  PreprocessJob job;
  job.dataset.dataset_name = "songs";
  job.dataset.format = "csv";
  job.dataset.min_interactions = 3;
  job.dataset.metadata = "items.csv";
  job.dataset.features_name = "songs_features.tsv";
  job.dataset.item_text = item_text;
  job.interactions_path = dir / "log.csv";
  job.metadata_path = dir / "items.csv";
  job.output_folder = dir / "out";
  preprocess(job);
  return read_item_catalogue(dir / "out/songs_features.tsv", job.dataset);
}

}  // namespace

TEST_CASE("a template of fields: values, empty ones, braces", "[item_text]") {
  const ItemText text("{title} by {artist}, {tags}");
  CHECK(text.fields() == std::vector<std::string>{"title", "artist", "tags"});
  const auto render = [&](const std::string& title, const std::string& artist, const std::string& tags) {
    return text.render([&](const std::string& field) {
      return field == "title" ? title : field == "artist" ? artist : tags;
    });
  };
  CHECK(render("Night Train", "Solo", "slow") == "Night Train by Solo, slow");
  CHECK(render("Night Train", "", "slow") == "Night Train, slow");
  CHECK(render("Night Train", "Solo", "") == "Night Train by Solo");
  CHECK(render("", "Solo", "") == "Solo");
  for (const char* wrong : {"no field", "{title", "title}", "{}", "{a{b}}", ""})
    CHECK_THROWS_WITH(ItemText(wrong), Contains("datasets.item_text"));
}

TEST_CASE("datasets.item_text feeds what prompts say and what users may speak of", "[item_text]") {
  const TempDir dir;
  const ItemCatalogue catalogue = songs("{title} by {artist}, {tags}", dir);
  const Item& train = catalogue.at(1);
  CHECK(describe(train) == "Night Train by Earth, Wind, slow, blue.");
  CHECK(shown_name(train) == "Night Train by Earth, Wind, slow, blue");
  CHECK(train.title == "Night Train");
  CHECK(train.facets == std::vector<std::string>{"Earth, Wind", "slow", "blue"});
  CHECK(catalogue.at(2).facets == std::vector<std::string>{"Solo", "slow", "loud"});
  CHECK(describe(catalogue.at(3)) == "Silence.");
  CHECK(catalogue.at(3).facets.empty());
}

TEST_CASE("a field that items do not have is an error that lists those that they have", "[item_text]") {
  const TempDir dir;
  CHECK_THROWS_WITH(songs("{title} by {singer}", dir),
                    Contains("datasets.item_text names 'singer', but the columns are 'item', 'title', 'artist'"));
  PreprocessJob job;
  job.dataset.item_text = "{Title} of {actor}";
  CHECK_THROWS_WITH(ItemWords(job.dataset, {"MovieID", "Title", "Genres"}, "movie_features.csv"),
                    Contains("names {actor}, but the fields of items are title, year, genres"));
}

TEST_CASE("JSON items: the error lists the fields of the first line", "[item_text]") {
  const TempDir dir;
  write_text(dir / "log.csv",
             "u,a,5.0,1000\nu,b,5.0,2000\nu,c,5.0,3000\nv,a,5.0,1000\nv,b,5.0,2000\nv,c,5.0,3000\n"
             "w,a,5.0,1000\nw,b,5.0,2000\nw,c,5.0,3000\n");
  write_text(dir / "meta.jsonl",
             "{\"parent_asin\": \"a\", \"title\": \"A\", \"store\": \"S\"}\n{\"parent_asin\": \"b\", "
             "\"title\": \"B\", \"store\": \"T\"}\n{\"parent_asin\": \"c\", \"title\": \"C\"}\n");
  PreprocessJob job;
  job.dataset.dataset_name = "shop";
  job.dataset.format = "amazon-2023-csv";
  job.dataset.min_interactions = 3;
  job.dataset.metadata = "meta.jsonl";
  job.dataset.features_name = "f.tsv";
  job.dataset.item_text = "{title} from {shop}";
  job.interactions_path = dir / "log.csv";
  job.metadata_path = dir / "meta.jsonl";
  job.output_folder = dir / "out";
  CHECK_THROWS_WITH(preprocess(job),
                    Contains("names 'shop', but the fields of the first line are parent_asin, title, store"));
  job.dataset.item_text = "{title} from {store}";
  preprocess(job);
  const ItemCatalogue catalogue = read_item_catalogue(dir / "out/f.tsv", job.dataset);
  CHECK(describe(catalogue.at(1)) == "A from S.");
  CHECK(describe(catalogue.at(3)) == "C.");
}

TEST_CASE("neighbours come from training alone", "[neighbours]") {
  Interactions interactions;
  // Items 5 and 6 are targets of validation and test.
  for (int64_t user = 1; user <= 3; ++user) interactions.add_user(user, std::vector<int32_t>{1, 2, 3, 5, 6});
  interactions.add_user(4, std::vector<int32_t>{3, 2, 4, 5, 6});
  const auto nearest = nearest_in_training(interactions, 2);
  // c_12 = 3, c_1 = 3, c_2 = 4: 3 / (sqrt(12) + 10); c_13 = 3 with c_3 = 4 alike: the lower id comes first.
  CHECK(nearest[1] == std::vector<int32_t>{2, 3});
  CHECK(nearest[2] == std::vector<int32_t>{3, 1});
  CHECK(nearest[4] == std::vector<int32_t>{2, 3});
  CHECK(nearest[5].empty());
  CHECK(nearest[6].empty());
}

TEST_CASE("a dataset without an item file is described by neighbours", "[neighbours]") {
  const TempDir dir;
  write_text(dir / "log.csv", "user,item\nu,x\nu,y\nu,007\nu,y2\nv,x\nv,y\nv,007\nv,y2\nw,x\nw,y\nw,007\nw,y2\n");
  PreprocessJob job;
  job.dataset.dataset_name = "own";
  job.dataset.format = "csv";
  job.dataset.min_interactions = 3;
  job.interactions_path = dir / "log.csv";
  job.output_folder = dir / "out";
  const PreprocessReport report = preprocess(job);
  CHECK(report.feature_rows == 4);
  const ItemCatalogue catalogue = read_item_catalogue(dir / ("out/" + features_name(job.dataset)), job.dataset);
  CHECK(catalogue.at(1).title == "item x");
  CHECK(catalogue.at(1).facets == std::vector<std::string>{"y"});
  CHECK(describe(catalogue.at(1)) == "item x, which people have together with y.");
  // Leave-one-out leaves x and y to training; 007 and y2 are targets.
  CHECK(catalogue.at(3).facets.empty());
  CHECK(describe(catalogue.at(3)) == "item 007.");

  job.dataset.items_without_words = ItemsWithoutWords::off;
  job.output_folder = dir / "off";
  CHECK(preprocess(job).feature_rows == 0);
  CHECK(features_name(job.dataset).empty());
}
