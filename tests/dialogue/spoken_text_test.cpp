#include "language/dialogue/spoken_text.h"

#include <catch2/catch.hpp>

using namespace latentcrs;

TEST_CASE("marks and points say nothing", "[spoken_text]") {
  for (const char* reply : {"", " ", ".", ",", ".h.g.", "[END]", "- [END]\n- [END]", "[IM_START]\n\n[IM_END]",
                            "<|im_end|>", "1.", "\"\"", "..."}) {
    CAPTURE(reply);
    CHECK_FALSE(says_something(reply));
  }
  for (const char* reply : {"No.", "Comedy", "90s, please", "Something calm. [END]", "[sic] indeed", "I'm in", "\u5582",
                            "\u00e9t\u00e9", "a < b, or so"}) {
    CAPTURE(reply);
    CHECK(says_something(reply));
  }
}

TEST_CASE("whole sentences of a reply that was cut off", "[spoken_text]") {
  CHECK(whole_sentences("I want a comedy. Something wi") == "I want a comedy.");
  CHECK(whole_sentences("I want a com") == "");
  CHECK(whole_sentences("Is there \"Heat\"? No! I liked Mr. Smith and J. R. and St. Elm") == "Is there \"Heat\"? No!");
  CHECK(whole_sentences("He said \"run.\" And th") == "He said \"run.\"");
  CHECK(whole_sentences("Version 2.5 is nice") == "");
  CHECK(whole_sentences("One. Two... three") == "One. Two...");
  CHECK(whole_sentences("\n A comedy?\n\nWanted: Heat. Liked before") == "A comedy?");
  CHECK(whole_sentences("So am I. And") == "So am I.");
  CHECK(whole_sentences("\u597d\u3002\u597d") == "\u597d\u3002");
  CHECK(whole_sentences("") == "");
}
