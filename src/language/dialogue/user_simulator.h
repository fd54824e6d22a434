// The interface of user simulators: the offline agenda and remote models.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/data/splits.h"
#include "language/llm/answers.h"
#include "language/llm/cost.h"

namespace latentcrs {

/// The end of a user's last words, when there is nothing more to say.
inline constexpr std::string_view kEndMarker = "[END]";

/// One turn of a dialogue, as the user sees it.
struct DialogueTurn {
  std::string user;                  ///< the user's words
  std::vector<int64_t> shown_items;  ///< the items that the recommender then showed, best first; raw item ids
};

/// Asks for words again although unusable replies (blocked, cut off) are stored, if there are at most `unusable`.
struct Renewal {
  int attempt = 0;  ///< the UtteranceRequest::attempt that this concerns
  int unusable = 0;
};

/// A request for the user's next words. `turns` is empty for the opening utterance.
struct UtteranceRequest {
  const SplitRecord* record = nullptr;
  std::vector<DialogueTurn> turns;
  std::string prompt;  ///< the filled template; a model simulator sends it, the agenda ignores it
  int attempt = 0;     ///< how often these words were asked for before and rejected (checked_speech.h)
  Renewal renewal = {};
};

/// SpokenWords::problem of a wordless reply.
inline constexpr std::string_view kNoWords = "no words in the reply";

/// The answer to a request.
struct SpokenWords {
  std::optional<std::string> text = {};  ///< nothing where there is no usable answer (blocked, malformed, missing)
  std::string problem = {};              ///< why there is no text
  int unusable = 0;                      ///< stored replies that are unusable
  std::string reply = {};                ///< as a model wrote it, also where it is unusable; empty for the agenda
  bool wordless = false;                 ///< a reply came whole and holds no words
  bool shortened = false;                ///< `text` is the beginning of a reply that was cut off
  Usage usage = {};                      ///< tokens of the exchange as the server counted them
};

class UserSimulator {
 public:
  virtual ~UserSimulator() = default;
  /// One answer for each request, in order. Missing words are never made up; the caller reports and counts them.
  virtual Answers<SpokenWords> speak(const std::vector<UtteranceRequest>& requests) = 0;
};

}  // namespace latentcrs
