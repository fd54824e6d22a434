// A writer of pickles (protocol 2) that Python's torch.load(weights_only=True) accepts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "numerics/tensor/tensor_file.h"

namespace latentcrs::pickle {

/// Builds one pickle. The caller stores the tensors' numbers, contiguously, under the keys 0, 1, ….
class Writer {
 public:
  Writer();

  /// Adds a value as the root of the pickle.
  void value(const PtValue& value);
  /// Adds a state_dict as an OrderedDict, the type that Module.load_state_dict expects.
  void state_dict(const StateDict& state);
  /// Returns the finished pickle.
  std::string finish();
  /// The tensors added so far; the index is the key.
  const std::vector<at::Tensor>& tensors() const { return tensors_; }

 private:
  void integer(int64_t value);
  void real(double value);
  void text(std::string_view value);
  void tensor(const at::Tensor& value);
  void tuple(const std::vector<int64_t>& values);
  void global(std::string_view module, std::string_view name);
  void raw(std::string_view bytes) { bytes_ += bytes; }
  void number(uint64_t value, int width);

  std::string bytes_;
  std::vector<at::Tensor> tensors_;
};

}  // namespace latentcrs::pickle
