#include "numerics/tensor/pickle_reader.h"

#include <algorithm>
#include <array>
#include <bit>

#include "base/util/error.h"
#include "numerics/tensor/storage_types.h"

// The opcodes are those of Lib/pickletools.py of CPython.

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

std::string_view kind(const Node& node) {
  static constexpr std::array<std::string_view, 12> names = {"None",       "a bool",    "an integer", "a float",
                                                             "a string",   "a tuple",   "a list",     "a dict",
                                                             "a function", "an object", "a storage",  "a tensor"};
  static_assert(names.size() == std::variant_size_v<decltype(Node::value)>);
  return names[node.value.index()];
}

const Node& Reader::load() {
  stack_.clear();
  marks_.clear();
  memo_.clear();
  for (;;) {
    auto op = static_cast<uint8_t>(unsigned_number(1));
    if (op == '.') return *pop();
    if (!scalar(op) && !text(op) && !container(op) && !memo(op) && !object(op) && !unknown_kind(op)) {
      static constexpr std::string_view digits = "0123456789abcdef";
      fail("unknown opcode 0x" + std::string{digits[op >> 4], digits[op & 15]});
    }
  }
}

bool Reader::scalar(uint8_t op) {
  switch (op) {
    case 0x80: take(1); break;  // PROTO
    case 0x95: take(8); break;  // FRAME
    case 'N': push(None{}); break;
    case 0x88: push(true); break;
    case 0x89: push(false); break;
    case 'K': push(static_cast<int64_t>(unsigned_number(1))); break;
    case 'M': push(static_cast<int64_t>(unsigned_number(2))); break;
    case 'J': push(long_number(4)); break;
    case 0x8a: {  // LONG1
      const uint64_t width = unsigned_number(1);
      if (width <= sizeof(int64_t)) {
        push(long_number(width));
      } else {
        take(width);
        push(Object{"an integer of more than 64 bits"});
      }
      break;
    }
    case 'G': {  // big-endian, the only one
      uint64_t bits = 0;
      for (char byte : take(8)) bits = bits << 8 | static_cast<unsigned char>(byte);
      push(std::bit_cast<double>(bits));
      break;
    }
    default: return false;
  }
  return true;
}

bool Reader::text(uint8_t op) {
  int width = 0;  // of the length
  switch (op) {
    case 'U':   // SHORT_BINSTRING
    case 'C':   // SHORT_BINBYTES
    case 0x8c:  // SHORT_BINUNICODE
      width = 1;
      break;
    case 'T':  // BINSTRING
    case 'B':  // BINBYTES
    case 'X':  // BINUNICODE
      width = 4;
      break;
    case 0x8d:  // BINUNICODE8
    case 0x8e:  // BINBYTES8
      width = 8;
      break;
    default: return false;
  }
  push(take(unsigned_number(width)));
  return true;
}

bool Reader::container(uint8_t op) {
  switch (op) {
    case '(': marks_.push_back(stack_.size()); break;
    case ')': push(Tuple{}); break;
    case ']': push(List{}); break;
    case '}': push(Dict{}); break;
    case 't': push(Tuple{pop_mark()}); break;
    case 'l': push(List{pop_mark()}); break;
    case 'd': {
      std::vector<const Node*> items = pop_mark();
      push(Dict{});
      set_items(items);
      break;
    }
    case 0x85:    // TUPLE1
    case 0x86:    // TUPLE2
    case 0x87: {  // TUPLE3
      Tuple tuple{std::vector<const Node*>(static_cast<size_t>(op - 0x84))};
      for (size_t i = tuple.items.size(); i-- > 0;) tuple.items[i] = pop();
      push(std::move(tuple));
      break;
    }
    case 'a': extend({pop()}); break;
    case 'e': extend(pop_mark()); break;
    case 's': {
      const Node* value = pop();
      const Node* key = pop();
      set_items({key, value});
      break;
    }
    case 'u': set_items(pop_mark()); break;
    default: return false;
  }
  return true;
}

bool Reader::memo(uint8_t op) {
  auto get = [&](uint64_t index) {
    auto found = memo_.find(index);
    if (found == memo_.end()) fail("a reference to a value that was not stored");
    stack_.push_back(found->second);
  };
  switch (op) {
    case '0': pop(); break;
    case '1': pop_mark(); break;
    case '2': stack_.push_back(top()); break;
    case 'q': memo_[unsigned_number(1)] = top(); break;
    case 'r': memo_[unsigned_number(4)] = top(); break;
    case 0x94: memo_[memo_.size()] = top(); break;
    case 'h': get(unsigned_number(1)); break;
    case 'j': get(unsigned_number(4)); break;
    default: return false;
  }
  return true;
}

bool Reader::object(uint8_t op) {
  switch (op) {
    case 'c': {
      std::string_view module = line();
      global(module, line());
      break;
    }
    case 0x93: {  // STACK_GLOBAL
      std::string_view name = as<std::string_view>(*pop());
      global(as<std::string_view>(*pop()), name);
      break;
    }
    case 'R':
    case 0x81:  // NEWOBJ
      reduce();
      break;
    case 0x92:  // NEWOBJ_EX: a dict of named arguments lies above
      pop();
      reduce();
      break;
    case 'b': build(); break;
    case 'Q': persistent_storage(); break;
    default: return false;
  }
  return true;
}

/// Opcodes of values that no file of ours needs; they become Objects.
bool Reader::unknown_kind(uint8_t op) {
  switch (op) {
    case 0x8b:  // LONG4
      take(unsigned_number(4));
      push(Object{"an integer of more than 64 bits"});
      break;
    case 0x8f: push(Object{"set"}); break;  // EMPTY_SET
    case 0x90:                              // ADDITEMS
      pop_mark();
      as<Object>(*top());
      break;
    case 0x91:  // FROZENSET
      pop_mark();
      push(Object{"frozenset"});
      break;
    case 0x96:  // BYTEARRAY8
      take(unsigned_number(8));
      push(Object{"bytearray"});
      break;
    default: return false;
  }
  return true;
}

void Reader::extend(const std::vector<const Node*>& items) {
  if (std::holds_alternative<Object>(top()->value)) return;
  auto* list = std::get_if<List>(&top()->value);
  if (list == nullptr) fail("appends to " + std::string(kind(*top())));
  list->items.insert(list->items.end(), items.begin(), items.end());
}

void Reader::set_items(const std::vector<const Node*>& items) {
  if (items.size() % 2 != 0) fail("a key without a value");
  if (std::holds_alternative<Object>(top()->value)) return;
  auto* dict = std::get_if<Dict>(&top()->value);
  if (dict == nullptr) fail("sets items of " + std::string(kind(*top())));
  for (size_t i = 0; i < items.size(); i += 2) dict->items.emplace_back(items[i], items[i + 1]);
}

void Reader::global(std::string_view module, std::string_view name) {
  push(Global{std::string(module) + "." + std::string(name)});
}

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

std::string_view Reader::take(uint64_t count) {
  if (count > bytes_.size() - position_) fail("cut off");
  std::string_view taken = bytes_.substr(position_, count);
  position_ += count;
  return taken;
}

uint64_t Reader::unsigned_number(int width) {
  uint64_t value = 0;
  std::string_view digits = take(static_cast<uint64_t>(width));
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) value = value << 8 | static_cast<uint8_t>(*digit);
  return value;
}

int64_t Reader::long_number(size_t width) {
  if (width == 0) return 0;
  if (width > sizeof(int64_t)) fail("an integer of more than 64 bits");
  int unused = 64 - 8 * static_cast<int>(width);
  return static_cast<int64_t>(unsigned_number(static_cast<int>(width)) << unused) >> unused;
}

std::string_view Reader::line() {
  size_t end = bytes_.find('\n', position_);
  if (end == std::string_view::npos) fail("cut off");
  std::string_view text = take(end - position_);
  take(1);
  return text;
}

template <class T>
void Reader::push(T value) {
  nodes_.push_back(Node{std::move(value)});
  stack_.push_back(&nodes_.back());
}

Node* Reader::pop() {
  Node* node = top();
  stack_.pop_back();
  return node;
}

Node* Reader::top() {
  if (stack_.size() <= (marks_.empty() ? 0 : marks_.back())) fail("takes more values than there are");
  return stack_.back();
}

std::vector<const Node*> Reader::pop_mark() {
  if (marks_.empty()) fail("a missing mark");
  auto first = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
  std::vector<const Node*> items(first, stack_.end());
  stack_.erase(first, stack_.end());
  marks_.pop_back();
  return items;
}

template <class T>
const T& Reader::as(const Node& node) const {
  if (const T* value = std::get_if<T>(&node.value)) return *value;
  fail("expected " + std::string(kind(Node{T{}})) + ", found " + std::string(kind(node)));
}

void Reader::fail(const std::string& what) const {
  throw data_error(where_ + ": " + what + " (byte " + std::to_string(position_) + " of the pickle)");
}

}  // namespace latentcrs::pickle
