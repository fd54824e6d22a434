#include "datasets/data/file_lines.h"

#include <catch2/catch.hpp>

using latentcrs::FileLines;

TEST_CASE("lines of several files are numbered through and found again", "[file_lines]") {
  FileLines lines;
  lines.begin("logs/a.csv", 0);
  CHECK(lines.through(1) == 1);
  lines.begin("logs/empty.csv", 3);
  lines.begin("logs/b.csv", 0);
  CHECK(lines.file() == "b.csv");
  CHECK(lines.through(2) == 5);
  CHECK(lines.place(1) == "a.csv:1");
  CHECK(lines.place(3) == "a.csv:3");
  CHECK(lines.place(4) == "b.csv:1");
  CHECK(lines.place(5) == "b.csv:2");
}
