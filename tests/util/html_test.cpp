#include "base/util/html.h"

#include <catch2/catch.hpp>

using namespace latentcrs;

TEST_CASE("text in a page stays text", "[html]") {
  CHECK(escape_html("<script>alert(\"1\" & '2')</script>") ==
        "&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)&lt;/script&gt;");
  CHECK(escape_html("&amp;") == "&amp;amp;");
  CHECK(escape_html("Amélie ü ±\n\t") == "Amélie ü ±\n\t");
  CHECK(escape_html(std::string("a\0b\x1b", 4)) == "a b ");
}
