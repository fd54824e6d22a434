#include "experiment/report/conversations_page.h"

#include <catch2/catch.hpp>

#include "base/util/error.h"
#include "experiment/report/compare_runs.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using Catch::Matchers::Contains;
using test::TempDir;

namespace {

const char* const kLine =
    R"({"id": "d/1/7", "dialogue": "d", "condition": "recommendation", "target": {"item": 7, "title": "Heat & Dust"}, )"
    R"("utterances": [["user", "<b>Hi</b>"], ["recommender", "Hello"]], "history": [{"item": 3, "title": "Big", )"
    R"("said_by": "user"}], "ranks": {"with text": 2, "popularity": 0}, "rankings": {"with text": [{"item": 4, )"
    R"("title": "Up"}, {"item": 7, "title": "Heat & Dust"}]}})";

}  // namespace

TEST_CASE("a conversation stands on its page beside its ranking", "[conversations_page]") {
  const TempDir dir;
  test::write_text(dir / "c.jsonl", std::string(kLine) + "\n");
  write_conversations_page(dir / "c.jsonl", "Conversations", dir / "c.html");
  const std::string page = test::read_text(dir / "c.html");
  CHECK_THAT(page, Contains("&lt;b&gt;Hi&lt;/b&gt;") && Contains("<li class=\"hit\">Heat &amp; Dust</li>"));
  CHECK_THAT(page, Contains("History: Big (user)") && Contains("rank 2 with text"));
  CHECK_THAT(page, Contains("The target is among the first with text: 1") && Contains("It is not: 0"));
  test::write_text(dir / "bad.jsonl", "{}\n");
  CHECK_THROWS_WITH(read_shown_conversations(dir / "bad.jsonl"), Contains("bad.jsonl:1: not a conversation"));
}

TEST_CASE("scores of conversations are compared by dialogue", "[conversations_page]") {
  const TempDir dir;
  test::write_text(dir / "run/evaluate/ranks_conversations_seen_left_out.tsv",
                   "customer_id\ttarget\tleaked\tdialogue\twith text\tpopularity\n"
                   "a/1\t1\t0\ta\t1\t60\na/2\t2\t0\ta\t1\t60\nb/1\t1\t0\tb\t30\t60\n");
  const ComparisonReport report =
      compare_scores(dir / "run", {.split = "conversations", .resampling = {.resamples = 200}});
  REQUIRE(report.comparisons.size() == 1);
  const PairedResult& recall = report.comparisons[0].results.at(0);
  CHECK(recall.metric == "recall@1");
  CHECK(recall.difference == Approx(2.0 / 3));
  CHECK(recall.p == 1.0);  // one dialogue differs
  CHECK_THAT(report.notes.at(0), Contains("whole dialogues (2)"));
  CHECK_THROWS_WITH(compare_scores(dir / "run", {.split = "conversations_discussion"}),
                    Contains("with conversations=FILE"));
}
