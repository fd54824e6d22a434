// The command `latentcrs intents`: the intents that pretraining found, by the items nearest to them, and a picture.
#pragma once

#include "base/config/load_config.h"
#include "experiment/report/intent_files.h"
#include "experiment/stages/stage_context.h"

namespace latentcrs {

/// The measure of how near an item is to an intent. Items and users share a space: a user in state c ranks an item y by
/// E[y]·c, so a centre c stands for items that it ranks unlike the average user u does. Rare items are not candidates:
/// training has hardly moved their rows, and in some direction they come first by chance.
enum class Nearness {
  lift,   ///< cosine of E[y] and c − u: the items that gain most by going from u to c, for their length
  score,  ///< E[y]·c: the items recommended at the centre; items that everybody wants come first everywhere
};

struct IntentsOptions {
  int items = 3;  ///< nearest items of each intent; >= 1
  Nearness nearness = Nearness::lift;
};

/// The intents of a run that has been pretrained, without a folder, and some of its users, evenly spaced; reads its
/// files, however they were made, and writes nothing. Throws Error(data) for files that do not fit.
IntentMap map_intents(const StageContext& context, const IntentsOptions& options);

/// Assigns the users that pretraining saw to the intents it found, and writes <output_dir>/intents/. Users and centres
/// are compared as in pretraining: by the distance of the mean state to the raw centroids; where the centres were given
/// (pretrain.centers), by direction. Takes no lock: the result of pretraining may be looked at while a later stage
/// runs. Throws Error(data) if the run folder has no finished pretraining with this config.
IntentsReport inspect_intents(const LoadedConfig& loaded, const IntentsOptions& options);

}  // namespace latentcrs
