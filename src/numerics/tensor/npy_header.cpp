#include "numerics/tensor/npy_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/util/error.h"

// Layout after numpy/lib/format.py: magic, version, size of the header, a Python dict literal as header, the numbers.

namespace latentcrs {

namespace {

struct NpyType {
  std::string_view descr;
  at::ScalarType type;
  int64_t width;  ///< bytes of an element
};
constexpr std::array kNpyTypes = {NpyType{"<f4", at::ScalarType::Float, 4}, NpyType{"<f8", at::ScalarType::Double, 8},
                                  NpyType{"<i8", at::ScalarType::Long, 8}, NpyType{"<i4", at::ScalarType::Int, 4}};

[[noreturn]] void fail_npy(const std::string& where, const std::string& what) { throw data_error(where + ": " + what); }

/// The text after "'key':" in the header, without leading spaces; empty if the key is missing.
std::string_view npy_field(std::string_view header, std::string_view key) {
  const std::string quoted = fmt::format("'{}':", key);
  size_t at = header.find(quoted);
  if (at == std::string_view::npos) return {};
  header.remove_prefix(at + quoted.size());
  header.remove_prefix(std::min(header.find_first_not_of(' '), header.size()));
  return header;
}

const NpyType& parse_npy_type(std::string_view header, const std::string& where) {
  std::string_view descr = npy_field(header, "descr");
  for (const NpyType& known : kNpyTypes) {
    if (descr.starts_with(fmt::format("'{}'", known.descr))) return known;
  }
  fail_npy(where,
           "element type " + std::string(descr.substr(0, descr.find(','))) + " is not one of <f4, <f8, <i8, <i4");
}

/// "(3, 4)", "(5,)" or "()".
std::vector<int64_t> parse_npy_shape(std::string_view header, const std::string& where) {
  std::string_view shape = npy_field(header, "shape");
  size_t end = shape.find(')');
  if (!shape.starts_with('(') || end == std::string_view::npos) fail_npy(where, "its header has no shape");
  shape = shape.substr(1, end - 1);
  std::vector<int64_t> sizes;
  while (!shape.empty()) {
    int64_t size = 0;
    auto [rest, error] = std::from_chars(shape.data(), shape.data() + shape.size(), size);
    if (error != std::errc() || size < 0) fail_npy(where, "its header has a malformed shape");
    sizes.push_back(size);
    shape.remove_prefix(static_cast<size_t>(rest - shape.data()));
    shape.remove_prefix(std::min(shape.find_first_not_of(", "), shape.size()));
  }
  return sizes;
}

}  // namespace

NpyHeader parse_npy_header(std::string_view bytes, const std::string& where) {
  if (bytes.size() < kNpyPrefix || !bytes.starts_with(kNpyMagic)) fail_npy(where, "not a NumPy file of version 1.0");
  size_t size = static_cast<uint8_t>(bytes[8]) + 256u * static_cast<uint8_t>(bytes[9]);
  if (bytes.size() - kNpyPrefix < size) fail_npy(where, "cut off");
  std::string_view header = bytes.substr(kNpyPrefix, size);
  if (!npy_field(header, "fortran_order").starts_with("False")) fail_npy(where, "is not in C order");
  const NpyType& type = parse_npy_type(header, where);
  NpyHeader parsed{type.type, parse_npy_shape(header, where), kNpyPrefix + size};

  int64_t expected = type.width;
  for (int64_t n : parsed.shape) {
    if (__builtin_mul_overflow(expected, n, &expected)) fail_npy(where, "its header has a malformed shape");
  }
  bytes.remove_prefix(parsed.numbers_at);
  if (static_cast<uint64_t>(expected) != bytes.size()) {
    fail_npy(where,
             "has " + std::to_string(bytes.size()) + " bytes of numbers, its shape needs " + std::to_string(expected));
  }
  return parsed;
}

std::string_view npy_descr(at::ScalarType type) {
  auto known = std::find_if(kNpyTypes.begin(), kNpyTypes.end(), [&](const auto& t) { return t.type == type; });
  return known == kNpyTypes.end() ? std::string_view() : known->descr;
}

}  // namespace latentcrs
