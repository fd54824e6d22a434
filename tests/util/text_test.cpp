#include "base/util/text.h"

#include <catch2/catch.hpp>

using namespace latentcrs;

TEST_CASE("white space at the ends goes, inside it stays", "[text]") {
  CHECK(trimmed(" \t a b\r\n") == "a b");
  CHECK(trimmed("ab") == "ab");
  CHECK(trimmed(" \t\r\n").empty());
  CHECK(trimmed("").empty());
  CHECK(trimmed("\v a \f") == "\v a \f");  // not in the usual list
  CHECK(trimmed("\n a \n", " \t") == "\n a \n");
  CHECK(trimmed("--a-b--", "-") == "a-b");
  CHECK(trimmed_end(" a \n") == " a");
  CHECK(trimmed_end(" \n").empty());
  CHECK(trimmed_end("a\n ", " ") == "a\n");
}

TEST_CASE("a trimmed text is a part of the text itself", "[text]") {
  const std::string_view text = "  ab ";
  CHECK(trimmed(text).data() == text.data() + 2);
}

TEST_CASE("blank text is white space alone, or nothing", "[text]") {
  CHECK(is_blank(""));
  CHECK(is_blank(" \t\r\n"));
  CHECK_FALSE(is_blank(" . "));
  CHECK_FALSE(is_blank("\r", " \t"));
}

TEST_CASE("only the letters A to Z become lower case", "[text]") {
  CHECK(lower_case("AZaz09_@[`{") == "azaz09_@[`{");
  CHECK(lower_case("\u00C4\u00D6 ABC") == "\u00C4\u00D6 abc");
  CHECK(lower_case("").empty());
}

TEST_CASE("the digits are 0 to 9", "[text]") {
  for (const char c : std::string_view("0123456789")) CHECK(is_digit(c));
  for (const char c : std::string_view("/:aA-\xB2")) CHECK_FALSE(is_digit(c));
}
