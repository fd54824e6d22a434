#include "service/api/recommendations.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <unordered_map>
#include <utility>

#include "base/util/error.h"
#include "base/util/files.h"
#include "base/util/findings.h"
#include "base/util/text.h"
#include "base/util/utf8.h"
#include "datasets/data/splits.h"
#include "datasets/data/tsv.h"
#include "datasets/data/utterances.h"
#include "numerics/tensor/tensor_file.h"
#include "service/api/batch_ranking.h"
#include "service/api/opened_run.h"

namespace latentcrs {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;
/// The dense id of an item that is named by its id in the raw files or its title; nullopt if there is none.
std::optional<int32_t> item_named(const OpenedRun& run, std::string_view name) {
  name = trimmed(name);
  auto id = run.raw_items().id(name);
  if (!id || !run.has_item(*id)) id = run.titles().find(name);
  if (!id || !run.has_item(*id)) return std::nullopt;
  return run.items().dense_from_raw[static_cast<size_t>(*id)];
}

RankedItem ranked_item(const OpenedRun& run, const ScoredRow& row) {
  const int64_t id = run.items().raw_from_dense[static_cast<size_t>(row.row)];
  const Item* item = run.catalogue().find(id);
  return {id, item == nullptr ? "item " + run.raw_items().raw(id) : item->title, row.score};
}

/// Users with their ids.
struct AskedUsers {
  std::vector<std::string> ids;
  std::vector<UserQuery> queries;
};

class Asker {
 public:
  Asker(const OpenedRun& run, const RecommendOptions& options, Findings& findings)
      : run_(run), options_(options), findings_(findings) {}

  AskedUsers users() const { return options_.histories.empty() ? users_of_data() : users_of_file(); }
  std::vector<int32_t> chosen_items() const;

 private:
  std::vector<std::string> wanted_ids() const;
  AskedUsers users_of_data() const;
  AskedUsers users_of_file() const;
  std::vector<int32_t> history_of(int64_t row) const;
  std::unordered_map<int64_t, std::string> utterances() const;
  UserQuery query_of(const json& line, const std::string& where) const;

  const OpenedRun& run_;
  const RecommendOptions& options_;
  Findings& findings_;
};

/// Dense ids of what the user had at the moment.
std::vector<int32_t> Asker::history_of(int64_t row) const {
  std::vector<int32_t> dense;
  for (const int32_t item : items_as_of(run_.inputs().interactions(), row, options_.moment))
    dense.push_back(run_.items().dense_from_raw[static_cast<size_t>(item)]);
  return dense;
}

/// What the simulated users said, by user.
std::unordered_map<int64_t, std::string> Asker::utterances() const {
  std::unordered_map<int64_t, std::string> said;
  if (!options_.with_utterances) return said;
  if (options_.moment == Moment::now)
    throw usage_error("--utterances needs --as-of test or valid: nobody has said anything after all of their items");
  const std::string split = options_.moment == Moment::test ? "test" : "valid";
  for (Utterance& utterance : read_utterances(run_.context().folder.utterances(split), Prompts::leave_out))
    said[utterance.record.user] = std::move(utterance.response);
  return said;
}

std::vector<std::string> Asker::wanted_ids() const {
  std::vector<std::string> ids = options_.users;
  if (options_.users_file.empty()) return ids;
  LineReader reader(options_.users_file);
  for (std::string_view line; reader.next(line);)
    if (!is_blank(line)) ids.emplace_back(trimmed(line));
  if (ids.empty()) throw data_error(options_.users_file.string() + ": it names no user");
  return ids;
}

AskedUsers Asker::users_of_data() const {
  const Interactions& data = run_.inputs().interactions();
  const std::vector<std::string> wanted = wanted_ids();
  std::vector<int64_t> rows;
  std::unordered_map<int64_t, int64_t> row_of;
  for (int64_t row = 0; row < data.num_users(); ++row) {
    row_of.emplace(data.user_ids[static_cast<size_t>(row)], row);
    if (wanted.empty()) rows.push_back(row);
  }
  for (const std::string& id : wanted) {
    const auto number = run_.raw_users().id(id);
    const auto found = number ? row_of.find(*number) : row_of.end();
    if (found == row_of.end())
      throw usage_error(fmt::format("the dataset {} has no user {}", run_.config().datasets.dataset_name, id));
    rows.push_back(found->second);
  }
  const auto said = utterances();
  AskedUsers users;
  for (const int64_t row : rows) {
    const int64_t id = data.user_ids[static_cast<size_t>(row)];
    const auto words = said.find(id);
    const bool silent = words == said.end() || is_blank(words->second);
    if (options_.with_utterances && silent)
      findings_.add("The user has no utterance and is ranked without text.", "user " + run_.raw_users().raw(id));
    users.ids.push_back(run_.raw_users().raw(id));
    users.queries.push_back({history_of(row), silent ? std::string() : words->second});
  }
  return users;
}

UserQuery Asker::query_of(const json& line, const std::string& where) const {
  UserQuery query{.history = {}, .utterance = line.value("utterance", std::string())};
  if (!is_utf8(query.utterance)) throw data_error(where + ": the utterance is not UTF-8");
  const auto history = line.value("history", json::array()).get<std::vector<json>>();  // throws for another type
  for (const json& entry : history) {
    const std::string name = entry.is_string() ? entry.get<std::string>() : entry.dump();
    if (const auto item = item_named(run_, name))
      query.history.push_back(*item);
    else
      findings_.add("An item of the history is not in the dataset; it is passed over.", where);
  }
  if (query.history.empty() && is_blank(query.utterance))
    findings_.add("There is neither an item nor a word to go by; the mean user takes the place.", where);
  return query;
}

AskedUsers Asker::users_of_file() const {
  AskedUsers users;
  LineReader reader(options_.histories);
  for (std::string_view text; reader.next(text);) {
    if (is_blank(text)) continue;
    const json line = json::parse(text, nullptr, false);
    if (!line.is_object()) throw data_error(reader.where() + ": not a JSON object");
    try {
      users.queries.push_back(query_of(line, reader.where()));
      const json id = line.value("user", json(reader.line_number()));
      users.ids.push_back(id.is_string() ? id.get<std::string>() : id.dump());
    } catch (const json::exception& e) {
      throw data_error(
          fmt::format("{}: a field is of another type than {{\"user\": …, \"history\": [ids or titles], "
                      "\"utterance\": \"…\"}}: {}",
                      reader.where(), e.what()));
    }
  }
  if (users.ids.empty()) throw data_error(options_.histories.string() + ": there are no histories in it");
  return users;
}

std::vector<int32_t> Asker::chosen_items() const {
  std::vector<int32_t> items;
  if (options_.items.empty()) return items;
  LineReader reader(options_.items);
  for (std::string_view line; reader.next(line);) {
    if (is_blank(line)) continue;
    if (const auto item = item_named(run_, line))
      items.push_back(*item);
    else
      findings_.add("The dataset has no such item; it is no candidate.", reader.where());
  }
  if (items.empty()) throw data_error(options_.items.string() + ": it names no item of the dataset");
  return items;
}

bool leaves_out_history(const OpenedRun& run, HistoryItems choice) {
  if (choice == HistoryItems::as_configured) return run.config().evaluate.seen_items == SeenItems::mask;
  return choice == HistoryItems::leave_out;
}

void write_vectors(const OpenedRun& run, const AskedUsers& users, const BatchRanking& ranking, const fs::path& folder) {
  write_npy(ranking.states, folder / "user_states.npy");
  write_npy(ranking.vectors, folder / "user_vectors.npy");
  const at::Tensor items = run.networks().prior->item_table();
  write_npy(items.slice(0, 1, run.items().size()), folder / "item_vectors.npy");
  if (const at::Tensor others = run.networks().posterior->item_table(); !at::equal(items, others))
    write_npy(others.slice(0, 1, run.items().size()), folder / "item_vectors_without_text.npy");
  std::string text = "user\twith_text\n";
  for (size_t i = 0; i < users.ids.size(); ++i)
    text += fmt::format("{}\t{}\n", users.ids[i], is_blank(users.queries[i].utterance) ? 0 : 1);
  write_file_atomically(folder / "users.tsv", text);
  std::ostringstream table;
  table << "item\ttitle\n";
  for (int32_t dense = 1; dense < run.items().size(); ++dense) {
    const RankedItem item = ranked_item(run, {dense, 0});
    write_tsv_row(table, {run.raw_items().raw(item.id), item.title});
  }
  write_file_atomically(folder / "items.tsv", table.str());
}

Recommendation items_like(const OpenedRun& run, const RecommendOptions& options, const std::vector<int32_t>& among) {
  const auto item = item_named(run, options.like);
  if (!item)
    throw usage_error(
        fmt::format("--like {}: the dataset {} has no such item", options.like, run.config().datasets.dataset_name));
  const int64_t id = run.items().raw_from_dense[static_cast<size_t>(*item)];
  Recommendation near{.user = run.raw_items().raw(id), .items = {}};
  for (const ScoredRow& row : nearest_to_item(run, *item, options.top, among))
    near.items.push_back(ranked_item(run, row));
  return near;
}

std::vector<Recommendation> lists_of(const OpenedRun& run, const AskedUsers& users, const BatchRanking& ranking) {
  std::vector<Recommendation> lists;
  for (size_t i = 0; i < users.ids.size(); ++i) {
    lists.push_back({.user = users.ids[i],
                     .history = static_cast<int64_t>(users.queries[i].history.size()),
                     .with_text = !is_blank(users.queries[i].utterance),
                     .items = {}});
    for (const ScoredRow& row : ranking.best[i]) lists.back().items.push_back(ranked_item(run, row));
  }
  return lists;
}

}  // namespace

Recommendations recommend(const fs::path& run_folder, const OpenOptions& open, const RecommendOptions& options) {
  const OpenedRun run(run_folder, open);
  Findings findings;
  const Asker asker(run, options, findings);
  const std::vector<int32_t> among = asker.chosen_items();
  Recommendations all{.users = {}, .raw_items = run.raw_items(), .notes = {}};
  if (!options.like.empty()) {
    all.users.push_back(items_like(run, options, among));
  } else {
    const AskedUsers users = asker.users();
    const BatchRanking ranking = rank_users(
        run, users.queries,
        {.k = options.top, .leaves_out_history = leaves_out_history(run, options.history_items), .among = among});
    all.users = lists_of(run, users, ranking);
    if (!options.vectors.empty()) write_vectors(run, users, ranking, options.vectors);
  }
  all.notes = findings.lines();
  return all;
}

std::string to_tsv(const Recommendations& recommendations) {
  std::ostringstream out;
  out << "user\trank\titem\ttitle\tscore\n";
  for (const Recommendation& user : recommendations.users)
    for (size_t i = 0; i < user.items.size(); ++i) {
      const RankedItem& item = user.items[i];
      write_tsv_row(out, {user.user, std::to_string(i + 1), recommendations.raw_items.raw(item.id), item.title,
                          fmt::format("{}", static_cast<float>(item.score))});
    }
  return out.str();
}

std::string to_jsonl(const Recommendations& recommendations) {
  std::string text;
  for (const Recommendation& user : recommendations.users) {
    json items = json::array();
    for (const RankedItem& item : user.items) {
      const RawIds& raw = recommendations.raw_items;
      items.push_back({{"item", raw.are_equal() ? json(item.id) : json(raw.raw(item.id))},
                       {"title", item.title},
                       {"score", item.score}});
    }
    const json line = {
        {"user", user.user}, {"history", user.history}, {"with_text", user.with_text}, {"items", std::move(items)}};
    text += line.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
  }
  return text;
}

}  // namespace latentcrs
