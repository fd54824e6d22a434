#include "datasets/data/interactions.h"

#include <catch2/catch.hpp>

#include "base/util/error.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using Catch::Matchers::Contains;
using latentcrs::test::read_text;
using latentcrs::test::TempDir;
using latentcrs::test::write_text;

namespace {

std::vector<int32_t> sequence(const Interactions& interactions, int64_t u) {
  const auto items = interactions.sequence(u);
  return {items.begin(), items.end()};
}

}  // namespace

TEST_CASE("both separators are read, and ours is written", "[interactions]") {
  TempDir dir;
  write_text(dir / "ours.csv", "7\t3 1 2\n9\t2 2 5 8\r\n\n");
  write_text(dir / "iclrec.txt", "7 3 1 2 \n9 2 2 5 8");
  for (const char* name : {"ours.csv", "iclrec.txt"}) {
    const Interactions read = read_interactions(dir / name);
    REQUIRE(read.num_users() == 2);
    CHECK(read.user_ids == std::vector<int64_t>{7, 9});
    CHECK(sequence(read, 0) == std::vector<int32_t>{3, 1, 2});
    CHECK(sequence(read, 1) == std::vector<int32_t>{2, 2, 5, 8});
    CHECK(read.max_item_id() == 8);
    CHECK(read.distinct_items() == std::vector<int32_t>{1, 2, 3, 5, 8});
    write_interactions(read, dir / "out.csv");
    CHECK(read_text(dir / "out.csv") == "7\t3 1 2\n9\t2 2 5 8\n");
  }
}

TEST_CASE("a wrong interactions file is an error with file and line", "[interactions]") {
  TempDir dir;
  const auto message_of = [&](const std::string& contents) {
    write_text(dir / "x.csv", contents);
    try {
      read_interactions(dir / "x.csv");
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::data);
      return std::string(error.what());
    }
    return std::string("no error");
  };
  CHECK_THAT(message_of("1\t1 2 3\n2\t1 0 3\n"), Contains("x.csv:2: item id '0' is not a whole number in [1, "));
  CHECK_THAT(message_of("1\t1 2 -3\n"), Contains("x.csv:1: item id '-3'"));
  CHECK_THAT(message_of("1\t1 2 3.0\n"), Contains("x.csv:1: item id '3.0'"));
  CHECK_THAT(message_of("1\t1  2 3\n"), Contains("x.csv:1: item id ''"));
  CHECK_THAT(message_of("1\t1,2,3\n"), Contains("x.csv:1: item id '1,2,3'"));
  CHECK_THAT(message_of("1\t1 2 99999999999\n"), Contains("x.csv:1: item id '99999999999'"));
  CHECK_THAT(message_of("user\t1 2 3\n"), Contains("x.csv:1: user id 'user'"));
  CHECK_THAT(message_of("1\t1 2 3\n1\t1 2 3\n"), Contains("x.csv:2: user 1 appears twice"));
  CHECK_THAT(message_of("1\t1 2 3\n2\t1 2 3\t3\n"), Contains("x.csv:2: a tab stands among the items of user 2"));
  CHECK_THAT(message_of("7\t1\t1 2 3\n"), Contains("x.csv:1: a tab stands among the items of user 7"));
  CHECK_THAT(message_of("7\t1\t2\t3\n"), Contains("x.csv:1: a tab stands"));
  CHECK_THAT(message_of("7 1 2 3\t3\n"), Contains("x.csv:1: a tab stands"));
  CHECK_THAT(message_of("1\t1 2\n"), Contains("x.csv:1: user 1 has 2 items; every user needs at least 3"));
  CHECK_THAT(message_of("1\n"), Contains("x.csv:1: user 1 has 0 items"));
  CHECK_THAT(message_of("\n\n"), Contains("x.csv: no users"));
  CHECK_THROWS_WITH(read_interactions(dir / "none.csv"), Contains("none.csv: cannot read: No such file"));
}

TEST_CASE("dense item ids follow the first appearance", "[interactions]") {
  Interactions interactions;
  interactions.add_user(1, std::vector<int32_t>{30, 10, 30});
  interactions.add_user(2, std::vector<int32_t>{20, 10, 5});
  const DenseItems items = make_dense_items(interactions);
  CHECK(items.raw_from_dense == std::vector<int32_t>{0, 30, 10, 20, 5});
  CHECK(items.size() == 5);
  CHECK(items.dense(30, "x") == 1);
  CHECK(items.dense(5, "x") == 4);
  CHECK(items.dense(0, "x") == 0);
  CHECK_THROWS_WITH(items.dense(6, "a.jsonl:3"), Contains("a.jsonl:3: item 6 does not occur"));
  CHECK_THROWS_WITH(items.dense(31, "a.jsonl:3"), Contains("item 31 does not occur"));
  CHECK_THROWS_WITH(items.dense(-1, "a.jsonl:3"), Contains("item -1 does not occur"));
}

TEST_CASE("ICLRec's Beauty is read as it is", "[interactions][real]") {
  const auto path = test::real_data_dir() / "beauty/Beauty.txt";
  if (test::real_data_dir().empty() || !std::filesystem::exists(path)) {
    WARN("skipped: beauty/Beauty.txt is not in the real data folder");
    return;
  }
  // The figures that ICLRec's paper gives: 22,363 users, 12,101 items, 198,502 actions.
  const Interactions beauty = read_interactions(path);
  CHECK(beauty.num_users() == 22363);
  CHECK(beauty.distinct_items().size() == 12101);
  CHECK(beauty.items.size() == 198502);
}
