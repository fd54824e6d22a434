// Settings of early stopping (config.h), for pretraining and for EM.
#pragma once

#include <string>

namespace latentcrs {

/// Group `pretrain.early_stop`, and the part of `early_stop` that is the same for EM.
struct EarlyStopOptions {
  int patience = 20;                     ///< epochs without improvement before stopping; >= 1
  double delta = 1e-5;                   ///< smallest improvement that counts; >= 0
  std::string stop_metrics = "NDCG@10";  ///< HIT@k or NDCG@k
};

}  // namespace latentcrs
