// The parameters of a transformer layer by name: in SasRec as tensors, in the kernels as places in memory.
#pragma once

namespace latentcrs {

/// Weight [out, in] and bias [out] of a linear map, or weight and bias [D] of a norm.
template <class Value>
struct WeightAndBias {
  Value weight, bias;
};

/// Letters: D hidden width, F = 4 D. The comments give the published names.
template <class Value>
struct LayerParameters {
  WeightAndBias<Value> query_key_value;   ///< [3 D, D], [3 D]: attention.query, attention.key, attention.value
  WeightAndBias<Value> attention_output;  ///< [D, D], [D]: attention.dense
  WeightAndBias<Value> attention_norm;    ///< attention.LayerNorm
  WeightAndBias<Value> up;                ///< [F, D], [F]: intermediate.dense_1
  WeightAndBias<Value> down;              ///< [D, F], [D]: intermediate.dense_2
  WeightAndBias<Value> output_norm;       ///< intermediate.LayerNorm
};

}  // namespace latentcrs
