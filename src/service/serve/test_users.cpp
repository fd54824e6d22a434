#include "service/serve/test_users.h"

#include "base/metrics/rank_file.h"
#include "base/util/text.h"
#include "datasets/data/simulated_split.h"
#include "datasets/data/utterances.h"
#include "experiment/stages/em_inputs.h"

namespace latentcrs {

namespace {

namespace fs = std::filesystem;

std::vector<Utterance> test_utterances(const OpenedRun& run) {
  const fs::path file = run.context().folder.utterances("test");
  std::vector<Utterance> utterances;
  if (fs::is_regular_file(file)) utterances = read_utterances(file, Prompts::leave_out);
  return with_missing(std::move(utterances), make_simulated_split(run.inputs().interactions(), "test", run.config()));
}

TestUser user_of(const OpenedRun& run, Utterance&& utterance) {
  const SplitRecord& record = utterance.record;
  const Item* target = run.catalogue().find(record.target);
  return {.id = record.customer_id,
          .shown_id = run.raw_users().shown(record.customer_id),
          .history = {record.history.begin(), record.history.end()},
          .target = record.target,
          .target_title = target == nullptr ? "item " + std::to_string(record.target) : target->title,
          .utterance = std::move(utterance.response),
          .leaks_title = utterance.leaks_title,
          .ranks = {}};
}

}  // namespace

TestUsers::TestUsers(const OpenedRun& run) {
  for (Utterance& utterance : test_utterances(run)) {
    places_.emplace(utterance.record.customer_id, users_.size());
    users_.push_back(user_of(run, std::move(utterance)));
  }
  add_ranks(run);
}

void TestUsers::add_ranks(const OpenedRun& run) {
  const bool masked = run.config().evaluate.seen_items == SeenItems::mask;
  const fs::path file =
      run.context().folder.stage("evaluate") / (masked ? "ranks_test_seen_left_out.tsv" : "ranks_test_seen_kept.tsv");
  if (!fs::is_regular_file(file)) return;
  const RankFile ranks = read_ranks_tsv(file);
  for (size_t i = 0; i < ranks.users.customer_ids.size(); ++i) {
    const auto place = places_.find(ranks.users.customer_ids[i]);
    if (place == places_.end()) continue;  // ranked without being simulated
    for (const RankedRow& row : ranks.rows) users_[place->second].ranks.emplace_back(row.name, row.ranks[i]);
  }
}

const TestUser* TestUsers::find(const std::string& id) const {
  const auto place = places_.find(id);
  return place == places_.end() ? nullptr : &users_[place->second];
}

std::vector<const TestUser*> TestUsers::matching(std::string_view text) const {
  const std::string wanted = lower_case(text);
  std::vector<const TestUser*> found;
  for (const TestUser& user : users_)
    if (user.shown_id.starts_with(text) || lower_case(user.target_title).find(wanted) != std::string::npos)
      found.push_back(&user);
  return found;
}

}  // namespace latentcrs
