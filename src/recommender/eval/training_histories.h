// The histories that EM was trained on. The mean of their states stands for a user about whom nothing is known.
#pragma once

#include "base/config/dataset_options.h"
#include "datasets/data/interactions.h"
#include "recommender/model/user_states.h"

namespace latentcrs {

/// The histories, in dense ids, of all records of the training splits (datasets.filter_keys), split after split.
Histories training_histories(const Interactions& interactions, const DenseItems& items, const DatasetOptions& dataset);

}  // namespace latentcrs
