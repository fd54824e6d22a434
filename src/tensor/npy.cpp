#include <ATen/ATen.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "tensor/mapped_file.h"
#include "tensor/tensor_file.h"
#include "util/error.h"
#include "util/files.h"

// The layout follows numpy/lib/format.py: magic, version, size of the header, the header (a literal of a Python dict),
// the numbers.

namespace latentcrs {

namespace {

constexpr std::string_view kMagic = "\x93NUMPY\x01";
constexpr size_t kPrefix = 10;  // magic, minor version, 16-bit header size
constexpr size_t kHeaderAlignment = 64;

struct NpyType {
  std::string_view descr;
  at::ScalarType type;
};
constexpr std::array kTypes = {NpyType{"<f4", at::kFloat}, NpyType{"<f8", at::kDouble}, NpyType{"<i8", at::kLong},
                               NpyType{"<i4", at::kInt}};

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& what) {
  throw data_error(path.string() + ": " + what);
}

/// The text after "'key':" in the header, spaces skipped; empty if the key is missing.
std::string_view field(std::string_view header, std::string_view key) {
  const std::string quoted = fmt::format("'{}':", key);
  size_t at = header.find(quoted);
  if (at == std::string_view::npos) return {};
  header.remove_prefix(at + quoted.size());
  header.remove_prefix(std::min(header.find_first_not_of(' '), header.size()));
  return header;
}

at::ScalarType parse_type(std::string_view header, const std::filesystem::path& path) {
  std::string_view descr = field(header, "descr");
  for (const NpyType& known : kTypes) {
    if (descr.starts_with(fmt::format("'{}'", known.descr))) return known.type;
  }
  fail(path, "element type " + std::string(descr.substr(0, descr.find(','))) + " is not one of <f4, <f8, <i8, <i4");
}

/// Reads a shape: "(3, 4)", "(5,)" or "()".
std::vector<int64_t> parse_shape(std::string_view header, const std::filesystem::path& path) {
  std::string_view shape = field(header, "shape");
  size_t end = shape.find(')');
  if (!shape.starts_with('(') || end == std::string_view::npos) fail(path, "its header has no shape");
  shape = shape.substr(1, end - 1);
  std::vector<int64_t> sizes;
  while (!shape.empty()) {
    int64_t size = 0;
    auto [rest, error] = std::from_chars(shape.data(), shape.data() + shape.size(), size);
    if (error != std::errc() || size < 0) fail(path, "its header has a malformed shape");
    sizes.push_back(size);
    shape.remove_prefix(static_cast<size_t>(rest - shape.data()));
    shape.remove_prefix(std::min(shape.find_first_not_of(", "), shape.size()));
  }
  return sizes;
}

std::string header_of(const at::Tensor& tensor) {
  auto known =
      std::find_if(kTypes.begin(), kTypes.end(), [&](const auto& t) { return t.type == tensor.scalar_type(); });
  if (known == kTypes.end()) {
    throw internal_error("a tensor of type " + std::string(c10::toString(tensor.scalar_type())) + " has no .npy form");
  }
  std::string shape = fmt::format("{}", fmt::join(tensor.sizes(), ", "));
  if (tensor.dim() == 1) shape += ",";
  std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", known->descr, shape);
  header.append(kHeaderAlignment - 1 - (kPrefix + header.size()) % kHeaderAlignment, ' ');
  return header + "\n";
}

}  // namespace

at::Tensor read_npy(const std::filesystem::path& path) {
  MappedFile file(path);
  std::string_view bytes = file.bytes();
  if (bytes.size() < kPrefix || !bytes.starts_with(kMagic)) fail(path, "not a NumPy file of version 1.0");
  size_t size = static_cast<uint8_t>(bytes[8]) + 256u * static_cast<uint8_t>(bytes[9]);
  if (bytes.size() - kPrefix < size) fail(path, "cut off");
  std::string_view header = bytes.substr(kPrefix, size);
  if (!field(header, "fortran_order").starts_with("False")) fail(path, "is not in C order");
  at::ScalarType type = parse_type(header, path);
  std::vector<int64_t> shape = parse_shape(header, path);

  auto expected = static_cast<int64_t>(c10::elementSize(type));
  for (int64_t n : shape) {
    if (__builtin_mul_overflow(expected, n, &expected)) fail(path, "its header has a malformed shape");
  }
  bytes.remove_prefix(kPrefix + size);
  if (static_cast<uint64_t>(expected) != bytes.size()) {
    fail(path,
         "has " + std::to_string(bytes.size()) + " bytes of numbers, its shape needs " + std::to_string(expected));
  }
  at::Tensor tensor = at::empty(shape, at::TensorOptions(type));
  std::copy(bytes.begin(), bytes.end(), static_cast<char*>(tensor.data_ptr()));
  return tensor;
}

void write_npy(const at::Tensor& tensor, const std::filesystem::path& path) {
  at::Tensor numbers = tensor.detach().to(at::kCPU).contiguous();
  std::string header = header_of(numbers);
  AtomicFile file(path);
  file.stream() << kMagic << '\0' << static_cast<char>(header.size() & 0xff) << static_cast<char>(header.size() >> 8);
  file.stream() << header;
  file.stream().write(static_cast<const char*>(numbers.data_ptr()), static_cast<std::streamsize>(numbers.nbytes()));
  file.commit();
}

}  // namespace latentcrs
