// Running many slow calls at the same time.
#pragma once

#include <cstddef>
#include <functional>

namespace latentcrs {

/// Calls work(0) … work(count - 1) on other threads, at most `threads` at once, started in that order. After the first
/// exception no further call is started; the exception is rethrown when the running calls have ended.
void for_each_concurrently(size_t count, int threads, const std::function<void(size_t)>& work);

/// What remains to be done with an answer.
using AnswerWork = std::function<void()>;

/// The same for questions to a server: ask(i) waits for an answer and returns what is to be done with it. At most
/// `at_once` questions are under way, and a new one is sent while earlier answers are read and stored, so that the
/// server does not wait for that. Answers that have come are worked on to the end even if another question failed. Up
/// to 2 × at_once answers are in memory.
void ask_concurrently(size_t count, int at_once, const std::function<AnswerWork(size_t)>& ask);

}  // namespace latentcrs
