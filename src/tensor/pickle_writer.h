// Pickles of protocol 2 that Python's torch.load(weights_only=True) accepts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/tensor_file.h"

namespace latentcrs::pickle {

/// Builds one pickle; the tensors' numbers are left to the caller, who stores them contiguously under the keys 0, 1, ….
class Writer {
 public:
  Writer();

  void value(const PtValue& value);
  /// As an OrderedDict, which is what Module.load_state_dict is given.
  void state_dict(const StateDict& state);
  /// The finished pickle.
  std::string finish();
  /// The tensors met so far, by key.
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
