#include "recommender/eval/training_histories.h"

#include "datasets/data/splits.h"

namespace latentcrs {

Histories training_histories(const Interactions& interactions, const DenseItems& items, const DatasetOptions& dataset) {
  Histories histories;
  std::vector<int32_t> history;
  for (const std::string& key : dataset.filter_keys)
    for (const SplitRecord& record : make_split(interactions, key, dataset.max_history)) {
      history.clear();
      for (const int32_t raw : record.history) history.push_back(items.dense_from_raw[static_cast<size_t>(raw)]);
      histories.add(history);
    }
  return histories;
}

}  // namespace latentcrs
