#include "recommender/train/em_examples.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "base/util/error.h"
#include "datasets/data/splits.h"
#include "numerics/tensor/tensor_file.h"

namespace latentcrs {

namespace {

/// Utterances that cannot become examples, counted by reason.
class RejectedUtterances {
 public:
  void add(const std::string& reason, const std::string& first_of_them) {
    auto& [count, first] = found_[reason];
    if (count++ == 0) first = first_of_them;
  }
  void throw_if_any(size_t total, const std::filesystem::path& path) const {
    std::string text;
    for (const auto& [reason, count_and_first] : found_)
      text += fmt::format("{}{} of {} {} (first: {})", text.empty() ? "" : "; ", count_and_first.first, total, reason,
                          count_and_first.second);
    if (text.empty()) return;
    throw data_error(
        fmt::format("{}: {}: they were made from another dataset, or with another datasets.max_history; put the files "
                    "that they were made from into preprocess/, or run `latentcrs simulate`",
                    path.empty() ? "utterances" : path.string(), text));
  }

 private:
  std::map<std::string, std::pair<int64_t, std::string>> found_;
};

bool in_dataset(const DenseItems& items, int32_t raw) {
  return raw > 0 && static_cast<size_t>(raw) < items.dense_from_raw.size() && items.dense_from_raw[raw] > 0;
}

using RowsOfUsers = std::unordered_map<int64_t, int64_t>;

RowsOfUsers rows_of_users(const Interactions& interactions) {
  RowsOfUsers rows;
  for (int64_t u = 0; u < interactions.num_users(); ++u) rows.emplace(interactions.user_ids[u], u);
  return rows;
}

/// The first item of a record that the dataset does not have.
std::optional<int32_t> unknown_item(const SplitRecord& record, const DenseItems& items) {
  if (!in_dataset(items, record.target)) return record.target;
  const auto found =
      std::find_if(record.history.begin(), record.history.end(), [&](int32_t raw) { return !in_dataset(items, raw); });
  return found == record.history.end() ? std::nullopt : std::optional(*found);
}

void check_utterances(std::span<const Utterance> utterances, const RowsOfUsers& users, const EmSources& sources) {
  std::unordered_map<std::string_view, const SplitRecord*> records;
  for (const SplitRecord& record : sources.records) records.emplace(record.customer_id, &record);
  std::unordered_set<std::string> ids;
  RejectedUtterances rejected;
  for (const Utterance& utterance : utterances) {
    const SplitRecord& record = utterance.record;
    const std::string& id = record.customer_id;
    if (!ids.insert(id).second) rejected.add("repeat a customer_id", id);
    if (!users.contains(record.user)) {
      rejected.add("name a user that the dataset does not have", id);
    } else if (const auto item = unknown_item(record, *sources.items)) {
      rejected.add("name an item that the dataset does not have", fmt::format("{}, item {}", id, *item));
    } else if (!records.empty()) {
      const auto found = records.find(id);
      if (found == records.end())
        rejected.add("are no record of the dataset's split", id);
      else if (found->second->history != record.history || found->second->target != record.target)
        rejected.add("have another history or target than the dataset's split", id);
    }
  }
  rejected.throw_if_any(utterances.size(), sources.path);
}

std::string key_of(const std::string& customer_id) { return customer_id.substr(customer_id.rfind('_') + 1); }

/// The embedding files in the order of their keys and tasks.
class EmbeddingFiles {
 public:
  explicit EmbeddingFiles(std::span<const EmbeddingFile> files) {
    for (const EmbeddingFile& file : files) {
      if (file.table.embeddings.size(1) != files[0].table.embeddings.size(1))
        throw data_error(fmt::format("{} holds vectors of width {}, but {} of width {}: embed them with one model",
                                     file.path.string(), file.table.embeddings.size(1), files[0].path.string(),
                                     files[0].table.embeddings.size(1)));
      if (std::find(tasks_.begin(), tasks_.end(), file.task) == tasks_.end()) tasks_.push_back(file.task);
      by_name_[{file.key, file.task}] = &file;
    }
    if (files.empty()) throw data_error("EM training needs at least one embedding file");
    width_ = files[0].table.embeddings.size(1);
    // A mean is computed in float32; vectors that are copied keep the type of their file.
    const bool same_type = std::all_of(files.begin(), files.end(), [&](const EmbeddingFile& file) {
      return file.table.embeddings.scalar_type() == files[0].table.embeddings.scalar_type();
    });
    type_ = tasks_.size() == 1 && same_type ? files[0].table.embeddings.scalar_type() : at::kFloat;
  }

  /// [n, E], not filled.
  at::Tensor make_table(int64_t n) const { return at::empty({n, width_}, type_); }

  /// True where no vector is a mean or changes its type.
  bool left_in_place() const {
    return tasks_.size() == 1 && type_ == by_name_.begin()->second->table.embeddings.scalar_type();
  }

  /// The place of the vectors of the customers of one key: the file's matrix and their rows in it.
  std::pair<at::Tensor, std::vector<int64_t>> place(const std::string& key,
                                                    const std::vector<std::string>& customer_ids) const {
    const EmbeddingFile& file = file_of(key, tasks_[0], customer_ids);
    return {file.table.embeddings, rows_of(file.table, customer_ids, file.path)};
  }

  /// Row to_rows[i] of `to` becomes the mean over the tasks of the vectors of customer i, all of one key. At most a
  /// block of a mapped file stays in memory.
  void copy_means(const std::string& key, const std::vector<std::string>& customer_ids,
                  const std::vector<int64_t>& to_rows, const at::Tensor& to) const {
    std::vector<std::pair<at::Tensor, std::vector<int64_t>>> sources;
    for (const std::string& task : tasks_) {
      const EmbeddingFile& file = file_of(key, task, customer_ids);
      sources.emplace_back(file.table.embeddings, rows_of(file.table, customer_ids, file.path));
    }
    const auto n = static_cast<int64_t>(to_rows.size());
    for (int64_t block = 0; block < n; block += kBlockRows) {
      at::parallel_for(block, std::min(block + kBlockRows, n), kGrainRows, [&](int64_t begin, int64_t end) {
        const at::NoGradGuard no_grad;
        for (int64_t i = begin; i < end; ++i) copy_mean(sources, i, to.select(0, to_rows[i]));
      });
      for (const auto& [embeddings, rows] : sources) release_pages(embeddings);
    }
  }

 private:
  static constexpr int64_t kBlockRows = 1024, kGrainRows = 64;

  const EmbeddingFile& file_of(const std::string& key, const std::string& task,
                               const std::vector<std::string>& customer_ids) const {
    const auto found = by_name_.find({key, task});
    if (found == by_name_.end())
      throw data_error(fmt::format("{} utterances of key {} (first: {}) have no embedding file {}_{}.pt",
                                   customer_ids.size(), key, customer_ids.front(), task, key));
    return *found->second;
  }

  static void copy_mean(const std::vector<std::pair<at::Tensor, std::vector<int64_t>>>& sources, int64_t i,
                        at::Tensor to) {
    for (size_t s = 0; s < sources.size(); ++s) {
      const at::Tensor from = sources[s].first.select(0, sources[s].second[i]);
      if (s == 0)
        to.copy_(from);
      else
        to.add_(from);
    }
    if (sources.size() > 1) to.div_(static_cast<double>(sources.size()));
  }

  std::vector<std::string> tasks_;
  std::map<std::pair<std::string, std::string>, const EmbeddingFile*> by_name_;
  int64_t width_ = 0;
  at::ScalarType type_ = at::kFloat;
};

using RowsByKey = std::map<std::string, std::vector<int64_t>>;  // examples of each key that have a text

std::vector<std::string> ids_of(const EmExamples& examples, const std::vector<int64_t>& rows) {
  std::vector<std::string> ids;
  for (const int64_t row : rows) ids.push_back(examples.customer_ids[row]);
  return ids;
}

bool consecutive(const std::vector<int64_t>& rows) {
  return std::adjacent_find(rows.begin(), rows.end(), [](int64_t a, int64_t b) { return a < 0 || b != a + 1; }) ==
         rows.end();
}

/// The vectors in the files' own memory, without a copy.
RowTable table_in_place(const EmExamples& examples, const RowsByKey& rows_by_key, const EmbeddingFiles& files) {
  std::vector<at::Tensor> matrices;
  std::vector<int64_t> place_of(static_cast<size_t>(examples.size()), -1);
  int64_t above = 0;
  for (const auto& [key, rows] : rows_by_key) {
    const auto [matrix, places] = files.place(key, ids_of(examples, rows));
    for (size_t i = 0; i < rows.size(); ++i) place_of[static_cast<size_t>(rows[i])] = above + places[i];
    above += matrix.size(0);
    matrices.push_back(matrix);
  }
  if (matrices.size() == 1 && consecutive(place_of)) return matrices[0].narrow(0, place_of[0], examples.size());
  return {std::move(matrices), place_of};
}

/// x of every example, [n, E]; zero where there is no text.
RowTable gather_embeddings(const EmExamples& examples, const EmbeddingFiles& files) {
  RowsByKey rows_by_key;
  for (int64_t i = 0; i < examples.size(); ++i)
    if (examples.has_text[i] != 0) rows_by_key[key_of(examples.customer_ids[i])].push_back(i);
  if (files.left_in_place() && !rows_by_key.empty()) return table_in_place(examples, rows_by_key, files);
  const at::Tensor all = files.make_table(examples.size());
  for (const auto& [key, rows] : rows_by_key) files.copy_means(key, ids_of(examples, rows), rows, all);
  for (int64_t i = 0; i < examples.size(); ++i)
    if (examples.has_text[i] == 0) all.select(0, i).zero_();
  return all;
}

}  // namespace

EmExamples make_em_examples(std::span<const Utterance> utterances, const EmSources& sources) {
  const RowsOfUsers users = rows_of_users(*sources.interactions);
  check_utterances(utterances, users, sources);
  const auto dense = [&](int32_t raw) { return sources.items->dense_from_raw[raw]; };
  EmExamples examples;
  for (const Utterance& utterance : utterances) {
    const SplitRecord& record = utterance.record;
    const bool has_text = !utterance.response.empty();
    if (!has_text && sources.missing == MissingReplies::leave_out) {
      ++examples.left_out;
      continue;
    }
    std::vector<int32_t> history;
    std::transform(record.history.begin(), record.history.end(), std::back_inserter(history), dense);
    examples.customer_ids.push_back(record.customer_id);
    examples.users.push_back(users.at(record.user));
    examples.histories.add(history);
    if (!sources.split.empty())
      examples.seen.add(
          sources.items->distinct(items_before_target(*sources.interactions, examples.users.back(), record)));
    examples.targets.push_back(dense(record.target));
    examples.has_text.push_back(has_text);
    examples.leaks_title.push_back(utterance.leaks_title);
    if (sources.keeps_words) examples.words.push_back(utterance.response);
  }
  if (examples.size() == 0) throw data_error(fmt::format("none of {} utterances has a reply", utterances.size()));
  examples.embeddings = gather_embeddings(examples, EmbeddingFiles(sources.embeddings));
  return examples;
}

}  // namespace latentcrs
