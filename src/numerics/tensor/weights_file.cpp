#include "numerics/tensor/weights_file.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string>
#include <unordered_set>

#include "base/util/error.h"
#include "base/util/log.h"

namespace latentcrs {

namespace {

constexpr std::array kWrappers = {"state_dict", "model_state_dict", "model"};
/// The parts of names that wrappers add: DistributedDataParallel, torch.compile, Lightning and other modules.
constexpr std::array<std::string_view, 3> kMarks = {"module", "_orig_mod", "model"};
constexpr size_t kNamesShown = 8;

bool holds_tensors(const PtDict& dict) {
  for (const auto& [name, value] : dict)
    if (std::holds_alternative<at::Tensor>(value.value)) return true;
  return false;
}

/// The parts of the file that were taken and those that were left, for messages.
struct WeightsSource {
  std::string where;
  std::vector<std::string> entries;  ///< names of the nested dicts, from the outside in
  std::vector<std::string> left;   ///< names of the other entries, and of values among the weights that are not tensors
  std::vector<std::string> marks;  ///< parts removed from the names
};

void add_new(std::vector<std::string>& names, std::string_view name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.emplace_back(name);
}

/// Whether an entry is a dict of weights, or of another wrapper, under a name that training scripts use.
bool is_wrapper(const std::string& name, const PtValue& value) {
  const auto* dict = std::get_if<PtDict>(&value.value);
  if (dict == nullptr || std::find(kWrappers.begin(), kWrappers.end(), name) == kWrappers.end()) return false;
  if (holds_tensors(*dict)) return true;
  for (const auto& [inner_name, inner] : *dict)
    if (is_wrapper(inner_name, inner)) return true;
  return false;
}

/// The innermost dict of weights; `dict` itself if it has no wrapper.
const PtDict& unwrapped(const PtDict& dict, WeightsSource& taken) {
  const std::pair<std::string, PtValue>* inner = nullptr;
  for (const auto& entry : dict) {
    if (!is_wrapper(entry.first, entry.second)) continue;
    if (inner != nullptr)
      throw data_error(fmt::format("{}: holds weights in \"{}\" and in \"{}\": save the ones meant alone", taken.where,
                                   inner->first, entry.first));
    inner = &entry;
  }
  for (const auto& entry : dict)
    if (&entry != inner && (inner != nullptr || !std::holds_alternative<at::Tensor>(entry.second.value)))
      add_new(taken.left, entry.first);
  if (inner == nullptr) return dict;
  taken.entries.push_back(inner->first);
  return unwrapped(std::get<PtDict>(inner->second.value), taken);
}

/// The name without the parts that wrappers add: "module.model.x.weight" -> "x.weight".
std::string plain_name(std::string_view name, WeightsSource& taken) {
  std::string plain;
  while (!name.empty()) {
    const size_t end = std::min(name.find('.'), name.size());
    const std::string_view part = name.substr(0, end);
    name.remove_prefix(std::min(name.size(), end + 1));
    if (!name.empty() && std::find(kMarks.begin(), kMarks.end(), part) != kMarks.end()) {
      add_new(taken.marks, std::string(part) + ".");
    } else {
      plain += part;
      if (!name.empty()) plain += '.';
    }
  }
  return plain;
}

/// A list for messages: "a", "b" and 3 others.
std::string quoted(const std::vector<std::string>& names) {
  const size_t shown = std::min(names.size(), kNamesShown);
  std::string text =
      fmt::format("\"{}\"", fmt::join(names.begin(), names.begin() + static_cast<ptrdiff_t>(shown), "\", \""));
  if (names.size() > shown) text += fmt::format(" and {} others", names.size() - shown);
  return text;
}

void say(const WeightsSource& taken) {
  std::vector<std::string> parts;
  if (!taken.entries.empty())
    parts.push_back(fmt::format("were taken from \"{}\"", fmt::join(taken.entries, "\" / \"")));
  if (!taken.marks.empty()) parts.push_back(fmt::format("had {} taken off their names", quoted(taken.marks)));
  if (!taken.left.empty()) parts.push_back(fmt::format("are read without {} beside them", quoted(taken.left)));
  if (!parts.empty()) log::info("{}: its weights {}", taken.where, fmt::join(parts, ", "));
}

void check_type(const std::string& name, const at::Tensor& tensor, const std::string& where) {
  if (tensor.is_floating_point()) return;
  throw data_error(
      fmt::format("{}: {} holds numbers of type {}, which are no weights: save the floating-point numbers that it was "
                  "made from",
                  where, name, c10::toString(tensor.scalar_type())));
}

/// Throws Error(data) for a weight in a form that is not read, which would otherwise be missed as if it were not there.
void check_form(const std::string& name, const PtValue& value, const std::string& where) {
  const bool is_weight = name.ends_with(".weight") || name.ends_with(".bias");
  if (is_weight && std::holds_alternative<std::monostate>(value.value))
    throw data_error(fmt::format(
        "{}: {} is None or a tensor of a kind that is not read (sparse, quantised, float8, meta, a class of "
        "its own): save it as a dense tensor of float32",
        where, name));
}

}  // namespace

StateDict read_weights(const std::filesystem::path& path) {
  const PtValue root = read_pt(path);
  WeightsSource taken{.where = path.string(), .entries = {}, .left = {}, .marks = {}};
  const PtDict& weights = unwrapped(root.dict(taken.where), taken);
  if (!holds_tensors(weights))
    throw data_error(fmt::format("{}: holds no dict of weights{}", taken.where,
                                 taken.left.empty() ? "" : ", but " + quoted(taken.left)));
  StateDict state;
  std::unordered_set<std::string> names;
  for (const auto& [name, value] : weights) {
    const auto* tensor = std::get_if<at::Tensor>(&value.value);
    check_form(name, value, taken.where);
    if (tensor == nullptr) continue;
    std::string plain = plain_name(name, taken);
    check_type(name, *tensor, taken.where);
    if (!names.insert(plain).second)
      throw data_error(fmt::format("{}: two of its weights are called {} once {} is taken off their names", taken.where,
                                   plain, quoted(taken.marks)));
    state.emplace_back(std::move(plain), *tensor);
  }
  say(taken);
  return state;
}

}  // namespace latentcrs
