// Answers to several requests, which may still be on their way.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace latentcrs {

/// Either all answers, or the number of those that batch jobs have yet to give.
template <class Answer>
struct Answers {
  Answers(std::vector<Answer> answers) : all(std::move(answers)) {}  // implicit: a vector of answers is complete
  static Answers still_to_come(size_t count) {
    Answers answers(std::vector<Answer>{});
    answers.to_come = count;
    return answers;
  }

  bool complete() const { return to_come == 0; }

  std::vector<Answer> all;  ///< one for each request, in order; empty unless complete()
  size_t to_come = 0;       ///< questions whose batch jobs were left running; identical requests are one question
};

}  // namespace latentcrs
