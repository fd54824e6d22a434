#include "experiment/run/target_facts.h"

#include <fmt/format.h>

#include <charconv>

#include "base/util/error.h"
#include "datasets/data/splits.h"

namespace latentcrs {

std::optional<TargetFacts> TargetFacts::read(const std::filesystem::path& preprocess, const std::string& dataset_name) {
  const auto sequences = preprocess / (dataset_name + ".csv"), parts = preprocess / (dataset_name + "_parts.tsv");
  if (!std::filesystem::exists(sequences)) return std::nullopt;
  return TargetFacts(read_interactions(sequences, std::filesystem::exists(parts) ? parts : std::filesystem::path()));
}

TargetFacts::TargetFacts(Interactions interactions) : interactions_(std::move(interactions)) {
  for (int64_t row = 0; row < interactions_.num_users(); ++row) {
    row_of_user_[interactions_.user_ids[static_cast<size_t>(row)]] = row;
    for (const int32_t item : interactions_.training(row)) ++training_[item];
  }
}

int64_t TargetFacts::items_before(const std::string& customer_id) const {
  int64_t user = 0;
  const std::string number = customer_id.substr(0, customer_id.find('_'));
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), user);
  const auto row = row_of_user_.find(user);
  if (error != std::errc() || end != number.data() + number.size() || row == row_of_user_.end())
    throw data_error(fmt::format("{}: the preprocessed data has no such user; was it made again?", customer_id));
  return static_cast<int64_t>(items_before_target(interactions_, row->second, {customer_id, user, {}, 0}).size());
}

int64_t TargetFacts::training_interactions(int64_t item) const {
  const auto found = training_.find(item);
  return found == training_.end() ? 0 : found->second;
}

}  // namespace latentcrs
