#include "base/util/table.h"

#include <catch2/catch.hpp>

using latentcrs::Table;

TEST_CASE("a table aligns numbers to the right and text to the left", "[table]") {
  const Table table{"Scores", {{"model", "NDCG@10", "time"}, {"SASRec", "0.1", "12 s"}, {"EM", "0.25", "-"}}};
  CHECK(table.to_text() ==
        "Scores\n"
        "model   NDCG@10  time\n"
        "---------------------\n"
        "SASRec      0.1  12 s\n"
        "EM         0.25     -\n");
  CHECK(table.to_markdown() ==
        "### Scores\n\n"
        "| model  | NDCG@10 | time |\n"
        "| ------ | ------: | ---: |\n"
        "| SASRec |     0.1 | 12 s |\n"
        "| EM     |    0.25 |    - |\n");
}

TEST_CASE("a table measures UTF-8 by columns", "[table]") {
  const Table table{"", {{"title", "year"}, {"Amélie", "2001"}, {"七人の侍", "1954"}}};
  CHECK(table.to_text() ==
        "title     year\n"
        "--------------\n"
        "Amélie    2001\n"
        "七人の侍  1954\n");
}

TEST_CASE("which columns of a table are numeric", "[table]") {
  const auto is_right_aligned = [](const std::string& cell) {
    const Table table{"", {{"wide header of the column"}, {cell}}};
    return table.to_text().find("\n ") != std::string::npos;
  };
  for (const char* number :
       {"1", "-0.5", "+3", "1e-5", "12,345", "12.5 %", "12%", "3 ms", "0.1 ± 0.02", "0.1 [0.0, 0.2]"}) {
    CAPTURE(number);
    CHECK(is_right_aligned(number));
  }
  for (const char* text : {"text", "-", "", "2001-02-03", "3rd", "7 out of 9"}) {
    CAPTURE(text);
    CHECK_FALSE(is_right_aligned(text));
  }
}

TEST_CASE("Markdown cells escape bars and line ends; short rows are filled", "[table]") {
  const Table table{"", {{"a", "b"}, {"x|y\nz"}}};
  CHECK(table.to_markdown() ==
        "| a      | b   |\n"
        "| ------ | --- |\n"
        "| x\\|y z |     |\n");
}
