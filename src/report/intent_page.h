// The intents that pretraining found, as people read them: a table, a few figures, and a page with a picture.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "util/table.h"

namespace latentcrs {

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

struct DrawnUser {
  double x = 0, y = 0;
  int64_t intent = 0;
};

/// intents.html, a page that needs nothing but itself. `drawn` are the users to show as dots: all, or a sample of them.
std::string intent_page(const std::string& name, const IntentsReport& report, const std::vector<DrawnUser>& drawn);

}  // namespace latentcrs
