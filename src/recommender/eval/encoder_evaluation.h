// The encoder alone as a recommender: the rank of every user's next item in the full catalogue (docs/method.md,
// section 4.6).
#pragma once

#include <vector>

#include "base/config/compat_options.h"
#include "base/metrics/metrics.h"
#include "datasets/data/sequence_batch.h"
#include "recommender/model/sasrec.h"

namespace latentcrs {

/// Rank of every target in the full catalogue.
struct EncoderRanks {
  std::vector<Rank> left_out;  ///< as evaluate_encoder() ranks it
  std::vector<Rank> kept;      ///< the items of the input are candidates; rows without an item are not
};

/// Rank of every target of valid or test (one a user with leave-one-out) in the full catalogue. By default rows without
/// an item of the dataset, and the items of the input, are not candidates; compat.seen_items_score_zero ranks them as
/// published.
std::vector<Rank> evaluate_encoder(SasRec encoder, const SequenceBatcher& sequences, Split split,
                                   const CompatOptions& compat);
/// The same with both treatments of the items of the input.
EncoderRanks rank_next_items(SasRec encoder, const SequenceBatcher& sequences, Split split,
                             const CompatOptions& compat);

}  // namespace latentcrs
