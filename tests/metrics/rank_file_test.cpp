#include "base/metrics/rank_file.h"

#include <catch2/catch.hpp>

#include "base/util/error.h"
#include "support/temp_dir.h"

using namespace latentcrs;

TEST_CASE("ranks are read as they were written", "[rank_file]") {
  const test::TempDir dir;
  const std::vector<RankedRow> rows = {{"with text", {1, 0, 12}}, {"popularity", {7, 8, 9}}};
  write_ranks_tsv(rows, {{"x", "y", "z"}, {70, 1, 5}, {0, 0, 1}}, dir / "ranks.tsv");
  const RankFile file = read_ranks_tsv(dir / "ranks.tsv");
  CHECK(file.users.customer_ids == std::vector<std::string>{"x", "y", "z"});
  CHECK(file.users.targets == std::vector<int64_t>{70, 1, 5});
  CHECK(file.users.leaks_title == std::vector<uint8_t>{0, 0, 1});
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
      {"customer_id\ttarget\tleaked\nx\t1\t0\n", "ranks.tsv:1: not a file of ranks"},
      {"customer_id\ta\nx\t1\n", "ranks.tsv:1: not a file of ranks"},
      {"customer_id\ttarget\tleaked\ta\ta\nx\t1\t0\t2\t3\n", "ranks.tsv:1: two columns are named a"},
      {"customer_id\ttarget\tleaked\ta\n", "ranks of nobody"},
      {"customer_id\ttarget\tleaked\ta\tb\nx\t1\t0\t1\t2\ny\t1\t0\t1\n", "ranks.tsv:3: 4 cells where the header has 5"},
      {"customer_id\ttarget\tleaked\ta\nx\t1\t0\t1\t2\n", "ranks.tsv:2: 5 cells"},
      {"customer_id\ttarget\tleaked\ta\nx\t1\t0\t1\ny\t1\t0\t-1\n", "ranks.tsv:3: '-1' is no rank"},
      {"customer_id\ttarget\tleaked\ta\nx\t1\t0\t1.5\n", "ranks.tsv:2: '1.5' is no rank"},
      {"customer_id\ttarget\tleaked\ta\nx\t1\t0\t\n", "ranks.tsv:2: '' is no rank"},
      {"customer_id\ttarget\tleaked\ta\nx\t1\t0\t99999999999\n", "ranks.tsv:2: '99999999999' is no rank"},
      {"customer_id\ttarget\tleaked\ta\nx\tfilm\t0\t1\n", "ranks.tsv:2: 'film' is no item"},
      {"customer_id\ttarget\tleaked\ta\nx\t1\t0\t1\nx\t1\t0\t2\n", "ranks.tsv:3: x is listed twice"},
  };
  const test::TempDir dir;
  for (const Case& damaged : cases) {
    CAPTURE(damaged.text);
    test::write_text(dir / "ranks.tsv", damaged.text);
    CHECK_THROWS_WITH(read_ranks_tsv(dir / "ranks.tsv"), Catch::Contains(damaged.message));
  }
}
