#include "latentcrs/eval/rank_file.h"

#include <catch2/catch.hpp>

#include "latentcrs/util/error.h"
#include "support/temp_dir.h"

using namespace latentcrs;

TEST_CASE("ranks are read as they were written", "[rank_file]") {
  const test::TempDir dir;
  const std::vector<RankedRow> rows = {{"with text", {1, 0, 12}}, {"popularity", {7, 8, 9}}};
  write_ranks_tsv(rows, {"1_raw_test", "2_raw_test", "3_raw_test"}, dir / "ranks.tsv");
  const RankFile file = read_ranks_tsv(dir / "ranks.tsv");
  CHECK(file.customer_ids == std::vector<std::string>{"1_raw_test", "2_raw_test", "3_raw_test"});
  REQUIRE(file.rows.size() == 2);
  CHECK(file.find("with text")->ranks == std::vector<Rank>{1, 0, 12});
  CHECK(file.find("popularity")->ranks == std::vector<Rank>{7, 8, 9});
  CHECK(file.find("anything else") == nullptr);
}

TEST_CASE("a damaged file of ranks names its line and what is wrong", "[rank_file]") {
  struct Case {
    const char* text;
    const char* message;
  };
  const Case cases[] = {
      {"", "not a file of ranks"},
      {"user\ta\n1\t2\n", "ranks.tsv:1: not a file of ranks"},
      {"customer_id\n1\n", "ranks.tsv:1: not a file of ranks"},
      {"customer_id\ta\ta\n1\t2\t3\n", "ranks.tsv:1: two columns are named a"},
      {"customer_id\ta\n", "ranks of nobody"},
      {"customer_id\ta\tb\nx\t1\t2\ny\t1\n", "ranks.tsv:3: 2 cells where the header has 3"},
      {"customer_id\ta\nx\t1\t2\n", "ranks.tsv:2: 3 cells"},
      {"customer_id\ta\nx\t1\ny\t-1\n", "ranks.tsv:3: '-1' is no rank"},
      {"customer_id\ta\nx\t1.5\n", "ranks.tsv:2: '1.5' is no rank"},
      {"customer_id\ta\nx\t\n", "ranks.tsv:2: '' is no rank"},
      {"customer_id\ta\nx\t99999999999\n", "ranks.tsv:2: '99999999999' is no rank"},
      {"customer_id\ta\nx\t1\nx\t2\n", "ranks.tsv:3: x is listed twice"},
  };
  const test::TempDir dir;
  for (const Case& damaged : cases) {
    CAPTURE(damaged.text);
    test::write_text(dir / "ranks.tsv", damaged.text);
    CHECK_THROWS_WITH(read_ranks_tsv(dir / "ranks.tsv"), Catch::Contains(damaged.message));
  }
}
