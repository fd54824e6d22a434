#include "experiment/stages/mentions.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/config/conditions.h"
#include "base/util/error.h"
#include "base/util/log.h"
#include "language/text/words.h"

namespace latentcrs {

namespace {

constexpr size_t kLongWords = 5;    // an utterance of so many words is hardly said twice by chance,
constexpr int64_t kSharedLong = 2;  // and two of them make a dialogue the same

/// The words of an utterance, joined; empty for a short one.
std::string long_utterance(const std::string& text) {
  const std::vector<Word> words = split_words(text);
  std::string joined;
  if (words.size() < kLongWords) return joined;
  for (const Word& word : words) joined += word.text + ' ';
  return joined;
}

/// A dialogue of several conversations, each up to another point.
struct Dialogue {
  std::set<std::string> long_utterances;
  std::set<int32_t> items;
};
using Dialogues = std::map<std::string, Dialogue>;

Dialogues dialogues_of(const std::vector<ConversationPoint>& conversations) {
  Dialogues dialogues;
  for (const ConversationPoint& conversation : conversations) {
    std::set<std::string>& said = dialogues[conversation.dialogue].long_utterances;
    for (const SpokenLine& line : conversation.utterances)
      if (std::string words = long_utterance(line.text); !words.empty()) said.insert(std::move(words));
  }
  return dialogues;
}

/// Tells which dialogues may stand among the evaluated ones.
class EvaluatedDialogues {
 public:
  explicit EvaluatedDialogues(const std::vector<ConversationPoint>& conversations)
      : dialogues_(dialogues_of(conversations)) {
    for (const auto& [id, dialogue] : dialogues_)
      for (const std::string& said : dialogue.long_utterances) where_said_[said].push_back(&dialogue);
  }

  /// Also where it has no long utterance to be told by.
  bool may_have(const Dialogue& other) const {
    if (other.long_utterances.empty()) return !dialogues_.empty();
    const int64_t enough = std::min(kSharedLong, static_cast<int64_t>(other.long_utterances.size()));
    std::unordered_map<const Dialogue*, int64_t> shared;
    for (const std::string& said : other.long_utterances) {
      const auto found = where_said_.find(said);
      if (found == where_said_.end()) continue;
      for (const Dialogue* dialogue : found->second)
        if (++shared[dialogue] >= enough) return true;
    }
    return false;
  }

 private:
  Dialogues dialogues_;
  std::unordered_map<std::string, std::vector<const Dialogue*>> where_said_;
};

}  // namespace

MentionCounts count_mentions(const std::vector<ConversationPoint>& of_others, const ConversationCatalogue& to,
                             const std::vector<ConversationPoint>& evaluated, ConversationFaults& left_out) {
  Dialogues dialogues = dialogues_of(of_others);
  const std::vector<std::vector<int32_t>> items = mentioned_items(of_others, to, left_out);
  for (size_t i = 0; i < of_others.size(); ++i)
    dialogues[of_others[i].dialogue].items.insert(items[i].begin(), items[i].end());
  const EvaluatedDialogues known(evaluated);
  MentionCounts counts{.dialogues = std::vector<int64_t>(static_cast<size_t>(to.items.size()), 0)};
  for (const auto& [id, dialogue] : dialogues) {
    if (known.may_have(dialogue)) {
      ++counts.left_out;
      continue;
    }
    ++counts.counted;
    for (const int32_t item : dialogue.items) ++counts.dialogues[static_cast<size_t>(item)];
  }
  return counts;
}

std::vector<std::filesystem::path> mention_files(const StageContext& context) {
  std::vector<std::filesystem::path> files;
  if (!counts_mentions(context.config)) return files;
  for (const std::string& file : context.config.em.mentions) files.push_back(context.input("mentions", file));
  return files;
}

at::Tensor mention_scores(const StageContext& context, const ConversationCatalogue& to, MentionNotes notes,
                          const std::vector<ConversationPoint>& evaluated) {
  std::vector<ConversationPoint> of_others;
  ConversationFaults left_out;
  for (const std::filesystem::path& file : mention_files(context))
    for (ConversationPoint& conversation : read_conversations(file, left_out)) {
      conversation.dialogue = file.string() + ' ' + conversation.dialogue;
      of_others.push_back(std::move(conversation));
    }
  if (of_others.empty()) return {};
  const MentionCounts counts = count_mentions(of_others, to, evaluated, left_out);
  if (notes == MentionNotes::said) left_out.warn();
  const auto mentioned =
      std::count_if(counts.dialogues.begin(), counts.dialogues.end(), [](int64_t n) { return n > 0; });
  const std::string also =
      counts.left_out == 0
          ? std::string()
          : fmt::format("; {} others stand in evaluate.conversations too, and do not count", counts.left_out);
  if (mentioned == 0)
    throw data_error(
        fmt::format("mentions: none of {} dialogues mentions an item of the dataset{}", counts.counted, also));
  if (notes == MentionNotes::said)
    log::info("mentions: {} dialogues mention {} items{}", counts.counted, mentioned, also);
  std::vector<float> scores;
  for (const int64_t n : counts.dialogues)
    scores.push_back(static_cast<float>(context.config.em.mention_weight * std::log1p(static_cast<double>(n))));
  return at::tensor(scores);
}

}  // namespace latentcrs
