// Sizes of networks and training that suit the size of a dataset, so that a first run takes a minute or two on two
// cores for small data.
#pragma once

#include <string>

#include "datasets/setup/dataset_survey.h"

namespace latentcrs {

struct RunSizes {
  std::string pretrain_group;  ///< the choice of the group that they begin from
  std::string loss;
  std::string contrast;
  int hidden_size = 32;
  int layers = 1;
  int max_seq_length = 20;
  int clusters = 2;
  int batch_size = 64;
  double learning_rate = 0.003;
  int epochs = 60;
  int patience = 10;
  int eval_every = 1;
  int text_width = 128;
  int em_batch_size = 128;
  double em_learning_rate = 0.003;
  int em_epochs = 60;
  int em_patience = 5;
  int dialogue_users = 100;
};

RunSizes sizes_for(const KeptData& data);

}  // namespace latentcrs
