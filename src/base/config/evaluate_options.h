// Settings of the evaluation (config.h).
#pragma once

#include <string>
#include <vector>

#include "base/config/remote_options.h"

namespace latentcrs {

enum class SeenItems { keep, mask };

/// The words of a conversation that are embedded: all of the user's, the user's last utterance, or those of both.
enum class ConversationText { user, last, all };

/// The simulator that speaks for the user in dialogues.
struct DialogueSimulatorOptions {
  std::string provider;  ///< as simulate.provider; empty: the same. A direct provider saves a batch job for every turn
};

/// The extractor, which reads from a dialogue what the user wants.
struct DialogueExtractorOptions {
  std::string provider = "offline";                              ///< as simulate.provider; offline: word matching
  std::string prompt_template = "prompts/intent_extractor.txt";  ///< found like a config file
  ChatOptions chat;  ///< settings that are not given have the value of simulate.chat
};

/// A chat model as the recommender: it names titles, which are looked up in the catalogue.
struct ZeroShotOptions {
  std::string provider = "none";  ///< none: not evaluated; otherwise as simulate.provider, without offline
  /// The prompt holds, all: history and utterance; text: the utterance; items: the history.
  std::vector<std::string> inputs = {"all"};
  int titles = 20;            ///< asked for, best first; in [1, 100]
  int users = 500;            ///< test users, drawn as those of the dialogues; 0: all
  double match_ratio = 0.95;  ///< least similarity of a misspelled title to the catalogue's, in (0, 1]
  std::string prompt_template = "prompts/zero_shot.txt";              ///< of `all`
  std::string prompt_template_text = "prompts/zero_shot_text.txt";    ///< of `text`
  std::string prompt_template_items = "prompts/zero_shot_items.txt";  ///< of `items`
  ChatOptions chat;  ///< settings that are not given have the value of simulate.chat
};

/// Group `evaluate` (docs/method.md, section 9).
struct EvaluateOptions {
  /// Whether a user's history stays among the candidates: in dialogues, and in the headline of the one-turn table (the
  /// other one is reported too).
  SeenItems seen_items = SeenItems::keep;
  int max_turns = 5;    ///< in [1, 20]
  int shown_items = 5;  ///< items shown a turn, in [1, 50]
  int candidates = 50;  ///< of the prior's ranking, re-ranked by features; >= shown_items
  bool multi_turn = true;
  /// Also score users with someone else's utterance, and with someone else's history. A score that uses the text (or
  /// the history) falls to the score without it.
  bool controls = true;
  /// One-turn ranks are among the target and so many items drawn for it, which the user never had; 0: all items.
  int sampled_negatives = 0;
  /// A file of people's conversations to evaluate as well (docs/conversations.md); empty: none. Key: `conversations`
  /// too.
  std::string conversations;
  ConversationText conversation_text = ConversationText::user;
  /// Recommenders without a network, in rows of their own: item_cosine, ease (docs/method.md, section 9).
  std::vector<std::string> baselines;
  int item_cosine_neighbours = 0;  ///< of each item that count in item_cosine; 0: all
  double ease_weight = 500;        ///< λ of ease, above 0
  /// Also report coverage, Gini index, popularity, novelty and diversity of the first k items of every row; 0: not.
  int list_metrics_at = 0;
  DialogueSimulatorOptions simulator;
  DialogueExtractorOptions extractor;
  ZeroShotOptions zero_shot;
};

/// The items among which one-turn ranks count, for the titles of tables: "history left out".
inline std::string candidates_text(const EvaluateOptions& options, SeenItems seen) {
  if (options.sampled_negatives > 0)
    return "SAMPLED: ranked among " + std::to_string(options.sampled_negatives) + " drawn items";
  return seen == SeenItems::keep ? "history among the candidates" : "history left out";
}

}  // namespace latentcrs
