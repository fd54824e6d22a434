// Settings of utterances and of their embeddings (config.h).
#pragma once

#include <string>
#include <vector>

#include "base/config/remote_options.h"

namespace latentcrs {

/// Group `simulate`: the user simulator (docs/method.md, section 5).
struct SimulateOptions {
  /// offline (agenda-based, needs no model) or one of kChatProviderNames (provider_names.h): vertex, for example, is
  /// asked directly, several requests at a time, and vertex_batch by batch jobs.
  std::string provider = "offline";
  std::string prompt_template = "prompts/user_simulator.txt";  ///< found like a config file
  int max_facets = 2;  ///< facets of the target named in one utterance, in [1, 2]
  /// Of the offline agenda. plain: one or two sentences that name facts; people: several lines as people talk in
  /// dialogues, with usual words for genres, reactions, and genres that are turned down.
  std::string wording = "plain";
  double likeness_prob = 0.25;     ///< chance of referring to a similar item of the history, in [0, 1]
  double fuzzy_leak_ratio = 0.85;  ///< title similarity above which an utterance counts as leaking, in (0, 1]
  int max_attempts = 5;            ///< utterances tried before a leaking one is kept and flagged
  /// Users who get utterances, drawn at random; training and evaluation are about them alone, the encoder is pretrained
  /// on all. 0: all users.
  int users = 0;
  bool keep_sentences = false;  ///< a reply that the server cut off counts with its whole sentences, if it has any
  /// The stage stops where the share of usable replies among its first 20 is smaller; in [0, 1], 0: it never stops.
  double least_usable = 0.25;
  ChatOptions chat;    ///< of a language model as the user
  BatchOptions batch;  ///< of all batch jobs, those of the evaluation too
};

/// Group `embed`: text to vector (docs/method.md, section 6).
struct EmbedOptions {
  std::string provider = "offline";  ///< offline (hashed n-grams); openai (any server with /v1/embeddings)
  int text_embedding_dim = 512;      ///< D, in [8, 65536]
  int word_ngrams = 2;               ///< longest word n-gram, in [1, 4]
  int char_ngrams = 4;               ///< longest character n-gram, 0 disables; in [0, 8]
  double char_weight = 0.3;          ///< weight of characters relative to words; >= 0
  /// Value of the coordinates of genres that the words name, in usual words for them ("scary", "cartoon"); >= 0, 0: no
  /// genre is looked for.
  double genre_weight = 0;
  bool mark_negation = false;     ///< words that a clause negates ("not horror") become other words
  std::string dtype = "float32";  ///< of the cache: float32 or float16
  bool center = false;            ///< subtract the mean vector of the training utterances from all
  /// Of a remote provider: one for each of datasets.meta_task_keys, in their order; found like config files.
  std::vector<std::string> prompt_templates = {"prompts/embedding.txt"};
  RemoteEmbedOptions remote;
};

}  // namespace latentcrs
