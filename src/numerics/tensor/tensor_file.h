// Reading and writing PyTorch's .pt files and NumPy's .npy files without Python. Both kinds of .pt files (zip and the
// older stream of pickles) are read; the zip kind is written, so that `torch.load(..., weights_only=True)` accepts it.
// Nothing in a file is executed. Tensors, numbers, strings, lists, tuples and dicts are understood; any other value
// reads like None and matters only to callers who ask for it.
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

  /// Each returns the value of its type and throws Error(data) naming `where` if the value has another type. A
  /// temporary's value is moved out.
  const at::Tensor& tensor(std::string_view where) const&;
  const PtList& list(std::string_view where) const&;
  const PtDict& dict(std::string_view where) const&;
  const std::string& string(std::string_view where) const&;
  at::Tensor tensor(std::string_view where) &&;
  PtList list(std::string_view where) &&;
  PtDict dict(std::string_view where) &&;
  std::string string(std::string_view where) &&;
};

/// A state_dict: tensors by name, in the order of the file.
using StateDict = std::vector<std::pair<std::string, at::Tensor>>;

/// Reads a .pt file. Tensors of zip files are views of a private memory map, so opening is instant and pages are read
/// when they are touched. Throws Error(data) for a file that is missing, damaged or not understood.
PtValue read_pt(const std::filesystem::path& path);
/// Gives back the memory of a contiguous tensor that read_pt() has mapped; it is read from the file again when it is
/// touched. Other tensors are left alone. Must not be called for a tensor that was written to, because these changes
/// would be lost.
void release_pages(const at::Tensor& tensor);
/// Copies `count` bytes from `offset` on of a contiguous tensor on the CPU. A tensor that read_pt() has mapped is read
/// from the file, which leaves nothing in this process's memory; it must not have been written to.
void copy_bytes(const at::Tensor& tensor, int64_t offset, int64_t count, char* to);
StateDict read_state_dict(const std::filesystem::path& path);  ///< Error(data) if some value is no tensor

/// Both write atomically. Tensors may be on any device and have any strides. Throws Error(data) if the file cannot be
/// written.
void write_pt(const PtValue& root, const std::filesystem::path& path);
void write_state_dict(const StateDict& state, const std::filesystem::path& path);

const at::Tensor* find(const StateDict& state, std::string_view name);  ///< nullptr if absent

/// NumPy's .npy format (version 1.0, little endian, C order) with float32, float64, int64 or int32. Both throw
/// Error(data).
at::Tensor read_npy(const std::filesystem::path& path);
void write_npy(const at::Tensor& tensor, const std::filesystem::path& path);

}  // namespace latentcrs
