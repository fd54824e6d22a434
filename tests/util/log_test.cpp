#include "base/util/log.h"

#include <catch2/catch.hpp>

#include "base/util/error.h"
#include "support/log_level.h"
#include "support/temp_dir.h"

using namespace latentcrs;

TEST_CASE("the log file holds every line with its level; a second file takes over", "[log]") {
  const test::TempDir dir;
  const test::LogLevel quiet(log::Level::error);
  log::add_file(dir / "first/run.log");
  log::debug("hidden {}", 1);
  log::warn("odd");
  log::add_file(dir / "second/run.log");
  log::info("later");
  log::flush();
  const std::string first = test::read_text(dir / "first/run.log");
  CHECK(first.find("debug   hidden 1\n") != std::string::npos);
  CHECK(first.find("warning odd\n") != std::string::npos);
  CHECK(first.find("later") == std::string::npos);
  CHECK(test::read_text(dir / "second/run.log").find("info    later\n") != std::string::npos);
}

TEST_CASE("the level decides what the terminal shows", "[log]") {
  const test::LogLevel usual(log::Level::info);
  CHECK(log::shows(log::Level::info));
  CHECK_FALSE(log::shows(log::Level::debug));
  log::set_level(log::Level::warn);
  CHECK_FALSE(log::shows(log::Level::info));
}

TEST_CASE("a log file that cannot be opened is an error", "[log]") {
  const test::TempDir dir;
  test::write_text(dir / "file", "");
  CHECK_THROWS_AS(log::add_file(dir / "file/run.log"), Error);
}
