#include "language/answers/published_answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "base/util/error.h"
#include "base/util/text.h"
#include "language/answers/listed_titles.h"

namespace latentcrs {

namespace {

/// "general" for general.jsonl.gz.
std::string input_name(const std::filesystem::path& path) {
  std::string name = path.filename().string();
  for (const std::string_view ending : {".gz", ".jsonl"})
    if (name.ends_with(ending)) name.resize(name.size() - ending.size());
  return name;
}

bool contains(const std::vector<int64_t>& ids, int64_t id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

std::string model_name(const std::filesystem::path& path) {
  return std::filesystem::absolute(path).parent_path().filename().string();
}

/// Answers of one file on their way to ranks.
class PublishedRanker {
 public:
  PublishedRanker(std::filesystem::path path, LinkSource source, Conversations& conversations, Findings& findings)
      : path_(std::move(path)), source_(source), conversations_(conversations), findings_(findings) {}

  void add(Answer answer);
  std::vector<TargetRanks> rows();

 private:
  std::vector<LinkedTitle> links(const Answer& answer);
  std::vector<LinkedTitle> published_links(const Answer& answer);
  std::vector<LinkedTitle> own_links(const Answer& answer);
  std::vector<std::string> titles(const Answer& answer);
  std::vector<Label> labels_of(const std::vector<std::string>& texts, const std::string& where, const char* unknown);
  std::vector<Label> labels_of(const std::vector<int64_t>& ids, const std::string& where, const char* unknown);
  void add_rows(int64_t turn, const Answer* answer, std::vector<TargetRanks>& rows);

  std::filesystem::path path_;
  LinkSource source_;
  Conversations& conversations_;
  Findings& findings_;
  std::map<int64_t, Answer> answers_;  ///< by turn
};

constexpr const char* kUnknownTarget = "No entity has this target; it is a miss.";
constexpr const char* kUnknownBefore = "No entity has something that was named before; it filters nothing.";

void PublishedRanker::add(Answer answer) {
  const auto turns = static_cast<int64_t>(conversations_.turns.size());
  if (answer.turn < 0 || (turns > 0 && answer.turn >= turns))
    throw data_error(
        fmt::format("{}: there is no turn {} among the {} of the file of turns; give the file that these "
                    "answers are about with turns=FILE",
                    answer.where, answer.turn, turns));
  if ((turns == 0 || conversations_.labels.empty()) && (!answer.targets || !answer.before))
    throw data_error(fmt::format(
        "{}: it has no gt_list and prev_list; give the files of turns and of entities with turns=FILE entities=FILE",
        answer.where));
  std::string where = answer.where;
  if (!answers_.emplace(answer.turn, std::move(answer)).second)
    findings_.add("The turn has an answer already; this one is left out.", where);
}

std::vector<std::string> PublishedRanker::titles(const Answer& answer) {
  if (answer.titles) return *answer.titles;
  if (answer.text) {
    std::vector<std::string> read = listed_titles(*answer.text);
    const bool differs =
        answer.list && !std::equal(read.begin(), read.end(), answer.list->begin(), answer.list->end(),
                                   [](const auto& title, const auto& listed) { return title == listed.title; });
    if (differs) findings_.add("The titles read from the text are not those of rec_list.", answer.where);
    return read;
  }
  std::vector<std::string> listed;
  if (answer.list)
    for (const PublishedTitle& title : *answer.list) listed.push_back(title.title);
  return listed;
}

std::vector<LinkedTitle> PublishedRanker::own_links(const Answer& answer) {
  std::vector<LinkedTitle> links;
  for (const std::string& title : titles(answer)) {
    const EntityLabels::Nearest& nearest = conversations_.labels.nearest(title);
    links.push_back({nearest.label, static_cast<int64_t>(nearest.distance) <= kVocabularyDistance});
  }
  return links;
}

std::vector<LinkedTitle> PublishedRanker::published_links(const Answer& answer) {
  EntityLabels& labels = conversations_.labels;
  std::vector<LinkedTitle> links;
  if (!answer.list) {
    findings_.add("It has no rec_list, so that it has no published links; its targets are misses.", answer.where);
    return links;
  }
  for (const PublishedTitle& title : *answer.list) {
    if (!labels.empty() && !labels.find(title.label))
      findings_.add("No entity has the label that a title is linked to.", answer.where);
    links.push_back({labels.label(title.label), title.distance <= kVocabularyDistance});
  }
  return links;
}

std::vector<LinkedTitle> PublishedRanker::links(const Answer& answer) {
  const bool is_empty = answer.titles ? answer.titles->empty()
                        : answer.text ? is_blank(*answer.text)
                                      : !answer.list || answer.list->empty();
  if (is_empty) {
    findings_.add("The answer is empty; its targets are misses.", answer.where);
    return {};
  }
  if (answer.text && !answer.titles && !has_numbered_list(*answer.text))
    findings_.add(
        "The answer has no numbered list; each of its lines and of their parts between commas counts as a "
        "title.",
        answer.where);
  if (answer.cut)
    findings_.add("The answer was cut at its length limit; its last title may be incomplete.", answer.where);
  return source_ == LinkSource::own ? own_links(answer) : published_links(answer);
}

std::vector<Label> PublishedRanker::labels_of(const std::vector<std::string>& texts, const std::string& where,
                                              const char* unknown) {
  EntityLabels& labels = conversations_.labels;
  std::vector<Label> found;
  for (const std::string& text : texts) {
    if (!labels.empty() && !labels.find(text)) findings_.add(unknown, where);
    found.push_back(labels.label(text));
  }
  return found;
}

std::vector<Label> PublishedRanker::labels_of(const std::vector<int64_t>& ids, const std::string& where,
                                              const char* unknown) {
  std::vector<Label> found;
  for (const int64_t id : ids) {
    const std::optional<Label> label = conversations_.labels.of_entity(id);
    if (!label) findings_.add(unknown, where);
    found.push_back(label.value_or(kNoLabel));
  }
  return found;
}

/// `answer` may be null if the file of turns is known.
void PublishedRanker::add_rows(int64_t turn, const Answer* answer, std::vector<TargetRanks>& rows) {
  const bool known = !conversations_.turns.empty();
  const AskedTurn* asked = known ? &conversations_.turns[static_cast<size_t>(turn)] : nullptr;
  const std::string where = answer != nullptr ? answer->where : path_.string();
  // Labels stand for entities where these are not known; what an unanswered turn is about then does not matter.
  const bool by_label = asked == nullptr || conversations_.labels.empty();
  if (answer == nullptr && by_label) {
    for (const int64_t target : asked->targets)
      rows.push_back(
          {.turn = turn, .target = target, .discussed = contains(asked->before, target), .dialogue = asked->dialogue});
    return;
  }
  const std::vector<Label> targets =
      by_label ? labels_of(*answer->targets, where, kUnknownTarget) : labels_of(asked->targets, where, kUnknownTarget);
  const std::vector<Label> before =
      by_label ? labels_of(*answer->before, where, kUnknownBefore) : labels_of(asked->before, where, kUnknownBefore);
  if (!by_label && answer != nullptr && answer->targets) {
    std::vector<Label> said;
    for (const std::string& text : *answer->targets) said.push_back(conversations_.labels.label(text));
    if (said != targets) findings_.add("gt_list is not what the file of turns has; that file's targets count.", where);
  }
  const std::vector<LinkedTitle> list = answer != nullptr ? links(*answer) : std::vector<LinkedTitle>{};
  for (size_t i = 0; i < targets.size(); ++i) {
    const bool has_id = asked != nullptr && i < asked->targets.size();
    rows.push_back({.turn = turn,
                    .target = has_id ? asked->targets[i] : conversations_.labels.first_entity(targets[i]),
                    .discussed = targets[i] != kNoLabel && contains(before, targets[i]),
                    .dialogue = asked != nullptr ? asked->dialogue : std::string(),
                    .ranks = ranks_in_answer(list, targets[i], before)});
  }
}

std::vector<TargetRanks> PublishedRanker::rows() {
  std::vector<TargetRanks> rows;
  if (conversations_.turns.empty()) {
    const int64_t asked = answers_.empty() ? 0 : answers_.rbegin()->first + 1;
    if (const int64_t missing = asked - static_cast<int64_t>(answers_.size()); missing > 0)
      findings_.add(fmt::format("{} turns before the last one have no answer; their targets are unknown without "
                                "turns=FILE and do not count.",
                                missing),
                    path_.string());
    for (const auto& [turn, answer] : answers_) add_rows(turn, &answer, rows);
    return rows;
  }
  for (int64_t turn = 0; turn < static_cast<int64_t>(conversations_.turns.size()); ++turn) {
    const auto answer = answers_.find(turn);
    if (answer == answers_.end())
      findings_.add("The turn has no answer; its targets are misses.",
                    fmt::format("{}, turn {}", path_.string(), turn));
    add_rows(turn, answer == answers_.end() ? nullptr : &answer->second, rows);
  }
  return rows;
}

}  // namespace

RankedAnswers rank_published_answers(const std::filesystem::path& path, LinkSource source, Conversations& conversations,
                                     Findings& findings) {
  if (source == LinkSource::own && conversations.labels.empty())
    throw data_error(fmt::format("{}: its titles cannot be linked without the entities; give entities=entity2id.json",
                                 path.string()));
  PublishedRanker ranker(path, source, conversations, findings);
  for_each_json_line(path, [&ranker](const nlohmann::json& object, const std::string& where) {
    ranker.add(parse_answer(object, where));
  });
  return {.model = model_name(path),
          .input = input_name(path),
          .links = source == LinkSource::own ? "own" : "published",
          .rows = ranker.rows()};
}

bool has_published_links(const std::filesystem::path& path) {
  bool has = false;
  for_each_json_line(path, [&has](const nlohmann::json& object, const std::string&) {
    has = has || (object.contains("rec_list") && !object.at("rec_list").empty());
  });
  return has;
}

}  // namespace latentcrs
