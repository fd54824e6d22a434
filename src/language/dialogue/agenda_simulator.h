// The offline user simulator.
#pragma once

#include <cstdint>
#include <memory>

#include "base/config/dataset_options.h"
#include "base/config/text_options.h"
#include "datasets/data/item_catalogue.h"
#include "language/dialogue/user_simulator.h"

namespace latentcrs {

/// The agenda-based simulator: needs no model and no network. Pure function of (seed, customer_id, number of turns,
/// attempt, and the words said before). It chooses facts about the target — genres or categories, decade, year, words
/// of the description, likeness to an item of the history — and puts them into varied patterns. An utterance names at
/// most `max_facets` facets of the target, and with a likeness at most two facts in all; facts that earlier turns have
/// not named come first. Titles of the history are in double quotes; the target's title is never said. Where the target
/// was shown, the simulator accepts it. An item about which nothing is known has no answer. `catalogue` must outlive
/// the simulator.
std::unique_ptr<UserSimulator> make_agenda_simulator(const ItemCatalogue& catalogue, const DatasetOptions& dataset,
                                                     const SimulateOptions& options, uint64_t seed);

}  // namespace latentcrs
