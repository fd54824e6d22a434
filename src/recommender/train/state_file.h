// Reading and writing the state.pt files of both trainings.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "numerics/tensor/tensor_file.h"

namespace latentcrs {

PtValue to_value(const StateDict& state);

/// A state.pt, by key. Throws Error(data) naming the file for one that cannot be read, and for a key that is missing or
/// of another type: such a file was written by another version.
class StateFile {
 public:
  explicit StateFile(const std::filesystem::path& path) : where_(path.string()), root_(read_pt(path)) {}

  StateDict tensors(const char* key) const;  ///< copies, which outlive the file
  int64_t integer(const char* key) const;
  const std::string& text(const char* key) const { return at(key).string(where_); }
  const std::string& where() const { return where_; }

 private:
  const PtValue& at(const char* key) const;

  std::string where_;
  PtValue root_;
};

}  // namespace latentcrs
