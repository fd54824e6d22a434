// Writing a .pt file piece by piece, for tensors that need not fit into memory.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "numerics/tensor/tensor_file.h"

namespace latentcrs {

/// Writes a .pt file whose single tensor comes in pieces. It has the bytes of write_pt()'s.
class PtStream {
 public:
  /// `root` holds one tensor, of the device `meta`: its type and sizes count, and it has no numbers.
  PtStream(const PtValue& root, const std::filesystem::path& path);
  ~PtStream();
  /// The numbers that come next, as bytes in row-major order.
  void append(std::string_view numbers);
  /// Puts the file into its place. Throws Error(internal) if there are more or fewer numbers than the tensor has.
  void commit();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace latentcrs
