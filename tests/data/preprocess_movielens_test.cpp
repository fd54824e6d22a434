#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "base/util/error.h"
#include "base/util/files.h"
#include "datasets/data/preprocess.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using Catch::Matchers::Contains;
using latentcrs::test::read_text;
using latentcrs::test::TempDir;
using latentcrs::test::write_text;

namespace {

PreprocessJob movielens(const fs::path& input, const fs::path& output) {
  PreprocessJob job;
  job.dataset.dataset_name = "ml-1m";
  job.dataset.format = "movielens";
  job.dataset.features_name = "movie_features.csv";
  job.dataset.id_column = "MovieID";
  job.interactions_path = input / "ratings.dat";
  job.metadata_path = input / "movies.dat";
  job.output_folder = output;
  return job;
}

/// Five movies, the first one with a Latin-1 letter.
const std::string kMovies =
    "1::Caf\xE9 (1995)::Comedy|Drama\n2::Two (1996)::Drama\n3::Three \"3\" (1997)::Drama\n4::Four::\n5::Five "
    "(1999)::Drama\n";

/// `user` rates movies 1..5 with 5 at times 10, 20, …, 50.
std::string five_ratings(const std::string& user) {
  std::string lines;
  for (int movie = 1; movie <= 5; ++movie) {
    lines += user + "::" + std::to_string(movie) + "::5::" + std::to_string(10 * movie) + "\n";
  }
  return lines;
}

PreprocessReport run(TempDir& dir, const std::string& ratings) {
  write_text(dir / "movies.dat", kMovies);
  write_text(dir / "ratings.dat", ratings);
  return preprocess(movielens(dir.path(), dir / "out"));
}

}  // namespace

TEST_CASE("MovieLens: filters, order and files", "[preprocess]") {
  TempDir dir;
  const PreprocessReport report =
      run(dir,
          // User 10: movie 3 is rated too low, movie 2 comes twice; ties keep the file order.
          "10::5::4::100\n10::3::3::90\n10::2::5::100\n10::1::4::50\n10::4::5::200\n"
          "10::2::4::300\n10 :: 1 ::4::300\n" +
              five_ratings("9") + "8::1::5::1\n8::2::5::2\n8::3::5::3\n8::4::5::4\n");
  CHECK(read_text(dir / "out/ml-1m.csv") == "9\t1 2 3 4 5\n10\t1 5 2 4 2 1\n");
  CHECK(read_text(dir / "out/movie_features.csv") ==
        "MovieID\tTitle\tGenres\n1\tCafé (1995)\tComedy|Drama\n2\tTwo (1996)\tDrama\n"
        "3\t\"Three \"\"3\"\" (1997)\"\tDrama\n4\tFour\t\n5\tFive (1999)\tDrama\n");
  CHECK(report.users_read == 3);
  CHECK(report.items_read == 5);
  CHECK(report.ratings_read == 16);
  CHECK(report.ratings_kept == 15);
  CHECK(report.users == 2);
  CHECK(report.items == 5);
  CHECK(report.interactions == 11);
  CHECK(report.time_ties == 2);
  CHECK(report.duplicates == 2);
  CHECK(report.feature_rows == 5);
  CHECK(nlohmann::json::parse(read_text(dir / "out/dataset_report.json")) == report.to_json());
  CHECK(std::distance(fs::directory_iterator(dir / "out"), fs::directory_iterator()) == 4);
}

TEST_CASE("MovieLens: file order on request, UTF-8 titles as they are, movies without an entry are dropped",
          "[preprocess]") {
  TempDir dir;
  write_text(dir / "movies.dat", "1::Café (1995)::Drama\n2::B::C\n3::D::E\n");
  write_text(dir / "ratings.dat", "1::3::5::3\n1::7::5::1\n1::2::5::2\n1::1::5::1\n");
  PreprocessJob job = movielens(dir.path(), dir / "out");
  job.dataset.min_interactions = 3;
  job.dataset.sort_by_time = false;
  PreprocessReport report = preprocess(job);
  CHECK(read_text(dir / "out/ml-1m.csv") == "1\t3 2 1\n");
  CHECK_THAT(read_text(dir / "out/movie_features.csv"), Contains("1\tCafé (1995)\tDrama\n"));
  CHECK(report.items_without_metadata == 1);
  CHECK(report.interactions_without_metadata == 1);

  job.dataset.item_filter = ItemFilter::none;
  report = preprocess(job);
  CHECK(read_text(dir / "out/ml-1m.csv") == "1\t3 7 2 1\n");
  CHECK(report.items_without_metadata == 0);
}

TEST_CASE("MovieLens: malformed lines are counted up to a limit", "[preprocess]") {
  TempDir dir;
  const PreprocessReport report =
      run(dir, five_ratings("1") + "1::2::3\n\nx\xE9::1::5::3\n1::0::5::3\n" + five_ratings("2"));
  CHECK(report.users == 2);
  CHECK(report.interactions_file.lines == 14);
  REQUIRE(report.interactions_file.malformed == 3);
  CHECK(report.interactions_file.first[0].number == 6);
  CHECK(report.interactions_file.first[0].reason == "3 fields instead of user::item::rating::timestamp");
  CHECK_THAT(report.interactions_file.first[1].reason, Contains("'x?' is not a whole number"));
  CHECK_THAT(report.interactions_file.first[2].reason, Contains("'0' is not a whole number"));

  std::string bad;
  for (int i = 0; i < 11; ++i) bad += "1::2::3\n";
  std::string good;
  for (int user = 1; user <= 200; ++user) good += five_ratings(std::to_string(user));
  CHECK_THROWS_WITH(run(dir, good + bad),
                    Contains("ratings.dat:1001: 3 fields") && Contains("11 of 1011 lines are malformed"));
  CHECK(run(dir, good + bad.substr(8)).users == 200);
}

TEST_CASE("MovieLens: wrong input is one clear error and leaves no output", "[preprocess]") {
  TempDir dir;
  const std::string good = five_ratings("1");
  CHECK_THROWS_WITH(run(dir, good + "1::2::-1::3\n"), Contains("ratings.dat:6: rating -1 is outside [0, 5]"));
  CHECK_THROWS_WITH(run(dir, good + "1::2::5.5::3\n"), Contains("ratings.dat:6: rating 5.5 is outside [0, 5]"));
  CHECK_THROWS_WITH(run(dir, good + "1::2::nan::3\n"), Contains("ratings.dat:6: rating nan is outside [0, 5]"));
  CHECK_THROWS_WITH(run(dir, good + "1::2::five::3\n"), Contains("ratings.dat:6: rating 'five' is not a number"));
  CHECK_THROWS_WITH(run(dir, good + "1::2::5::soon\n"),
                    Contains("ratings.dat:6: timestamp 'soon' is not a whole number"));
  CHECK_THROWS_WITH(
      run(dir, "userId,movieId,rating,timestamp\n1,2,3,4\n"),
      Contains("ratings.dat:1: 1 fields") && Contains("this does not look like a MovieLens ratings file"));
  CHECK_THROWS_WITH(run(dir, ""), Contains("ratings.dat: the file is empty"));
  CHECK_THROWS_WITH(run(dir, "1::2::5::1\n"), Contains("ml-1m: no user is left: of 1 ratings 1 are at least 4"));
  CHECK_FALSE(fs::exists(dir / "out"));

  write_text(dir / "ratings.dat", good);
  write_text(dir / "movies.dat", good);
  CHECK_THROWS_WITH(preprocess(movielens(dir.path(), dir / "out")),
                    Contains("movies.dat:1: 4 fields") && Contains("this does not look like a MovieLens movies file"));
  fs::remove(dir / "movies.dat");
  CHECK_THROWS_WITH(preprocess(movielens(dir.path(), dir / "out")), Contains("movies.dat: cannot read: No such file"));
  CHECK_FALSE(fs::exists(dir / "out"));
}

TEST_CASE("MovieLens: settings that do not fit", "[preprocess]") {
  TempDir dir;
  PreprocessJob job = movielens(dir.path(), dir / "out");
  job.dataset.item_filter = ItemFilter::description;
  CHECK_THROWS_WITH(preprocess(job), Contains("datasets.item_filter"));
  job = movielens(dir.path(), dir / "out");
  job.metadata_path.clear();
  CHECK_THROWS_WITH(preprocess(job), Contains("datasets.metadata"));
  job = movielens(dir.path(), dir / "out");
  job.dataset.features_name.clear();
  CHECK_THROWS_WITH(preprocess(job), Contains("datasets.features_name"));
}

TEST_CASE("sequences are checked and copied, features too where given", "[preprocess]") {
  TempDir dir;
  write_text(dir / "Beauty.txt", "1 5 6 7\n2 5 5 8 9\n");
  PreprocessJob job;
  job.dataset.dataset_name = "beauty";
  job.dataset.format = "sequences";
  job.interactions_path = dir / "Beauty.txt";
  job.output_folder = dir / "out";
  const PreprocessReport report = preprocess(job);
  CHECK(read_text(dir / "out/beauty.csv") == "1\t5 6 7\n2\t5 5 8 9\n");
  CHECK(report.users == 2);
  CHECK(report.items == 5);
  CHECK(report.interactions == 7);
  CHECK(report.duplicates == 1);
  CHECK(report.repeats_left_out == 0);
  job.dataset.repeats = Repeats::first;
  write_text(dir / "Beauty.txt", "1 5 6 7\n2 5 5 8 9\n3 4 4 5\n");
  const PreprocessReport once = preprocess(job);
  CHECK(read_text(dir / "out/beauty.csv") == "1\t5 6 7\n2\t5 8 9\n");
  CHECK(once.repeats_left_out == 2);
  CHECK(once.users_shortened == 1);
  CHECK(once.duplicates == 0);
  CHECK(once.ratings_read == 10);
  job.dataset.repeats = Repeats::keep;
  write_text(dir / "Beauty.txt", "1 5 6 7\n2 5 5 8 9\n");

  job.dataset.features_name = "features.csv";
  job.dataset.id_column = "ID";
  job.metadata_path = dir / "features.tsv";
  write_text(dir / "features.tsv", "ID\ttitle\tcategories\tdescription\n5\tFive\tA,B\tnone\n");
  CHECK(preprocess(job).feature_rows == 1);
  CHECK(read_text(dir / "out/features.csv") == read_text(dir / "features.tsv"));
}

TEST_CASE("ML-1M gives the published files", "[preprocess][real]") {
  const fs::path real = test::real_data_dir() / "ml-1m";
  if (test::real_data_dir().empty() || !fs::exists(real / "ratings.dat")) {
    WARN("skipped: ml-1m/ratings.dat is not in the real data folder");
    return;
  }
  TempDir dir;
  const PreprocessReport report = preprocess(movielens(real, dir.path()));
  CHECK(sha256_file(dir / "ml-1m.csv") == "06f4f6c030740ca98c523e7b67f141301cf89f317ab152224eb84c8b88e67c37");
  CHECK(sha256_file(dir / "movie_features.csv") == "eafc0ef1967e4be3bef6ddac5c3f1ff8919c90a640b1f99bb69ab42d31514527");
  CHECK(report.users == 6034);
  CHECK(report.items == 3533);
  CHECK(report.interactions == 575272);
  CHECK(report.feature_rows == 3883);
}
