// The functions and classes that a pickle names: ordered dicts, tensors and their storages.
#include <algorithm>
#include <array>

#include "numerics/tensor/pickle_reader.h"
#include "numerics/tensor/storage_types.h"

namespace latentcrs::pickle {

namespace {

constexpr std::string_view kOrderedDict = "collections.OrderedDict";
constexpr std::string_view kDefaultDict = "collections.defaultdict";
constexpr std::string_view kSize = "torch.Size";
constexpr std::string_view kRebuildTensor = "torch._utils._rebuild_tensor";
constexpr std::string_view kRebuildTensorV2 = "torch._utils._rebuild_tensor_v2";
constexpr std::string_view kRebuildParameter = "torch._utils._rebuild_parameter";
constexpr std::string_view kRebuildParameterWithState = "torch._utils._rebuild_parameter_with_state";
/// The function that rebuilds a tensor with attributes of its own: (function, class, its arguments, state).
constexpr std::string_view kRebuildFromType = "torch._tensor._rebuild_from_type_v2";
/// The classes of such tensors whose numbers are those of their storage.
constexpr std::array<std::string_view, 4> kPlainTensors = {"torch.Tensor", "torch._tensor.Tensor",
                                                           "torch.nn.parameter.Parameter", "torch.nn.parameter.Buffer"};
constexpr std::string_view kTorchModule = "torch.";
constexpr size_t kMaxDimensions = 64;

const StorageType* storage_type(std::string_view name) {
  if (!name.starts_with(kTorchModule)) return nullptr;
  name.remove_prefix(kTorchModule.size());
  auto found = std::find_if(kStorageTypes.begin(), kStorageTypes.end(), [&](const auto& t) { return t.name == name; });
  return found == kStorageTypes.end() ? nullptr : &*found;
}

}  // namespace

void Reader::reduce() {
  const Tuple& arguments = as<Tuple>(*pop());
  const Node& function = *pop();
  if (const auto* object = std::get_if<Object>(&function.value))
    push(Object{object->name});
  else
    call(as<Global>(function).name, arguments);
}

void Reader::call(const std::string& function, const Tuple& arguments) {
  if (function == kOrderedDict) {
    ordered_dict(arguments);
  } else if (function == kDefaultDict) {
    push(Dict{});
  } else if (function == kSize && arguments.items.size() == 1) {
    push(as<Tuple>(*arguments.items[0]));
  } else if (function == kRebuildTensor || function == kRebuildTensorV2) {
    rebuild_tensor(function, arguments);
  } else if (function == kRebuildFromType) {
    rebuild_from_type(arguments);
  } else if ((function == kRebuildParameter || function == kRebuildParameterWithState) && !arguments.items.empty()) {
    nodes_.push_back(*arguments.items[0]);
    stack_.push_back(&nodes_.back());
  } else {
    push(Object{function});
  }
}

/// Rebuilds an OrderedDict. Python 2 passes the pairs as an argument.
void Reader::ordered_dict(const Tuple& arguments) {
  Dict dict;
  if (!arguments.items.empty()) {
    for (const Node* item : as<List>(*arguments.items[0]).items) {
      const bool is_list = std::holds_alternative<List>(item->value);
      const std::vector<const Node*>& pair = is_list ? as<List>(*item).items : as<Tuple>(*item).items;
      if (pair.size() != 2) fail("an item of a dict that is no pair");
      dict.items.emplace_back(pair[0], pair[1]);
    }
  }
  push(std::move(dict));
}

/// Handles BUILD. The state is the `_metadata` of an OrderedDict (module versions) or the attributes of an object that
/// is not understood here.
void Reader::build() {
  pop();
  top();
}

/// Rebuilds a tensor from (storage, offset, sizes, strides[, requires_grad, hooks[, metadata]]).
void Reader::rebuild_tensor(const std::string& function, const Tuple& arguments) {
  const auto& items = arguments.items;
  if (items.size() < 4) fail("a tensor without storage, offset, size or stride");
  if (const auto* object = std::get_if<Object>(&items[0]->value)) {
    push(Object{object->name});
    return;
  }
  Tensor tensor{as<Storage>(*items[0]), as<int64_t>(*items[1]), integers(*items[2]), integers(*items[3])};
  if (items.size() > 6 && !std::holds_alternative<None>(items[6]->value)) {
    for (const auto& [key, value] : as<Dict>(*items[6]).items) {
      const auto name = as<std::string_view>(*key);
      const bool* set = std::get_if<bool>(&value->value);
      if (name == "neg" && set != nullptr) {
        tensor.negative = *set;
      } else if (name == "conj" && set != nullptr) {
        tensor.conjugate = *set;
      } else {
        push(Object{function + " with '" + std::string(name) + "'"});
        return;
      }
    }
  }
  push(std::move(tensor));
}

void Reader::rebuild_from_type(const Tuple& arguments) {
  const auto& items = arguments.items;
  if (items.size() < 3) fail("a tensor without function, class or arguments");
  const auto* function = std::get_if<Global>(&items[0]->value);
  const auto* type = std::get_if<Global>(&items[1]->value);
  const std::string name = type != nullptr ? type->name : std::string(kRebuildFromType);
  const bool plain = std::find(kPlainTensors.begin(), kPlainTensors.end(), name) != kPlainTensors.end();
  if (function != nullptr && plain && function->name != kRebuildFromType)
    call(function->name, as<Tuple>(*items[2]));
  else
    push(Object{name});
}

/// Resolves the persistent id of a storage, ("storage", class, key, device, numel[, None]); the device is ignored.
void Reader::persistent_storage() {
  const Tuple& id = as<Tuple>(*pop());
  if (id.items.size() < 5 || as<std::string_view>(*id.items[0]) != "storage")
    fail("a persistent id that is no storage");
  if (id.items.size() > 5 && !std::holds_alternative<None>(id.items[5]->value)) fail("a view of a storage");
  const std::string& name = as<Global>(*id.items[1]).name;
  const StorageType* type = storage_type(name);
  if (type == nullptr) {
    push(Object{name});
    return;
  }
  Storage storage{as<std::string_view>(*id.items[2]), type->type, as<int64_t>(*id.items[4])};
  if (storage.numel < 0) fail("a storage of negative size");
  const Storage& first = storages_.emplace(storage.key, storage).first->second;
  if (first.type != storage.type || first.numel != storage.numel) {
    fail("storage " + std::string(storage.key) + " is described in two ways");
  }
  push(storage);
}

std::vector<int64_t> Reader::integers(const Node& node) const {
  const Tuple& tuple = as<Tuple>(node);
  if (tuple.items.size() > kMaxDimensions) fail("a tensor of " + std::to_string(tuple.items.size()) + " dimensions");
  std::vector<int64_t> values;
  for (const Node* item : tuple.items) values.push_back(as<int64_t>(*item));
  return values;
}

}  // namespace latentcrs::pickle
