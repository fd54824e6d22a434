#include "datasets/data/half_surrogates.h"

#include <catch2/catch.hpp>

using latentcrs::replace_half_surrogates;

namespace {

std::string replaced(std::string json, int64_t wanted) {
  CHECK(replace_half_surrogates(json) == wanted);
  return json;
}

}  // namespace

TEST_CASE("half surrogate pairs become U+FFFD, whole ones stay", "[half_surrogates]") {
  CHECK(replaced(R"("Bright \ud83d")", 1) == R"("Bright \ufffd")");
  CHECK(replaced(R"("\uD83D\uDE00")", 0) == R"("\uD83D\uDE00")");
  CHECK(replaced(R"("\ude00 \ud83d")", 2) == R"("\ufffd \ufffd")");
  CHECK(replaced(R"("\ud83d\ud83d\ude00")", 1) == R"("\ufffd\ud83d\ude00")");
  CHECK(replaced(R"("\ud83dA")", 1) == R"("\ufffdA")");
  CHECK(replaced(R"("\\ud83d \\\ud83d")", 1) == R"("\\ud83d \\\ufffd")");  // the first is a backslash and letters
  CHECK(replaced(R"("\ud7ff\ue000\u00e9")", 0) == R"("\ud7ff\ue000\u00e9")");
  CHECK(replaced(R"("\ud83)", 0) == R"("\ud83)");
  CHECK(replaced("\\", 0) == "\\");
}
