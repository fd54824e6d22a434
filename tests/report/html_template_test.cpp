#include "experiment/report/html_template.h"

#include <catch2/catch.hpp>

#include "base/util/error.h"

using namespace latentcrs;
using Catch::Contains;

TEST_CASE("blanks of a template are filled once, and what is filled in stays as it is", "[html_template]") {
  const std::string html =
      fill_template("dialogue.html", {{"who", "{{target}}"}, {"target", "T"}, {"outcome", "<i>o</i>"}, {"turns", "U"}});
  CHECK_THAT(html, Contains("<span>{{target}} wants <b>T</b></span><i>o</i></header>\nU</article>"));
}

TEST_CASE("a blank without a value and a value without a blank are faults of the program", "[html_template]") {
  CHECK_THROWS_WITH(fill_template("dialogue.html", {{"who", ""}}), Contains("no value for target"));
  CHECK_THROWS_WITH(
      fill_template("dialogue.html", {{"who", ""}, {"target", ""}, {"outcome", ""}, {"turns", ""}, {"more", ""}}),
      Contains("no blank named more"));
  CHECK_THROWS_AS(fill_template("nothing.html", {}), Error);
}
