#include "base/config/saved_config.h"

#include <catch2/catch.hpp>

#include "base/config/load_config.h"
#include "base/util/error.h"
#include "support/temp_dir.h"

using namespace latentcrs;

TEST_CASE("saved settings are read whatever their keys are", "[saved_config]") {
  const test::TempDir dir;
  test::write_text(
      dir / "config.yaml",
      "exp_name: a   # default\nfrom_another_version:\n  list: [1, \"2\"]\n  empty:\nstages:\n  - {name: x, "
      "epochs: 3}\n");
  const auto values = read_saved_config(dir / "config.yaml");
  REQUIRE(values.size() == 4);
  CHECK((values[0].key == "exp_name" && values[0].value == "a"));
  CHECK((values[1].key == "from_another_version.list" && values[1].value == "[1, 2]"));
  CHECK((values[2].key == "from_another_version.empty" && values[2].value.empty()));
  CHECK((values[3].key == "stages" && values[3].value == "[{name: x, epochs: 3}]"));
}

TEST_CASE("what a run writes down can be read, and what is no YAML cannot", "[saved_config]") {
  const test::TempDir dir;
  const LoadedConfig loaded = load_config(test::source_path("configs/tiny.yaml"), {});
  test::write_text(dir / "config.yaml", to_yaml(loaded, Origins::as_comments));
  CHECK(read_saved_config(dir / "config.yaml").size() == loaded.values.size());
  test::write_text(dir / "config.yaml", "a: [1\n");
  CHECK_THROWS_AS(read_saved_config(dir / "config.yaml"), Error);
}
