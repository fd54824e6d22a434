// The seam between the pipeline and whoever speaks for the user: the offline agenda, or a remote model.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/dataset_options.h"
#include "config/text_options.h"
#include "data/item_catalogue.h"
#include "data/splits.h"

namespace latentcrs {

/// What a user's last words end with when there is nothing more to say.
inline constexpr std::string_view kEndMarker = "[END]";

/// One turn of a dialogue, as the user sees it.
struct DialogueTurn {
  std::string user;                  ///< what the user said
  std::vector<int64_t> shown_items;  ///< what the recommender then showed, best first; raw item ids
};

/// Leave to ask for words again, although replies to that are stored which are of no use (blocked, cut off): unless
/// there are more than `unusable` of them.
struct Renewal {
  int attempt = 0;  ///< the UtteranceRequest::attempt that it is for
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

/// What came of a request.
struct SpokenWords {
  std::optional<std::string> text = {};  ///< nothing where there is no usable answer (blocked, malformed, missing)
  std::string problem = {};              ///< why there is none
  int unusable = 0;                      ///< stored replies that are of no use
};

/// Implementations answer a batch in order. What has no usable answer is reported and counted by the caller, never
/// guessed.
class UserSimulator {
 public:
  virtual ~UserSimulator() = default;
  virtual std::vector<SpokenWords> speak(const std::vector<UtteranceRequest>& requests) = 0;
};

/// The agenda-based simulator: needs no model and no network. Pure function of (seed, customer_id, number of turns,
/// attempt, and what was said before): it decides what to reveal of the target — genres or categories, decade, year,
/// words of the description, likeness to an item of the history — and words it from varied patterns. An utterance names
/// at most `max_facets` facets of the target, and with a likeness at most two things in all; what earlier turns have
/// not said comes first. Titles of the history are in double quotes; the target's is never said. Where the target was
/// shown, it accepts. No answer for an item nothing is known about. `catalogue` must outlive the simulator.
std::unique_ptr<UserSimulator> make_agenda_simulator(const ItemCatalogue& catalogue, const DatasetOptions& dataset,
                                                     const SimulateOptions& options, uint64_t seed);

}  // namespace latentcrs
