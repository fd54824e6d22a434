#include "language/dialogue/speech_trial.h"

#include <catch2/catch.hpp>

#include "base/util/error.h"

using namespace latentcrs;
using Catch::Matchers::Contains;

namespace {

const SplitRecord kRecord{"7_raw_raw", 7, {}, 5};

std::vector<UtteranceRequest> requests(size_t count, const std::string& prompt = "act") {
  std::vector<UtteranceRequest> all(count);
  for (UtteranceRequest& request : all) {
    request.record = &kRecord;
    request.prompt = prompt;
  }
  return all;
}

/// `usable` replies with a text and `cut` without.
std::vector<SpokenWords> replies(size_t usable, size_t cut) {
  std::vector<SpokenWords> all(usable, SpokenWords{.text = "A comedy."});
  all.resize(usable + cut, {.problem = "truncated (length)", .reply = "A com\nedy"});
  return all;
}

std::string failure(size_t usable, size_t cut, double least) {
  try {
    judge_replies(requests(usable + cut), replies(usable, cut), "the first replies", least);
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::remote);
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("too few usable replies among the first end the run with examples", "[speech_trial]") {
  CHECK(failure(5, 15, 0.25) == "");
  CHECK_THAT(failure(4, 16, 0.25), Contains("4 of the first replies are usable, simulate.least_usable is 0.25") &&
                                       Contains("does not stop") &&
                                       Contains("7_raw_raw: truncated (length): \"A com edy\""));
  CHECK(failure(0, 20, 0) == "");
  // A few replies tell nothing about the share, but something must be usable.
  CHECK(failure(1, 10, 0.5) == "");
  CHECK_THAT(failure(0, 2, 0.5), Contains("0 of the first replies"));
  CHECK(failure(0, 0, 0.5) == "");
}

TEST_CASE("a prompt that the server replaced or shortened is noticed", "[speech_trial]") {
  const auto all = requests(2, std::string(1000, 'x'));
  std::vector<SpokenWords> answers(2);
  CHECK_NOTHROW(check_prompt_counts(all, answers));  // the server does not count
  answers[0].usage.input = answers[1].usage.input = 250;
  CHECK_NOTHROW(check_prompt_counts(all, answers));
  answers[1].usage.input = 3;
  CHECK_THROWS_WITH(check_prompt_counts(all, answers),
                    Contains("counted 3 tokens for a prompt of 1000 bytes") && Contains("chat template"));
}
