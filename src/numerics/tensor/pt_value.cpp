#include <fmt/format.h>

#include <utility>

#include "base/util/error.h"
#include "numerics/tensor/tensor_file.h"

namespace latentcrs {

namespace {

constexpr std::string_view kKinds[] = {"None or an object that is not read here",
                                       "a bool",
                                       "an integer",
                                       "a float",
                                       "a string",
                                       "a tensor",
                                       "a list",
                                       "a dict"};

/// The T that `value` holds, const where `value` is.
template <class T, class Value>
auto& expect(Value& value, std::string_view what, std::string_view where) {
  if (auto* found = std::get_if<T>(&value.value)) return *found;
  throw data_error(fmt::format("{}: expected {}, found {}", where, what, kKinds[value.value.index()]));
}

}  // namespace

const at::Tensor& PtValue::tensor(std::string_view where) const& {
  return expect<at::Tensor>(*this, "a tensor", where);
}
const PtList& PtValue::list(std::string_view where) const& { return expect<PtList>(*this, "a list", where); }
const PtDict& PtValue::dict(std::string_view where) const& { return expect<PtDict>(*this, "a dict", where); }
const std::string& PtValue::string(std::string_view where) const& {
  return expect<std::string>(*this, "a string", where);
}
at::Tensor PtValue::tensor(std::string_view where) && { return expect<at::Tensor>(*this, "a tensor", where); }
PtList PtValue::list(std::string_view where) && { return std::move(expect<PtList>(*this, "a list", where)); }
PtDict PtValue::dict(std::string_view where) && { return std::move(expect<PtDict>(*this, "a dict", where)); }
std::string PtValue::string(std::string_view where) && {
  return std::move(expect<std::string>(*this, "a string", where));
}

StateDict read_state_dict(const std::filesystem::path& path) {
  StateDict state;
  for (const auto& [name, value] : read_pt(path).dict(path.string())) {
    state.emplace_back(name, value.tensor(path.string() + ": " + name));
  }
  return state;
}

const at::Tensor* find(const StateDict& state, std::string_view name) {
  for (const auto& [key, tensor] : state) {
    if (key == name) return &tensor;
  }
  return nullptr;
}

}  // namespace latentcrs
