#include <ATen/ATen.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/util/error.h"
#include "base/util/files.h"
#include "numerics/tensor/mapped_file.h"
#include "numerics/tensor/npy_header.h"
#include "numerics/tensor/tensor_file.h"

// The layout follows numpy/lib/format.py: magic, version, size of the header, the header (a literal of a Python dict),
// the numbers.

namespace latentcrs {

namespace {

constexpr size_t kHeaderAlignment = 64;

std::string header_of(const at::Tensor& tensor) {
  const std::string_view descr = npy_descr(tensor.scalar_type());
  if (descr.empty()) {
    throw internal_error("a tensor of type " + std::string(c10::toString(tensor.scalar_type())) + " has no .npy form");
  }
  std::string shape = fmt::format("{}", fmt::join(tensor.sizes(), ", "));
  if (tensor.dim() == 1) shape += ",";
  std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", descr, shape);
  header.append(kHeaderAlignment - 1 - (kNpyPrefix + header.size()) % kHeaderAlignment, ' ');
  return header + "\n";
}

}  // namespace

at::Tensor read_npy(const std::filesystem::path& path) {
  MappedFile file(path);
  const NpyHeader header = parse_npy_header(file.bytes(), path.string());
  const std::string_view numbers = file.bytes().substr(header.numbers_at);
  at::Tensor tensor = at::empty(header.shape, at::TensorOptions(header.type));
  std::copy(numbers.begin(), numbers.end(), static_cast<char*>(tensor.data_ptr()));
  return tensor;
}

void write_npy(const at::Tensor& tensor, const std::filesystem::path& path) {
  at::Tensor numbers = tensor.detach().to(at::kCPU).contiguous();
  std::string header = header_of(numbers);
  AtomicFile file(path);
  file.stream() << kNpyMagic << '\0' << static_cast<char>(header.size() & 0xff)
                << static_cast<char>(header.size() >> 8);
  file.stream() << header;
  file.stream().write(static_cast<const char*>(numbers.data_ptr()), static_cast<std::streamsize>(numbers.nbytes()));
  file.commit();
}

}  // namespace latentcrs
