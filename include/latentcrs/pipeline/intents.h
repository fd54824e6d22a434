// What `latentcrs intents` shows: the intents that pretraining found, by the items nearest to them, and a picture.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "latentcrs/config/load_config.h"
#include "latentcrs/util/table.h"

namespace latentcrs {

/// What makes an item near to an intent. Items and users share a space: a user in state c ranks an item y by E[y]·c, so
/// what a centre c stands for are items that it ranks unlike the average user u does. Rare items are no candidates:
/// training has hardly moved their rows, and in some direction they come first by chance.
enum class Nearness {
  lift,   ///< cosine of E[y] and c − u: the items that gain most by going from u to c, for their length
  score,  ///< E[y]·c: what the encoder recommends at the centre; items that everybody wants come first everywhere
};

struct IntentsOptions {
  int items = 3;  ///< nearest items of each intent; >= 1
  Nearness nearness = Nearness::lift;
};

struct NearTitle {
  int64_t item = 0;
  std::string title;  ///< as the dataset writes it; "item 7" where it has none
  double score = 0;   ///< lift or score
};

struct IntentRow {
  int64_t intent = 0;  ///< row of centers.npy
  int64_t users = 0;
  double share = 0;  ///< of all users
  double x = 0, y = 0;
  std::vector<NearTitle> items;  ///< the nearest first
};

struct IntentsReport {
  std::vector<IntentRow> intents = {};  ///< the largest first
  int64_t users = 0, empty = 0;         ///< users clustered; intents without a user
  double effective = 0;                 ///< effective number of intents: exp of the entropy of the shares
  /// k-means objective, and the share of the users' variance that it leaves explained; not known of given centres.
  std::optional<double> objective, explained;
  std::array<double, 2> axes{};       ///< share of the variance along the two axes of the picture
  std::filesystem::path folder = {};  ///< what was written: intents.html, intents.jsonl, manifest.json

  /// The `top` largest intents, titles clipped to what a terminal can show.
  Table table(size_t top) const;
  /// The figures of all intents together, one line each.
  std::vector<std::string> summary() const;
};

/// Assigns the users that pretraining saw to the intents it found, and writes <output_dir>/intents/. Users and centres
/// are compared as in pretraining: by the distance of the mean state to the raw centroids; where the centres were given
/// (pretrain.centers), by direction. Takes no lock: the result of pretraining may be looked at while a later stage
/// runs. Throws Error(data) if the run folder has no finished pretraining with this config.
IntentsReport inspect_intents(const LoadedConfig& loaded, const IntentsOptions& options);

}  // namespace latentcrs
