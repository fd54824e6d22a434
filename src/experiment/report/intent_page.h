// The report of the intents that pretraining found: a table, summary figures and a page with a picture.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/util/table.h"
#include "experiment/report/svg.h"

namespace latentcrs {

struct NearTitle {
  int64_t item = 0;
  std::string title;  ///< as in the dataset; "item 7" for an item without a title
  double score = 0;   ///< lift or score
};

struct IntentRow {
  int64_t intent = 0;  ///< row of the centroid in centers.npy
  int64_t users = 0;
  double share = 0;  ///< share of all users
  double x = 0, y = 0;
  std::vector<NearTitle> items;  ///< nearest items, the nearest first
};

struct IntentsReport {
  std::vector<IntentRow> intents = {};  ///< the largest first
  int64_t users = 0, empty = 0;         ///< users clustered; intents without a user
  double effective = 0;                 ///< effective number of intents: exp of the entropy of the shares
  /// The k-means objective and the share of the users' variance that the intents explain; not known of given centroids.
  std::optional<double> objective, explained;
  std::array<double, 2> axes{};       ///< share of the variance along the two axes of the picture
  std::filesystem::path folder = {};  ///< what was written: intents.html, intents.jsonl, manifest.json

  /// A table of the `top` largest intents, with titles clipped for a terminal.
  Table table(size_t top) const;
  /// The summary figures of all intents, one line each.
  std::vector<std::string> summary() const;
};

struct DrawnUser {
  double x = 0, y = 0;
  int64_t intent = 0;
};

/// The picture of intents and users in a plane. `drawn` are the users to show as dots: all users, a sample of them, or
/// none. `name` as in Svg.
Svg intent_picture(const std::string& name, const IntentsReport& report, const std::vector<DrawnUser>& drawn);
/// How to read it with `drawn` dots, in whole sentences.
std::string how_to_read_intents(const IntentsReport& report, size_t drawn);

/// The page intents.html with the picture and a table, which needs no other file.
std::string intent_page(const std::string& name, const IntentsReport& report, const std::vector<DrawnUser>& drawn);

}  // namespace latentcrs
