#include "language/answers/score_answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/util/error.h"
#include "base/util/files.h"
#include "base/util/text.h"
#include "language/answers/answer_lines.h"
#include "language/answers/published_answers.h"
#include "language/answers/rank_rows.h"
#include "language/answers/run_answers.h"

namespace latentcrs {

namespace {

namespace fs = std::filesystem;

/// The file `name`, or `name`.gz, in the folder of `path` or in one of the three above it.
std::optional<fs::path> find_beside(const fs::path& path, const std::string& name) {
  constexpr int levels = 4;
  fs::path folder = fs::absolute(path).lexically_normal().parent_path();
  for (int level = 0; level < levels; ++level, folder = folder.parent_path())
    for (const std::string& file : {name, name + ".gz"})
      if (fs::is_regular_file(folder / file)) return (folder / file).lexically_proximate(fs::current_path());
  return std::nullopt;
}

/// The files that `given` stands for.
std::vector<fs::path> files_of(const fs::path& given) {
  if (!fs::is_directory(given)) return {given};
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(given)) {
    const std::string name = entry.path().filename().string();
    if (entry.is_regular_file() && (name.ends_with(".jsonl") || name.ends_with(".jsonl.gz")))
      files.push_back(entry.path());
  }
  if (files.empty()) throw data_error(fmt::format("{}: no .jsonl or .jsonl.gz file lies below it", given.string()));
  std::sort(files.begin(), files.end());
  return files;
}

enum class AnswerFileKind { answers, ranks };

AnswerFileKind kind_of(const fs::path& path) {
  LineReader reader(path);
  std::string_view line;
  while (reader.next(line))
    if (!is_blank(line)) break;
  if (line.starts_with("{")) return AnswerFileKind::answers;
  if (line.starts_with("model\t")) return AnswerFileKind::ranks;
  throw data_error(
      fmt::format("{}: neither answers as JSON lines nor a table of ranks that begins with the column "
                  "model",
                  path.string()));
}

/// The targets that count: turn and entity, with the items of the history.
using Counted = std::map<std::pair<int64_t, int64_t>, int64_t>;

Counted read_counted(const fs::path& path) {
  Counted counted;
  for_each_json_line(path, [&counted](const nlohmann::json& line, const std::string&) {
    const auto history = line.contains("history") ? static_cast<int64_t>(line.at("history").size()) : 0;
    counted[{line.at("turn").get<int64_t>(), line.at("entity").get<int64_t>()}] = history;
  });
  return counted;
}

class Scorer {
 public:
  explicit Scorer(const ScoreRequest& request) : request_(request) {}
  ScoreReport score();

 private:
  void add_file(const fs::path& path);
  void add_published(const fs::path& path);
  Conversations& conversations_of(const fs::path& path);
  void count_only(const fs::path& among);

  const ScoreRequest& request_;
  Findings findings_;
  std::map<std::pair<fs::path, fs::path>, Conversations> conversations_;  ///< by the files of turns and entities
  ScoreReport report_;
};

/// The conversations that the answers in `path` are about, which other files share.
Conversations& Scorer::conversations_of(const fs::path& path) {
  const auto turns = request_.turns ? request_.turns : find_beside(path, "test.jsonl");
  const auto entities = request_.entities ? request_.entities : find_beside(path, "entity2id.json");
  const auto [place, is_new] = conversations_.try_emplace({turns.value_or(""), entities.value_or("")});
  if (!is_new) return place->second;
  if (turns) place->second.turns = read_asked_turns(*turns);
  if (entities) place->second.labels = EntityLabels(*entities);
  report_.notes.push_back(turns
                              ? fmt::format("The turns are those of {}.", turns->string())
                              : "No file of turns was found (test.jsonl; turns=FILE), so that dialogues are unknown.");
  if (entities) report_.notes.push_back(fmt::format("The entities are those of {}.", entities->string()));
  return place->second;
}

void Scorer::add_published(const fs::path& path) {
  Conversations& conversations = conversations_of(path);
  const bool has = has_published_links(path);
  if (request_.links == LinkChoice::published && !has)
    throw data_error(path.string() + ": it has no published links (rec_list); give --links own");
  if (has && request_.links != LinkChoice::own)
    report_.answers.push_back(rank_published_answers(path, LinkSource::published, conversations, findings_));
  if (!has || request_.links == LinkChoice::own || request_.links == LinkChoice::both) {
    Findings again;  // what the published links have found already
    report_.answers.push_back(rank_published_answers(path, LinkSource::own, conversations,
                                                     has && request_.links == LinkChoice::both ? again : findings_));
  }
}

void Scorer::add_file(const fs::path& path) {
  if (kind_of(path) == AnswerFileKind::ranks) {
    for (RankedAnswers& answers : read_rank_rows(path, conversations_of(path).turns))
      report_.answers.push_back(std::move(answers));
  } else if (is_zero_shot_file(path)) {
    report_.answers.push_back(rank_zero_shot_answers(path, "zero shot", findings_));
  } else if (is_conversations_file(path)) {
    for (RankedAnswers& answers : rank_conversation_rows(path, "ours")) report_.answers.push_back(std::move(answers));
  } else {
    add_published(path);
  }
}

void Scorer::count_only(const fs::path& among) {
  const Counted counted = read_counted(among);
  const auto wanted = std::count_if(counted.begin(), counted.end(),
                                    [this](const auto& one) { return one.second >= request_.min_history; });
  for (RankedAnswers& answers : report_.answers) {
    std::erase_if(answers.rows, [&](const TargetRanks& row) {
      const auto found = counted.find({row.turn, row.target});
      return found == counted.end() || found->second < request_.min_history;
    });
    if (const auto missing = wanted - static_cast<int64_t>(answers.rows.size()); missing != 0)
      findings_.add(fmt::format("{} of its {} targets are not among the answers of {}, {}; they do not count.", missing,
                                wanted, answers.model, answers.input),
                    among.string());
  }
  report_.notes.push_back(fmt::format(
      "Only the {} targets of {}{} count.", wanted, among.string(),
      request_.min_history > 0 ? fmt::format(" with {} or more items in the history", request_.min_history) : ""));
}

ScoreReport Scorer::score() {
  for (const fs::path& given : request_.answers)
    for (const fs::path& file : files_of(given)) add_file(file);
  if (request_.among) count_only(*request_.among);
  if (request_.run)
    for (RankedAnswers& answers : rank_run_answers(request_.run->evaluate, request_.run->name, findings_))
      report_.answers.push_back(std::move(answers));
  for (std::string& line : findings_.lines()) report_.notes.push_back(std::move(line));
  return std::move(report_);
}

}  // namespace

ScoreReport score_answers(const ScoreRequest& request) { return Scorer(request).score(); }

}  // namespace latentcrs
