#include "numerics/tensor/pickle_reader.h"

#include <array>
#include <bit>

#include "base/util/error.h"

// The opcodes are those of Lib/pickletools.py of CPython.

namespace latentcrs::pickle {

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

void Reader::fail(const std::string& what) const {
  throw data_error(where_ + ": " + what + " (byte " + std::to_string(position_) + " of the pickle)");
}

}  // namespace latentcrs::pickle
