// A parser of Python's pickles as PyTorch writes them. Nothing is executed: the few functions that rebuild tensors and
// ordered dicts are understood, not called, and any other class or function that a pickle names becomes an Object.
#pragma once

#include <c10/core/ScalarType.h>

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace latentcrs::pickle {

struct Node;

struct None {};
struct Tuple {
  std::vector<const Node*> items;
};
struct List {
  std::vector<const Node*> items;
};
struct Dict {
  std::vector<std::pair<const Node*, const Node*>> items;
};
/// A class or function, written "module.name".
struct Global {
  std::string name;
};
/// A value that is not understood here: an instance of the class `name`, or a result of the function `name`. A file may
/// hold such values beside those that are wanted.
struct Object {
  std::string name;
};
/// `numel` numbers that are stored outside the pickle under `key`.
struct Storage {
  std::string_view key;
  at::ScalarType type;
  int64_t numel;
};
/// A view of a storage. Offset and strides count elements; they are those of the file, not checked against the storage.
struct Tensor {
  Storage storage;
  int64_t offset;
  std::vector<int64_t> sizes, strides;
  bool negative = false;   ///< the numbers are the negated numbers of the storage (a view of torch._neg_view)
  bool conjugate = false;  ///< the numbers are the complex conjugates of those of the storage
};

struct Node {
  std::variant<None, bool, int64_t, double, std::string_view, Tuple, List, Dict, Global, Object, Storage, Tensor> value;
};

/// The name of the node's type in messages: "a list".
std::string_view kind(const Node& node);

/// Parses the pickles that follow each other in `bytes`. The nodes live as long as the reader and refer to `bytes`; a
/// node may contain itself. Throws Error(data), whose message begins with `where`, for malformed pickles.
class Reader {
 public:
  Reader(std::string_view bytes, std::string where) : bytes_(bytes), where_(std::move(where)) {}

  /// Parses the next pickle and returns its root.
  const Node& load();
  /// The offset of the first byte after the last pickle parsed.
  size_t position() const { return position_; }
  /// All storages that the pickles named so far, by key.
  const std::unordered_map<std::string_view, Storage>& storages() const { return storages_; }

 private:
  // Each of these handles one group of opcodes and returns false if `op` is not one of them.
  bool scalar(uint8_t op);
  bool text(uint8_t op);
  bool container(uint8_t op);
  bool memo(uint8_t op);
  bool object(uint8_t op);
  bool unknown_kind(uint8_t op);

  void extend(const std::vector<const Node*>& items);
  void set_items(const std::vector<const Node*>& items);
  void global(std::string_view module, std::string_view name);
  void reduce();
  void call(const std::string& function, const Tuple& arguments);
  void build();
  void ordered_dict(const Tuple& arguments);
  void rebuild_tensor(const std::string& function, const Tuple& arguments);
  void rebuild_from_type(const Tuple& arguments);
  void persistent_storage();
  std::vector<int64_t> integers(const Node& node) const;

  std::string_view take(uint64_t count);
  uint64_t unsigned_number(int width);
  int64_t long_number(size_t width);
  std::string_view line();

  template <class T>
  void push(T value);
  Node* pop();
  Node* top();
  std::vector<const Node*> pop_mark();
  template <class T>
  const T& as(const Node& node) const;
  [[noreturn]] void fail(const std::string& what) const;

  std::string_view bytes_;
  std::string where_;
  size_t position_ = 0;
  std::deque<Node> nodes_;
  std::vector<Node*> stack_;
  std::vector<size_t> marks_;
  std::unordered_map<uint64_t, Node*> memo_;
  std::unordered_map<std::string_view, Storage> storages_;
};

template <class T>
void Reader::push(T value) {
  nodes_.push_back(Node{std::move(value)});
  stack_.push_back(&nodes_.back());
}

template <class T>
const T& Reader::as(const Node& node) const {
  if (const T* value = std::get_if<T>(&node.value)) return *value;
  fail("expected " + std::string(kind(Node{T{}})) + ", found " + std::string(kind(node)));
}

}  // namespace latentcrs::pickle
