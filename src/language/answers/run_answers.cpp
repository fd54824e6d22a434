#include "language/answers/run_answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_map>
#include <utility>

#include "base/metrics/rank_file.h"
#include "base/util/error.h"
#include "base/util/files.h"
#include "base/util/text.h"
#include "language/answers/answer_lines.h"

namespace latentcrs {

namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "zero_shot_", kEnding = ".jsonl";

TargetRanks zero_shot_row(const json& user, const std::string& where, Findings& findings) {
  const auto target = user.at("target").get<int64_t>();
  std::vector<LinkedTitle> list;
  for (const json& item : user.at("items"))
    list.push_back(item.is_null() ? LinkedTitle{} : LinkedTitle{item.get<int64_t>(), true});
  std::vector<Label> seen;
  if (user.contains("seen"))
    seen = user.at("seen").get<std::vector<Label>>();
  else
    findings.add("It does not say what the user had before, so r2 and r4 leave nothing out; run evaluate again.",
                 where);
  if (user.value("cut", false))
    findings.add("The reply was cut at its length limit; the whole titles before the cut count.", where);
  if (user.contains("problem"))
    findings.add(fmt::format("There is no list ({}); it is a miss.", user.at("problem").get<std::string>()), where);
  return {.target = target,
          .discussed = std::find(seen.begin(), seen.end(), target) != seen.end(),
          .dialogue = user.at("customer_id").get<std::string>(),
          .ranks = ranks_in_answer(list, target, seen)};
}

bool first_line_has(const fs::path& path, const char* one, const char* other) {
  LineReader reader(path);
  std::string_view line;
  while (reader.next(line))
    if (!is_blank(line)) break;
  const json object = json::parse(line, nullptr, false);
  return object.is_object() && object.contains(one) && object.contains(other);
}

std::string zero_shot_input(const fs::path& path) {
  std::string name = path.filename().string();
  if (name.starts_with(kPrefix)) name.erase(0, kPrefix.size());
  if (name.ends_with(kEnding)) name.resize(name.size() - kEnding.size());
  return name;
}

/// The two files of ranks that an evaluation of the test users writes.
struct RunRanks {
  RankFile kept, left_out;
  std::unordered_map<std::string, size_t> place;  ///< of a user in both

  explicit RunRanks(const fs::path& evaluate)
      : kept(read_ranks_tsv(evaluate / "ranks_test_seen_kept.tsv")),
        left_out(read_ranks_tsv(evaluate / "ranks_test_seen_left_out.tsv")) {
    if (kept.users.customer_ids != left_out.users.customer_ids)
      throw data_error(
          fmt::format("{}: the two files of test ranks have different users; run evaluate again", evaluate.string()));
    for (size_t i = 0; i < kept.users.customer_ids.size(); ++i) place[kept.users.customer_ids[i]] = i;
  }
};

/// The run's own rankings for the users of `asked`.
std::vector<RankedAnswers> own_rankings(const RunRanks& ranks, const RankedAnswers& asked, const std::string& run) {
  std::vector<RankedAnswers> all;
  for (const RankedRow& kept : ranks.kept.rows) {
    const RankedRow* left_out = ranks.left_out.find(kept.name);
    if (left_out == nullptr) continue;
    RankedAnswers own{.model = run + ", " + kept.name, .input = asked.input, .links = {}, .rows = asked.rows};
    for (TargetRanks& row : own.rows) {
      const auto user = ranks.place.find(row.dialogue);
      if (user == ranks.place.end())
        throw data_error(fmt::format("user {} was asked about but not ranked; run evaluate again", row.dialogue));
      const Rank with = kept.ranks[user->second], without = left_out->ranks[user->second];
      row.ranks = {with, without, with, without};
    }
    all.push_back(std::move(own));
  }
  return all;
}

}  // namespace

RankedAnswers rank_zero_shot_answers(const fs::path& path, const std::string& model, Findings& findings) {
  RankedAnswers answers{.model = model, .input = zero_shot_input(path), .links = "catalogue", .rows = {}};
  for_each_json_line(path, [&](const json& user, const std::string& where) {
    TargetRanks row = zero_shot_row(user, where, findings);
    row.turn = static_cast<int64_t>(answers.rows.size());
    answers.rows.push_back(std::move(row));
  });
  if (answers.rows.empty()) throw data_error(path.string() + ": there are no answers in it");
  return answers;
}

bool is_zero_shot_file(const fs::path& path) { return first_line_has(path, "customer_id", "items"); }

bool is_conversations_file(const fs::path& path) { return first_line_has(path, "dialogue", "ranks"); }

std::vector<RankedAnswers> rank_conversation_rows(const fs::path& path, const std::string& run) {
  std::vector<RankedAnswers> all;
  int64_t turn = 0;
  for_each_json_line(path, [&](const json& line, const std::string& where) {
    const json& ranks = line.at("ranks");
    if (all.empty())
      for (const auto& [score, rank] : ranks.items())
        all.push_back({.model = fmt::format("{}, {}", run, score), .input = "conversations", .links = {}, .rows = {}});
    if (ranks.size() != all.size())
      throw data_error(fmt::format("{}: it has {} ranks, but the first line has {}", where, ranks.size(), all.size()));
    size_t score = 0;
    for (const auto& [name, value] : ranks.items()) {
      RankedAnswers& own = all[score++];
      if (own.model != fmt::format("{}, {}", run, name))
        throw data_error(fmt::format("{}: it has a rank by {}, which the first line lacks", where, name));
      const auto rank = value.get<Rank>();
      own.rows.push_back({.turn = turn,
                          .target = line.at("target").at("item").get<int64_t>(),
                          .discussed = line.at("condition") == "discussion",
                          .dialogue = line.at("dialogue").get<std::string>(),
                          .ranks = {rank, rank, rank, rank}});
    }
    ++turn;
  });
  return all;
}

std::vector<RankedAnswers> rank_run_answers(const fs::path& evaluate, const std::string& run, Findings& findings) {
  std::vector<fs::path> files;
  if (fs::is_directory(evaluate))
    for (const fs::directory_entry& entry : fs::directory_iterator(evaluate)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with(kPrefix) && name.ends_with(kEnding)) files.push_back(entry.path());
    }
  std::sort(files.begin(), files.end());
  const fs::path conversations = evaluate / "conversations.jsonl";
  std::vector<RankedAnswers> all;
  if (fs::is_regular_file(conversations)) all = rank_conversation_rows(conversations, run);
  if (files.empty() && all.empty())
    throw data_error(
        fmt::format("{} has no zero-shot answers and no rankings after conversations: evaluate with "
                    "evaluate.zero_shot.provider or with conversations=FILE",
                    evaluate.string()));
  if (files.empty()) return all;
  const RunRanks ranks(evaluate);
  for (const fs::path& file : files) {
    all.push_back(rank_zero_shot_answers(file, run + ", zero shot", findings));
    const RankedAnswers asked = all.back();
    for (RankedAnswers& own : own_rankings(ranks, asked, run)) all.push_back(std::move(own));
  }
  return all;
}

}  // namespace latentcrs
