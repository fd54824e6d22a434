#include "numerics/tensor/pickle_writer.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "base/util/error.h"
#include "numerics/tensor/storage_types.h"

namespace latentcrs::pickle {

namespace {

std::string_view storage_name(at::ScalarType type) {
  auto found = std::find_if(kStorageTypes.begin(), kStorageTypes.end(), [&](const auto& t) { return t.type == type; });
  if (found == kStorageTypes.end()) {
    throw internal_error("a tensor of type " + std::string(c10::toString(type)) + " cannot be saved");
  }
  return found->name;
}

std::vector<int64_t> row_major_strides(at::IntArrayRef sizes) {
  std::vector<int64_t> strides(sizes.size(), 1);
  for (size_t i = sizes.size(); i-- > 1;) strides[i - 1] = strides[i] * std::max<int64_t>(sizes[i], 1);
  return strides;
}

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

}  // namespace

Writer::Writer() { raw("\x80\x02"); }

std::string Writer::finish() {
  raw(".");
  return std::move(bytes_);
}

void Writer::value(const PtValue& value) {
  std::visit(Overloaded{
                 [&](std::monostate) { raw("N"); },
                 [&](bool v) { raw(v ? "\x88" : "\x89"); },
                 [&](int64_t v) { integer(v); },
                 [&](double v) { real(v); },
                 [&](const std::string& v) { text(v); },
                 [&](const at::Tensor& v) { tensor(v); },
                 [&](const PtList& list) {
                   raw("](");
                   for (const PtValue& item : list) this->value(item);
                   raw("e");
                 },
                 [&](const PtDict& dict) {
                   raw("}(");
                   for (const auto& [key, item] : dict) {
                     text(key);
                     this->value(item);
                   }
                   raw("u");
                 },
             },
             value.value);
}

void Writer::state_dict(const StateDict& state) {
  global("collections", "OrderedDict");
  raw(")R(");
  for (const auto& [name, item] : state) {
    text(name);
    tensor(item);
  }
  raw("u");
}

/// Writes an integer in the shortest form, as Python's pickler does.
void Writer::integer(int64_t value) {
  if (value >= 0 && value <= std::numeric_limits<uint8_t>::max()) {
    raw("K");
    number(static_cast<uint64_t>(value), 1);
  } else if (value >= std::numeric_limits<int32_t>::min() && value <= std::numeric_limits<int32_t>::max()) {
    raw("J");
    number(static_cast<uint64_t>(value), 4);
  } else {
    raw("\x8a\x08");
    number(static_cast<uint64_t>(value), 8);
  }
}

void Writer::real(double value) {
  raw("G");
  auto bits = std::bit_cast<uint64_t>(value);
  for (int shift = 56; shift >= 0; shift -= 8) bytes_ += static_cast<char>(bits >> shift & 0xff);
}

void Writer::text(std::string_view value) {
  raw("X");
  number(value.size(), 4);
  raw(value);
}

/// Writes a call of _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, backward_hooks).
void Writer::tensor(const at::Tensor& value) {
  global("torch._utils", "_rebuild_tensor_v2");
  raw("((");
  text("storage");
  global("torch", storage_name(value.scalar_type()));
  text(std::to_string(tensors_.size()));
  text("cpu");
  integer(value.numel());
  raw("tQK");
  number(0, 1);
  tuple(value.sizes().vec());
  tuple(row_major_strides(value.sizes()));
  raw("\x89");
  global("collections", "OrderedDict");
  raw(")RtR");
  tensors_.push_back(value);
}

void Writer::tuple(const std::vector<int64_t>& values) {
  raw("(");
  for (int64_t value : values) integer(value);
  raw("t");
}

void Writer::global(std::string_view module, std::string_view name) {
  raw("c");
  raw(module);
  raw("\n");
  raw(name);
  raw("\n");
}

void Writer::number(uint64_t value, int width) {
  for (int i = 0; i < width; ++i) bytes_ += static_cast<char>(value >> (8 * i) & 0xff);
}

}  // namespace latentcrs::pickle
