#include "base/config/derived_defaults.h"

#include "base/config/config.h"

namespace latentcrs {

void set_derived_defaults(Config& config, const std::function<bool(const std::string& key)>& is_set) {
  DatasetOptions& datasets = config.datasets;
  if (!is_given_split(datasets.split)) return;
  if (!is_set("datasets.min_rating")) datasets.min_rating = 0;
  if (!is_set("datasets.min_interactions")) datasets.min_interactions = 1;
  if (!is_set("datasets.item_filter")) datasets.item_filter = ItemFilter::none;
}

}  // namespace latentcrs
