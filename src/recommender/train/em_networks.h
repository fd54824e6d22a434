// The networks of EM as a run makes them: from a pretrained encoder and intent centres, or from checkpoints.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>

#include "base/config/compat_options.h"
#include "base/config/em_options.h"
#include "base/config/pretrain_options.h"
#include "datasets/data/interactions.h"
#include "numerics/tensor/tensor_file.h"
#include "recommender/model/intent_networks.h"
#include "recommender/model/user_states.h"

namespace latentcrs {

/// The settings, weights and sizes that the networks are made from.
struct EmModel {
  EmOptions em = {};
  CompatOptions compat = {};
  const DenseItems* items = nullptr;
  StateDict encoder;  ///< pretrained SASRec; item rows by raw id
  EncoderOptions encoder_options;
  at::Tensor centers;      ///< [K, d]
  int64_t text_width = 0;  ///< E
  uint64_t seed = 0;
  c10::Device device = c10::kCPU;
};

/// Fresh heads over two copies of the encoder, whose item rows are reordered to dense ids; where the config does not
/// use the pretrained encoder, over fresh encoders. Throws Error(data) if the encoder lacks items of the dataset.
EmNetworks make_em_networks(const EmModel& model);
/// The same with the weights of *_inference.pt and *_prior.pt, of this program or published.
EmNetworks load_em_networks(const EmModel& model, const std::filesystem::path& posterior,
                            const std::filesystem::path& prior);

/// The way in which EM counts positions under `compat`.
Positions em_positions(const CompatOptions& compat);

}  // namespace latentcrs
