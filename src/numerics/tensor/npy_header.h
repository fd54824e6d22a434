// The header of NumPy's .npy files; needs no LibTorch, so that fuzz/npy.cpp can try it alone.
#pragma once

#include <c10/core/ScalarType.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace latentcrs {

struct NpyHeader {
  at::ScalarType type = at::ScalarType::Float;
  std::vector<int64_t> shape;
  size_t numbers_at = 0;  ///< the first byte behind the header
};

/// Parses the header of a file's `bytes`: version 1.0, C order, one of npy_descr()'s types. Throws Error(data)
/// beginning with `where` for any other header, and if the numbers behind it are not as many as the shape says.
NpyHeader parse_npy_header(std::string_view bytes, const std::string& where);

/// NumPy's name of an element type, "<f4"; empty if it is not one of float32, float64, int64 and int32.
std::string_view npy_descr(at::ScalarType type);

inline constexpr std::string_view kNpyMagic = "\x93NUMPY\x01";
inline constexpr size_t kNpyPrefix = 10;  ///< bytes of magic, minor version and 16-bit header size

}  // namespace latentcrs
