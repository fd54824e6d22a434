#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "../../data/tiny/files.h"
#include "base/util/files.h"
#include "datasets/data/interactions.h"
#include "datasets/data/item_catalogue.h"
#include "datasets/data/preprocess.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using latentcrs::test::read_text;
using latentcrs::test::source_path;
using latentcrs::test::TempDir;

namespace {

PreprocessJob tiny_job(const std::string& folder, const fs::path& output) {
  PreprocessJob job;
  const fs::path input = source_path("data/tiny") / folder;
  const bool movies = folder == "ml";
  const std::string category = folder == "cds" ? "CDs_and_Vinyl" : "Video_Games";
  job.dataset.dataset_name = folder;
  job.dataset.format = movies ? "movielens" : "amazon";
  job.dataset.features_name = "features.csv";
  job.dataset.id_column = movies ? "MovieID" : folder == "cds" ? "CDsID" : "GamesID";
  job.dataset.with_features_column = folder == "games";
  job.dataset.root_category = folder == "cds" ? "CDs & Vinyl" : "Video Games";
  job.interactions_path = input / (movies ? "ratings.dat" : category + ".jsonl");
  job.metadata_path = input / (movies ? "movies.dat" : "meta_" + category + ".jsonl");
  job.output_folder = output;
  return job;
}

/// The settings of `+profile=reference` that preprocessing reads.
PreprocessJob published_job(const std::string& folder, const fs::path& output) {
  PreprocessJob job = tiny_job(folder, output);
  job.compat.reviews_by_asin = true;
  job.compat.ten_kcore_passes = true;
  job.dataset.sort_by_time = folder != "cds";
  job.dataset.item_filter_time = folder == "cds" ? FilterTime::after_kcore : FilterTime::before_kcore;
  return job;
}

}  // namespace

TEST_CASE("the tiny datasets are what their generator writes", "[tiny]") {
  size_t total = 0;
  for (const auto& [name, contents] : tiny::make_files()) {
    INFO(name);
    CHECK(read_text(source_path("data/tiny/" + name)) == contents);
    total += contents.size();
  }
  CHECK(total < 1'500'000);
}

TEST_CASE("the tiny datasets give every filter something to do", "[tiny]") {
  TempDir dir;
  for (const std::string folder : {"ml", "cds", "games"}) {
    INFO(folder);
    const PreprocessReport report = preprocess(tiny_job(folder, dir / folder));
    CHECK(report.interactions_file.malformed + report.metadata_file.malformed == 0);
    CHECK(report.users > 150);
    CHECK(report.users < report.users_read);
    CHECK(report.items > 120);
    CHECK(report.interactions > 1000);
    CHECK(report.ratings_kept < report.ratings_read);
    CHECK(report.time_ties > 0);
    const Interactions interactions = read_interactions(dir / folder / (folder + ".csv"));
    CHECK(interactions.num_users() == report.users);
    const ItemCatalogue items = read_item_catalogue(dir / folder / "features.csv", tiny_job(folder, {}).dataset);
    for (const int32_t item : interactions.distinct_items()) CHECK(items.find(item) != nullptr);
    if (folder == "ml") continue;
    CHECK(report.items_without_metadata == 4);
    CHECK(report.kcore_passes.size() > 1);
    PreprocessJob described = tiny_job(folder, dir / "described");
    described.dataset.item_filter = ItemFilter::description;
    CHECK(preprocess(described).items < report.items);
  }
}

// The hashes are of what the published notebooks' logic, run in Python, makes of the same files; of cds.csv without the
// users whom the late metadata filter leaves fewer than 3 items, which ours drops.
TEST_CASE("compat reproduces the published Amazon files byte for byte", "[tiny]") {
  TempDir dir;
  preprocess(published_job("cds", dir / "cds"));
  CHECK(sha256_file(dir / "cds/cds.csv") == "9aa5793f5c118407a98a9e03c0f9cf509b132afef00c295e34eaa176475f6c7c");
  CHECK(sha256_file(dir / "cds/features.csv") == "7be03bfa85b0ddf5ed4ec356ef3dcda9907f9d36f070da579b25a03ccd9826d2");
  CHECK(sha256_file(dir / "cds/user_id2model_id.json") ==
        "5baa58a0645f02255ec43940f573fceff672a6310cddb0f00e34020c1f3b54c6");
  CHECK(sha256_file(dir / "cds/item_id2model_id.json") ==
        "0f6e3e8c990d2600cd45e38b4db99dd55a127486312ebb7041500f234b32988b");
  preprocess(published_job("games", dir / "games"));
  CHECK(sha256_file(dir / "games/games.csv") == "e2fc282e644dd359372aa9ba3c55c7fb3b7bf54378d444ef9b755d4b0aca30ab");
  CHECK(sha256_file(dir / "games/features.csv") == "2596a4b8579c70e0f8658d8b21d593db8b914f413e5ea6c389daa0c91b33f8e3");
  CHECK(sha256_file(dir / "games/user_id2model_id.json") ==
        "8aea6dc782575d0c3c2f6fc9cbbf372e3779e00cafd2c2b40cc90cb22d0ba1bb");
  CHECK(sha256_file(dir / "games/item_id2model_id.json") ==
        "dc747fa7f658fd89e939952e0898db3ec842a7225d0cd2230cc80eee660d3e27");
}

TEST_CASE("the truth of the tiny world shows in its data", "[tiny]") {
  TempDir dir;
  preprocess(tiny_job("ml", dir.path()));
  const auto truth = nlohmann::json::parse(read_text(source_path("data/tiny/truth.json"))).at("ml");
  const Interactions interactions = read_interactions(dir / "ml.csv");
  int64_t in_intent = 0;
  for (int64_t u = 0; u < interactions.num_users(); ++u) {
    const auto& intents = truth.at("users").at(std::to_string(interactions.user_ids[static_cast<size_t>(u)]));
    for (const int32_t item : interactions.sequence(u)) {
      const auto& intent = truth.at("items").at(std::to_string(item));
      in_intent += std::find(intents.begin(), intents.end(), intent) != intents.end();
    }
  }
  CHECK(static_cast<double>(in_intent) > 0.95 * static_cast<double>(interactions.items.size()));
}
