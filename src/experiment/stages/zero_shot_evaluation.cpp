#include "experiment/stages/zero_shot_evaluation.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/util/files.h"
#include "base/util/log.h"
#include "experiment/stages/providers.h"
#include "language/dialogue/zero_shot.h"
#include "language/text/cut_list.h"
#include "language/text/title_list.h"

namespace latentcrs {

namespace {

using nlohmann::json;

bool needs_utterance(const std::string& input) { return input != "items"; }

std::string history_text(const SplitRecord& record, const ItemCatalogue& catalogue) {
  std::string text;
  for (const int32_t item : record.history) text += (text.empty() ? "" : "; ") + catalogue.at(item).title;
  return text;
}

constexpr std::string_view kNoTitles = "no titles in the reply";

struct Naming {
  std::vector<std::string> titles = {};
  std::string problem = {};  ///< why there are none
  bool cut = false;          ///< the reply broke off; the titles before that count
};

/// For each user; there are no titles where nothing can be asked, or without a usable reply.
Answers<Naming> ask(const StageContext& context, const ItemCatalogue& catalogue, const TitleIndex& index, Chat& chat,
                    const std::string& input, const std::vector<Utterance>& users) {
  std::vector<Utterance> asked;
  std::vector<size_t> who;
  for (size_t i = 0; i < users.size(); ++i) {
    if (needs_utterance(input) && users[i].response.empty()) continue;
    asked.push_back(users[i]);
    who.push_back(i);
  }
  const auto answered = chat.complete(zero_shot_requests(context, catalogue, input, asked));
  if (!answered.complete()) return Answers<Naming>::still_to_come(answered.to_come);
  std::vector<ChatOutcome> outcomes = answered.all;
  std::vector<Naming> namings(users.size(), {.problem = "no utterance"});
  const auto most = static_cast<size_t>(context.config.evaluate.zero_shot.titles);
  const TitleTest is_title = [&](std::string_view text) { return index.find(text).has_value(); };
  for (size_t k = 0; k < who.size(); ++k) {
    ChatOutcome& outcome = outcomes[k];
    Naming& naming = namings[who[k]];
    if (outcome.kind == ChatOutcome::Kind::text) {
      naming = {.titles = read_title_list(outcome.text, most, is_title)};
      if (naming.titles.empty()) naming.problem = kNoTitles;
      continue;
    }
    naming.problem = fmt::format("{} ({})", to_string(outcome.kind), outcome.reason);
    if (outcome.kind != ChatOutcome::Kind::truncated) continue;
    std::vector<std::string> titles = read_title_list(whole_entries(outcome.text), most, is_title);
    if (titles.empty()) continue;
    naming = {.titles = std::move(titles), .cut = true};
    outcome.kind = ChatOutcome::Kind::text;  // it is no failure
  }
  if (const std::string failures = summarise_failures(outcomes); !failures.empty())
    log::warn("zero shot, {}: {}; these users are misses", input, failures);
  if (const auto cut = std::count_if(namings.begin(), namings.end(), [](const Naming& one) { return one.cut; });
      cut > 0)
    log::warn("zero shot, {}: {} replies were cut at their length limit; the whole titles before the cut count", input,
              cut);
  return namings;
}

/// Who was asked with one input, and what was answered.
struct Asked {
  const std::string& input;
  const std::vector<Utterance>& users;
  std::vector<Naming> namings;
};

/// The three rows of one input.
std::vector<RankedRow> score(const StageContext& context, const EmInputs& inputs, const TitleIndex& index,
                             const Asked& asked) {
  const auto& [input, users, namings] = asked;
  const std::string name = "zero shot, " + input;
  std::vector<RankedRow> rows = {{name, {}}, {name + ", in catalogue", {}}, {name + ", in catalogue, unseen", {}}};
  const std::filesystem::path path = context.folder.stage("evaluate") / fmt::format("zero_shot_{}.jsonl", input);
  AtomicFile file(path);
  size_t named = 0, matched = 0, without_match = 0, empty = 0;
  for (size_t i = 0; i < users.size(); ++i) {
    std::vector<std::optional<int64_t>> items;
    json ids = json::array();
    for (const std::string& title : namings[i].titles) {
      items.push_back(index.find(title));
      ids.push_back(items.back() ? json(*items.back()) : json());
    }
    const auto found = static_cast<size_t>(std::count_if(items.begin(), items.end(), [](auto item) { return item; }));
    named += items.size();
    matched += found;
    without_match += !items.empty() && found == 0 ? 1 : 0;
    empty += namings[i].problem == kNoTitles ? 1 : 0;
    const SplitRecord& record = users[i].record;
    const ZeroShotRanks ranks = zero_shot_ranks(items, record.target, inputs.before_target(record));
    rows[0].ranks.push_back(ranks.named);
    rows[1].ranks.push_back(ranks.catalogued);
    rows[2].ranks.push_back(ranks.unseen);
    json line = {
        {"customer_id", record.customer_id}, {"target", record.target}, {"titles", namings[i].titles}, {"items", ids}};
    line["seen"] = inputs.before_target(record);
    if (!namings[i].problem.empty()) line["problem"] = namings[i].problem;
    if (namings[i].cut) line["cut"] = true;
    file.stream() << line.dump(-1, ' ', false, json::error_handler_t::replace) << '\n';
  }
  file.commit();
  log::info("zero shot, {}: {} users, {} titles, {} of them in the catalogue", input, users.size(), named, matched);
  if (without_match + empty > 0)
    log::warn("zero shot, {}: in {} replies no title was found, and in {} more no title is in the catalogue; see {}",
              input, empty, without_match, path.string());
  return rows;
}

/// The rows for `users`, who are among `customer_ids`, in their order.
std::vector<RankedRow> of_users(const std::vector<RankedRow>& rows, const std::vector<std::string>& customer_ids,
                                const std::vector<Utterance>& users) {
  std::unordered_map<std::string, size_t> place;
  for (size_t i = 0; i < customer_ids.size(); ++i) place[customer_ids[i]] = i;
  std::vector<RankedRow> chosen;
  for (const RankedRow& row : rows) {
    chosen.push_back({row.name, {}});
    for (const Utterance& user : users) chosen.back().ranks.push_back(row.ranks[place.at(user.record.customer_id)]);
  }
  return chosen;
}

}  // namespace

std::vector<size_t> zero_shot_sample(const Config& config, size_t count) {
  const int users = config.evaluate.zero_shot.users;
  std::vector<size_t> indices(count);
  std::iota(indices.begin(), indices.end(), size_t{0});
  if (users == 0) return indices;
  indices.clear();
  for (const int64_t i : multi_turn_sample(static_cast<int64_t>(count), users, config.datasets.multi_turn_seed))
    indices.push_back(static_cast<size_t>(i));
  return indices;
}

std::vector<ChatRequest> zero_shot_requests(const StageContext& context, const ItemCatalogue& catalogue,
                                            const std::string& input, const std::vector<Utterance>& users) {
  const ZeroShotOptions& options = context.config.evaluate.zero_shot;
  const PromptTemplate prompt =
      PromptTemplate::load(context.prompt_template(zero_shot_template(options, input)), zero_shot_fields(input));
  std::vector<ChatRequest> requests;
  for (const Utterance& user : users)
    requests.push_back(
        {.messages = {{ChatMessage::Role::user, prompt.render({{"item_noun", context.config.datasets.item_noun},
                                                               {"count", std::to_string(options.titles)},
                                                               {"history", history_text(user.record, catalogue)},
                                                               {"utterance", user.response}})}}});
  return requests;
}

Answers<Table> evaluate_zero_shot(const StageContext& context, const EmInputs& inputs, ZeroShotUsers asked,
                                  ItemCounts counts) {
  const ZeroShotOptions& options = context.config.evaluate.zero_shot;
  const ItemCatalogue catalogue = read_item_catalogue(context.folder.features(), context.config.datasets);
  const TitleIndex index(catalogue, options.match_ratio, std::move(counts));
  const auto chat = make_provider_chat(context, options.provider, options.chat,
                                       context.detach ? Waiting::not_at_all : Waiting::until_ended);
  const std::unordered_set<std::string> ranked(asked.customer_ids.begin(), asked.customer_ids.end());
  std::erase_if(asked.test, [&](const Utterance& user) { return !ranked.contains(user.record.customer_id); });
  std::vector<Utterance> users;
  for (const size_t i : zero_shot_sample(context.config, asked.test.size())) users.push_back(std::move(asked.test[i]));

  std::vector<RankedRow> rows;
  for (const std::string& input : options.inputs) {
    Answers<Naming> namings = ask(context, catalogue, index, *chat, input, users);
    if (!namings.complete()) return Answers<Table>::still_to_come(namings.to_come);
    for (RankedRow& row : score(context, inputs, index, {input, users, std::move(namings.all)}))
      rows.push_back(std::move(row));
  }
  for (RankedRow& row : of_users(asked.trained, asked.customer_ids, users)) rows.push_back(std::move(row));
  write_file_atomically(context.folder.stage("evaluate") / "zero_shot.json", to_json(rows).dump(2) + "\n");
  return std::vector{one_turn_table(
      fmt::format("Zero shot, test, {} users, {} titles each", users.size(), options.titles), rows, kOneTurnCutoffs)};
}

}  // namespace latentcrs
