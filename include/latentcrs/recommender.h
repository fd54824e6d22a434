// The recommender of a finished run, for programs that embed it.
//
//   const auto recommender = latentcrs::Recommender::open("outputs/ml1m");
//   const auto ranking = recommender.rank({.history = {1, 260, 1196}, .utterance = "a funny film with robots"});
//   for (const latentcrs::RankedItem& item : ranking.items) std::cout << item.title << '\n';
//
// Functions throw latentcrs::Error (latentcrs/error.h), and std::bad_alloc where memory runs out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "latentcrs/conversation.h"
#include "latentcrs/error.h"
#include "latentcrs/export.h"
#include "latentcrs/items.h"

namespace latentcrs {

struct OpenOptions {
  /// Settings in place of the run's own, as on the command line: "device=cpu", "threads=2",
  /// "services.cache=/var/cache/latentcrs". Paths are looked up from the current folder.
  std::vector<std::string> settings = {};
};

struct RankRequest {
  /// Ids of the user's items, oldest first. The networks read the last RunInfo::history_length of them. Without any,
  /// the mean user of the training data takes the user's place.
  std::vector<std::int64_t> history = {};
  /// The user's words, UTF-8 (Error(usage) otherwise). If they are blank, the ranking is the one without text.
  std::string utterance = {};
  int k = 10;  ///< items wanted, at least 1; there are fewer only where the items run out
  HistoryItems history_items = HistoryItems::as_configured;
  std::vector<std::int64_t> excluded = {};  ///< ids of further items that are never returned
  int intents = 3;                          ///< intents wanted, at least 0
};

struct Ranking {
  std::vector<RankedItem> items;           ///< best first, ties by the order of the items in the dataset
  std::vector<IntentProbability> intents;  ///< p(m|u,x) with text, q(m|u) without; most probable first
  bool with_text = false;                  ///< whether there was an utterance; its words may all be unknown
};

/// The subject and the sizes of a run.
struct RunInfo {
  std::string name;              ///< its exp_name
  std::string dataset;           ///< its datasets.dataset_name
  std::string item_noun;         ///< what people call its items, plural: "movies"
  std::int64_t items = 0;        ///< V, items that can be ranked
  std::int64_t intents = 0;      ///< K
  int history_length = 0;        ///< items of a history that the networks read
  std::filesystem::path folder;  ///< absolute
};

/// A handle: copies share one opened run, which is closed with the last of them and of their conversations.
///
/// Threads: all functions of one Recommender may be called from several threads at once, except assignment to it.
/// Where the run's embedder is a service, each rank() with text asks it, unless its cache has the answer.
class LATENTCRS_EXPORT Recommender {
 public:
  /// Reads the run's settings, interactions, item features, encoder, intent centres and both networks, and for the
  /// offline embedder the training utterances. Takes seconds, most of them for loading LibTorch the first time. Writes
  /// nothing but the cache of a service.
  ///
  /// The first call of a process sets the variables that decide how LibTorch, OpenBLAS and OpenMP compute
  /// (OMP_NUM_THREADS and others, as the run's settings `arithmetic` and `threads` say), so that rankings are those of
  /// `latentcrs evaluate`; no other thread may read or change the environment meanwhile. A program that has loaded
  /// these libraries by itself keeps their way of computing, and scores may then differ by rounding. Warnings go to
  /// standard error.
  ///
  /// Throws Error(data) for a folder that is no run, that lacks a stage ("train has not been run in …") or whose files
  /// do not fit together; Error(config) for settings that this version does not take; Error(remote) is left to rank().
  static Recommender open(const std::filesystem::path& run_folder, const OpenOptions& options = {});

  Recommender(const Recommender&);
  Recommender(Recommender&&) noexcept;
  Recommender& operator=(const Recommender&);
  Recommender& operator=(Recommender&&) noexcept;
  ~Recommender();

  /// The ranking of the evaluation's rows "with text" and "without text" (docs/method.md, section 9). Each request is
  /// scored alone: a run with compat.batch_width_positions or compat.gate_over_batch, whose scores depend on who
  /// shares a batch, was evaluated otherwise. Throws Error(usage) for an id that the dataset does not have, and for
  /// numbers out of range; Error(numeric) for scores that are not finite; Error(remote) for a service that fails.
  Ranking rank(const RankRequest& request) const;

  /// The items that `titles` names, in its order, each once, at most `at_most`: one title, or several in a list, on
  /// lines or with commas between them. Spelling, articles, years and short names may differ from the dataset's;
  /// what names no item is passed over. Only items that can be ranked are found.
  std::vector<ItemDetails> find_items(std::string_view titles, int at_most = 20) const;
  /// Returns nullopt for an id that the dataset does not have.
  std::optional<ItemDetails> item(std::int64_t id) const;
  RunInfo info() const;

  /// A new dialogue. Throws Error(usage) as rank() does, for a shown_items out of range, and for a blank earlier
  /// utterance.
  Conversation converse(const ConversationOptions& options = {}) const;

 private:
  explicit Recommender(std::shared_ptr<const RecommenderService> service);
  std::shared_ptr<const RecommenderService> service_;
};

}  // namespace latentcrs
