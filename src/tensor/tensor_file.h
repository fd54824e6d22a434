// PyTorch's .pt files without Python: reads both kinds (zip, older pickle stream) and writes the zip kind so that
// `torch.load(..., weights_only=True)` accepts it. Nothing in a file is ever executed: only tensors, numbers, strings,
// lists, tuples and dicts are understood; anything else is like None, and matters only to those who ask for it.
#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace latentcrs {

/// A value of the pickled tree. Dicts keep their order.
struct PtValue;
using PtList = std::vector<PtValue>;
using PtDict = std::vector<std::pair<std::string, PtValue>>;
struct PtValue {
  std::variant<std::monostate, bool, int64_t, double, std::string, at::Tensor, PtList, PtDict> value;

  /// These throw Error(data) naming `where` on another type. A temporary's value is moved out.
  const at::Tensor& tensor(std::string_view where) const&;
  const PtList& list(std::string_view where) const&;
  const PtDict& dict(std::string_view where) const&;
  const std::string& string(std::string_view where) const&;
  at::Tensor tensor(std::string_view where) &&;
  PtList list(std::string_view where) &&;
  PtDict dict(std::string_view where) &&;
  std::string string(std::string_view where) &&;
};

/// Name -> tensor in file order: a state_dict.
using StateDict = std::vector<std::pair<std::string, at::Tensor>>;

/// Tensors of zip files are views of a private memory map: opening is instant, pages are read when touched.
PtValue read_pt(const std::filesystem::path& path);
/// Gives back the memory of a contiguous tensor that read_pt has mapped: touched again, it is read from the file again.
/// Does nothing to other tensors. Not for one that was written to: what was written is lost.
void release_pages(const at::Tensor& tensor);
/// Copies bytes of a contiguous tensor on the CPU; of one that read_pt has mapped by a read of the file, which leaves
/// nothing in this process's memory. Not for one that was written to.
void copy_bytes(const at::Tensor& tensor, int64_t offset, int64_t count, char* to);
StateDict read_state_dict(const std::filesystem::path& path);  ///< Error(data) if some value is no tensor

/// Atomic. Tensors may live on any device and have any strides.
void write_pt(const PtValue& root, const std::filesystem::path& path);
void write_state_dict(const StateDict& state, const std::filesystem::path& path);

const at::Tensor* find(const StateDict& state, std::string_view name);  ///< nullptr if absent

/// NumPy .npy (version 1.0, little endian, C order): float32, float64, int64, int32.
at::Tensor read_npy(const std::filesystem::path& path);
void write_npy(const at::Tensor& tensor, const std::filesystem::path& path);

}  // namespace latentcrs
