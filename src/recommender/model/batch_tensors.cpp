#include "recommender/model/batch_tensors.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace latentcrs {

namespace {

template <class T>
at::Tensor on_device(const std::vector<T>& values, at::IntArrayRef sizes, at::Device device) {
  const at::Tensor host = at::from_blob(const_cast<T*>(values.data()), sizes, c10::CppTypeToScalarType<T>::value);
  if (device.is_cpu()) return host.clone();
  return host.pin_memory().to(device, /*non_blocking=*/true);
}

/// The positions of a batch that have a next item, and these items.
struct NextItems {
  std::vector<int64_t> rows, targets;

  explicit NextItems(const TrainingBatch& batch) {
    for (size_t i = 0; i < batch.positive.size(); ++i) {
      if (batch.positive[i] == 0) continue;
      rows.push_back(static_cast<int64_t>(i));
      targets.push_back(batch.positive[i]);
    }
  }
};

}  // namespace

at::Tensor ids_on_device(const std::vector<int64_t>& ids, at::IntArrayRef sizes, at::Device device) {
  return on_device(ids, sizes, device);
}

BatchTensors batch_tensors(const TrainingBatch& batch, at::Device device, int64_t multiple) {
  NextItems next(batch);
  const auto real = static_cast<int64_t>(next.rows.size());
  const int64_t count = (real + multiple - 1) / multiple * multiple;
  next.rows.resize(static_cast<size_t>(count));
  next.targets.resize(static_cast<size_t>(count));
  BatchTensors tensors;
  tensors.ids = on_device(batch.ids, {static_cast<int64_t>(batch.ids.size()) / batch.length, batch.length}, device);
  tensors.rows = on_device(next.rows, {count}, device);
  tensors.targets = on_device(next.targets, {count}, device);
  if (multiple > 1) {
    std::vector<float> weights(static_cast<size_t>(count));
    std::fill_n(weights.begin(), real, 1.0f / static_cast<float>(std::max<int64_t>(real, 1)));
    tensors.weights = on_device(weights, {count}, device);
  }
  if (batch.negatives_each > 0) {
    std::vector<int32_t> padded;
    if (count > real) {
      padded = batch.negatives;
      padded.resize(static_cast<size_t>(count * batch.negatives_each));
    }
    tensors.negatives = on_device(count > real ? padded : batch.negatives, {count, batch.negatives_each}, device);
  } else if (!batch.negatives.empty()) {
    const auto shared = static_cast<int64_t>(batch.negatives.size());
    tensors.negatives = on_device(batch.negatives, {shared}, device).to(at::kLong);
  }
  if (!batch.labels.empty()) tensors.labels = on_device(batch.labels, {batch.users}, device);
  return tensors;
}

}  // namespace latentcrs
