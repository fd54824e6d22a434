// From a file of answers to ranks, by the rules of the published evaluation (docs/score.md).
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/util/findings.h"
#include "language/answers/answer_lines.h"
#include "language/answers/answer_ranks.h"
#include "language/answers/entity_labels.h"

namespace latentcrs {

enum class LinkSource {
  published,  ///< rec_list, as the file has it
  own,        ///< titles read from the text and linked to the nearest label of an entity
};

/// The conversations that answers are about.
struct Conversations {
  EntityLabels labels;           ///< may be empty: then there are no own links
  std::vector<AskedTurn> turns;  ///< may be empty: then targets are those of the answers, and dialogues are unknown
};

/// The largest edit distance at which a title counts as in the vocabulary.
inline constexpr int64_t kVocabularyDistance = 2;

/// The answers of one file, with one row for each target of each turn, in the order of turns. A turn without an answer,
/// or whose answer names nothing, is a miss under every result. What is odd goes to `findings`. The names of model and
/// input are those of the folder and the file. Throws Error(data) for a malformed line, for a turn beyond the file of
/// turns, and for own links without entities.
RankedAnswers rank_published_answers(const std::filesystem::path& path, LinkSource source, Conversations& conversations,
                                     Findings& findings);

/// Whether a file of answers has published links.
bool has_published_links(const std::filesystem::path& path);

}  // namespace latentcrs
