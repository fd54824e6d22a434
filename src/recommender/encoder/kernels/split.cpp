#include "recommender/encoder/kernels/split.h"

#ifdef LATENTCRS_TILES

#include <initializer_list>

#include "numerics/linalg/amx/split_tiles.h"
#include "recommender/encoder/kernels/buffers.h"

namespace latentcrs::kernels::LATENTCRS_ISA {

namespace {

/// Packs a matrix [rows, width] of a block at its place.
bool pack_matrix(const float* block, const Vectors& matrix, SplitNumber* parts) {
  return pack_tiles<true>(matrix, (parts + (matrix.data - block))->parts);
}

}  // namespace

bool split(const EncoderModel& model, SplitNumber* parameters, SplitNumber* transposed) {
  const int64_t d = model.layout.width;
  if (d % kSplitGroup != 0) return false;
  bool sound = true;
  for (int64_t i = 0; i < model.layout.layers; ++i) {
    const auto forward = layer_parameters(model.layout, model.parameters, i);
    for (const Vectors& matrix : {Vectors{forward.query_key_value.weight, 3 * d, d},
                                  {forward.attention_output.weight, d, d},
                                  {forward.up.weight, 4 * d, d},
                                  {forward.down.weight, d, 4 * d}})
      sound &= pack_matrix(model.parameters, matrix, parameters);
    if (transposed == nullptr) continue;
    const auto backward = layer_parameters(model.layout, model.transposed, i);
    for (const Vectors& matrix : {Vectors{backward.query_key_value.weight, d, 3 * d},
                                  {backward.attention_output.weight, d, d},
                                  {backward.up.weight, d, 4 * d},
                                  {backward.down.weight, 4 * d, d}})
      sound &= pack_matrix(model.transposed, matrix, transposed);
  }
  return sound;
}

}  // namespace latentcrs::kernels::LATENTCRS_ISA

#endif
