#include "language/dialogue/speech_trial.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/util/error.h"
#include "base/util/log.h"

namespace latentcrs {

namespace {

constexpr double kRefusedBytesPerToken = 20;
constexpr double kDoubtfulBytesPerToken = 8;
constexpr double kDoubtfulToMedian = 2;

/// `text` on one line, at most `limit` bytes of it.
std::string short_line(std::string text, size_t limit) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  if (text.size() <= limit) return text;
  size_t end = limit;
  while (end > 0 && (text[end] & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "\u2026";
}

std::string examples(const std::vector<UtteranceRequest>& requests, const std::vector<SpokenWords>& answers) {
  constexpr size_t most = 3, longest = 160;
  std::string text;
  for (size_t i = 0, shown = 0; i < answers.size() && shown < most; ++i) {
    if (answers[i].text) continue;
    text += fmt::format("\n  {}: {}: \"{}\"", requests[i].record->customer_id, answers[i].problem,
                        short_line(answers[i].reply, longest));
    ++shown;
  }
  return text;
}

/// What usually helps against the most frequent problem.
std::string advice(const std::vector<SpokenWords>& answers) {
  size_t cut = 0, wordless = 0, failed = 0;
  for (const SpokenWords& words : answers) {
    if (words.text) continue;
    cut += words.problem.starts_with("truncated") ? 1 : 0;
    wordless += words.wordless ? 1 : 0;
    failed += words.problem.starts_with("failed") ? 1 : 0;
  }
  if (failed >= std::max<size_t>({1, cut, wordless}))
    return "the server does not answer: run again when it does, and what is missing is asked for again";
  if (cut >= std::max<size_t>(wordless, 1))
    return "the model does not stop: give it stop marks or more tokens in simulate.chat.parameters, take the prompt "
           "with examples (simulate=local), or set simulate.keep_sentences=true";
  return "the model does not follow the prompt: look at it with `latentcrs simulate --show 10`, take the prompt with "
         "examples (simulate=local), or another model";
}

}  // namespace

void judge_replies(const std::vector<UtteranceRequest>& requests, const std::vector<SpokenWords>& answers,
                   const std::string& what, double least_usable) {
  if (answers.empty()) return;
  const auto usable = static_cast<size_t>(
      std::count_if(answers.begin(), answers.end(), [](const SpokenWords& words) { return words.text.has_value(); }));
  const double share = static_cast<double>(usable) / static_cast<double>(answers.size());
  const bool too_few = least_usable > 0 && (usable == 0 || (answers.size() >= kTrialReplies && share < least_usable));
  const std::string count = fmt::format("{} of {} are usable", usable, what);
  if (!too_few) {
    log::info("user simulator: {}", count);
    return;
  }
  throw Error(ErrorKind::remote, fmt::format("user simulator: {}, simulate.least_usable is {:g}; {}{}", count,
                                             least_usable, advice(answers), examples(requests, answers)));
}

void check_prompt_counts(const std::vector<UtteranceRequest>& requests, const std::vector<SpokenWords>& answers) {
  struct Count {
    double bytes_per_token;
    size_t request;
  };
  std::vector<Count> counts;
  for (size_t i = 0; i < answers.size(); ++i)
    if (const auto tokens = answers[i].usage.input; tokens > 0)
      counts.push_back({static_cast<double>(requests[i].prompt.size()) / static_cast<double>(tokens), i});
  if (counts.empty()) return;
  std::sort(counts.begin(), counts.end(),
            [](const Count& a, const Count& b) { return a.bytes_per_token < b.bytes_per_token; });
  const double median = counts[counts.size() / 2].bytes_per_token;
  const Count& worst = counts.back();
  const std::string figures = fmt::format(
      "the server counted {} tokens for a prompt of {} bytes ({:.1f} bytes a token, {:.1f} in the median)",
      answers[worst.request].usage.input, requests[worst.request].prompt.size(), worst.bytes_per_token, median);
  if (worst.bytes_per_token > kRefusedBytesPerToken)
    throw Error(ErrorKind::remote,
                "user simulator: " + figures +
                    ": its chat template does not pass the prompt on; start it with one that does, such as "
                    "llama-server --chat-template-file (docs/local-models.md)");
  if (worst.bytes_per_token > std::min(kDoubtfulBytesPerToken, kDoubtfulToMedian * median))
    log::warn("user simulator: {}: it probably shortens long prompts; give it a longer context", figures);
  else
    log::info("user simulator: {}", figures);
}

}  // namespace latentcrs
