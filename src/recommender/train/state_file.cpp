#include "recommender/train/state_file.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include "base/util/error.h"

namespace latentcrs {

PtValue to_value(const StateDict& state) {
  PtDict dict;
  for (const auto& [name, tensor] : state) dict.emplace_back(name, PtValue{tensor});
  return {dict};
}

StateDict StateFile::tensors(const char* key) const {
  StateDict state;
  for (const auto& [name, value] : at(key).dict(where_)) state.emplace_back(name, value.tensor(where_).clone());
  return state;
}

int64_t StateFile::integer(const char* key) const {
  const auto* value = std::get_if<int64_t>(&at(key).value);
  if (value == nullptr) throw data_error(fmt::format("{}: {} is no integer; remove it to start again", where_, key));
  return *value;
}

const PtValue& StateFile::at(const char* key) const {
  for (const auto& [name, value] : root_.dict(where_))
    if (name == key) return value;
  throw data_error(
      fmt::format("{} has no {}: it was not written by this version; remove it to start again", where_, key));
}

}  // namespace latentcrs
