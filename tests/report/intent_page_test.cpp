#include "experiment/report/intent_page.h"

#include <catch2/catch.hpp>

using namespace latentcrs;
using Catch::Contains;

namespace {

size_t count(const std::string& text, const std::string& part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

IntentsReport small_report() {
  IntentsReport report{.users = 4, .empty = 1, .effective = 1.75, .objective = 12.5, .explained = 0.6};
  report.axes = {0.5, 0.25};
  report.intents = {{2, 3, 0.75, -1, 0, {{7, "Tom & <Jerry>", 0.9}, {8, "Say \"Hi\"", 0.8}}},
                    {0, 1, 0.25, 2, 1, {{9, "Solo", 0.7}}},
                    {1, 0, 0.0, 2, 1, {{9, "Solo", 0.7}}}};
  return report;
}

const std::vector<DrawnUser> kUsers = {{-1, 0.5, 2}, {-1.5, 0, 2}, {2, 1, 0}};

}  // namespace

TEST_CASE("the page of intents escapes titles and needs nothing from outside", "[intents]") {
  const std::string page = intent_page("a<b", small_report(), kUsers);
  CHECK_THAT(page, Contains("Tom &amp; &lt;Jerry&gt;") && Contains("Say &quot;Hi&quot;") && Contains("a&lt;b"));
  CHECK_THAT(page, !Contains("<Jerry>") && !Contains("<script") && !Contains("src=") && !Contains("url("));
  CHECK_THAT(page, !Contains("http"));
  CHECK(count(page, "<tr>") == 4);
  CHECK_THAT(page, Contains("first principal axis, 50.0 %") && Contains("Of 4 users 3 are drawn"));
  CHECK_THAT(page, Contains("prefers-color-scheme: dark"));
}

TEST_CASE("an intent has one colour in the legend, the picture and the table", "[intents]") {
  const std::string page = intent_page("a", small_report(), kUsers);
  CHECK_THAT(page, Contains(".s1 { --c: var(--c1); }") && Contains(".rest { --c: var(--rest); }"));
  CHECK_THAT(page, Contains("<span class=\"s1\"><span class=\"chip\"></span></span>intent 0<") &&
                       Contains("<span class=\"s1\"><span class=\"chip\"></span></span>0</td>") &&
                       Contains("class=\"dots s1\"") && Contains("class=\"circle s1\""));
  CHECK_THAT(page, Contains("class=\"hollow rest\"") && Contains("the others"));
}

TEST_CASE("the table of intents and its summary", "[intents]") {
  const IntentsReport report = small_report();
  const Table table = report.table(2);
  REQUIRE(table.rows.size() == 3);
  CHECK(table.rows[1] == std::vector<std::string>{"2", "3", "75.0 %", "Tom & <Jerry> · Say \"Hi\""});
  CHECK(report.table(99).rows.size() == 4);
  REQUIRE(report.summary().size() == 3);
  CHECK(report.summary()[0] == "4 users in 3 intents, 1 of them empty; the largest has 75.0 % of the users");
  CHECK_THAT(report.summary()[2], Contains("12.5") && Contains("60.0 %"));
}
