// The command `latentcrs recommend`: lists of items for users of the data, for histories that were not in it, and for
// an item. Free of LibTorch, because the launcher fills in the options.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "experiment/run/raw_ids.h"
#include "latentcrs/items.h"
#include "latentcrs/recommender.h"
#include "service/api/user_history.h"

namespace latentcrs {

struct RecommendOptions {
  int top = 10;                           ///< items of each list
  std::vector<std::string> users = {};    ///< ids of users; empty with no other choice: all users
  std::filesystem::path users_file = {};  ///< ids of users, one a line
  Moment moment = Moment::now;
  bool with_utterances = false;          ///< with what the simulated users said at that moment (test or valid)
  std::filesystem::path histories = {};  ///< JSON lines {user, history, utterance}, in place of the dataset's users
  std::filesystem::path items = {};      ///< the only candidates: ids or titles, one a line; empty: all items
  HistoryItems history_items = HistoryItems::as_configured;
  std::string like = {};               ///< an id or a title: the items nearest to it, in place of lists for users
  std::filesystem::path vectors = {};  ///< folder for .npy files of user and item vectors; empty: they are not written
};

/// The list of one user.
struct Recommendation {
  std::string user;     ///< id; the line number where a line of `histories` has none; the item's id with `like`
  int64_t history = 0;  ///< items of the history that are known
  bool with_text = false;
  std::vector<RankedItem> items;  ///< best first
};

struct Recommendations {
  std::vector<Recommendation> users;
  RawIds raw_items = {};           ///< of the items in the lists
  std::vector<std::string> notes;  ///< what was passed over, with file and line
};

/// Opens the run and ranks. Writes nothing but `options.vectors`: user_states.npy and user_vectors.npy [n, d] with the
/// users' ids in users.tsv, item_vectors.npy [V, d] with ids and titles in items.tsv; scores are the products of user
/// and item vectors. Throws as Recommender::open(), and Error(data) for a file that cannot be read or has no line that
/// can be used, Error(usage) for a user or an item that there is not.
Recommendations recommend(const std::filesystem::path& run_folder, const OpenOptions& open,
                          const RecommendOptions& options);

/// A line for each item: user, rank, item (as the raw files write it), title, score.
std::string to_tsv(const Recommendations& recommendations);
/// An object a line for each user: user, history, with_text, items of item, title, score.
std::string to_jsonl(const Recommendations& recommendations);

}  // namespace latentcrs
