#include <catch2/catch.hpp>

#include "experiment/pipeline/summary.h"
#include "support/temp_dir.h"

using namespace latentcrs;

TEST_CASE("the headline is the test score, or the best validation score of a trained epoch before that", "[summary]") {
  const test::TempDir dir;
  Config config;
  config.output_dir = dir.path().string();
  config.em.early_stop.stop_metrics = "NDCG@10";
  CHECK_FALSE(read_headline(config));

  test::write_text(dir / "train/metrics.jsonl",
                   "{\"em_stage\": \"prior\", \"epoch\": 1, \"valid\": {\"with_text\": {\"NDCG@10\": 0.9}}}\n"
                   "{\"em_stage\": \"joint\", \"epoch\": 0, \"valid\": {\"with_text\": {\"NDCG@10\": 0.8}}}\n"
                   "{\"em_stage\": \"joint\", \"epoch\": 1, \"valid\": {\"with_text\": {\"NDCG@10\": 0.3}}}\n"
                   "{\"em_stage\": \"joint\", \"epoch\": 2, \"valid\": {\"with_text\": {\"NDCG@10\": 0.2}}}\n");
  REQUIRE(read_headline(config));
  CHECK(read_headline(config)->name == "NDCG@10 (valid)");
  CHECK(read_headline(config)->value == 0.3);

  test::write_text(dir / "evaluate/one_turn.json", "{\"test_seen_kept\": {\"with text\": {\"NDCG@10\": 0.25}}}");
  CHECK(read_headline(config)->name == "NDCG@10 (test)");
  CHECK(read_headline(config)->value == 0.25);
}
