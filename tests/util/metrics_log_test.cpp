#include "base/util/metrics_log.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "base/util/error.h"
#include "support/temp_dir.h"

using namespace latentcrs;

TEST_CASE("a resumed metrics log keeps what the checkpoint saw and drops the rest", "[metrics_log]") {
  const test::TempDir dir;
  const auto path = dir / "run/metrics.jsonl";
  int64_t saved = 0;
  {
    MetricsLog log(path, 0);
    log.append({{"epoch", 1}});
    saved = log.position();
    log.append({{"epoch", 2}});
  }
  {
    MetricsLog log(path, saved);
    CHECK(log.position() == saved);
    log.append({{"epoch", 2}, {"again", true}});
    CHECK(test::read_text(path) == "{\"epoch\":1}\n{\"again\":true,\"epoch\":2}\n");
    CHECK(log.position() == static_cast<int64_t>(test::read_text(path).size()));
  }
  const MetricsLog fresh(path, 0);
  CHECK(test::read_text(path).empty());
}

TEST_CASE("a metrics log shorter than its checkpoint is an error", "[metrics_log]") {
  const test::TempDir dir;
  CHECK_THROWS_AS(MetricsLog(dir / "metrics.jsonl", 5), Error);
}
