// Python's pickles as PyTorch writes them, parsed into nodes. Nothing is executed: the few functions that rebuild
// tensors and ordered dicts are understood here, not called, and whatever else a pickle names becomes an Object.
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
/// A class or function, as "module.name".
struct Global {
  std::string name;
};
/// A value that is not understood here: an instance of the class, or a result of the function, `name`. A file may hold
/// such values beside those that are asked for.
struct Object {
  std::string name;
};
/// `numel` numbers kept outside the pickle under `key`.
struct Storage {
  std::string_view key;
  at::ScalarType type;
  int64_t numel;
};
/// Strides and offset count elements; they are as found, not checked against the storage.
struct Tensor {
  Storage storage;
  int64_t offset;
  std::vector<int64_t> sizes, strides;
  bool negative = false;   ///< the numbers are those of the storage with the other sign (a view of torch._neg_view)
  bool conjugate = false;  ///< the numbers are the conjugates of those of the storage
};

struct Node {
  std::variant<None, bool, int64_t, double, std::string_view, Tuple, List, Dict, Global, Object, Storage, Tensor> value;
};

/// What a message calls the node's type: "a list".
std::string_view kind(const Node& node);

/// Parses the pickles that follow each other in `bytes`. Nodes live as long as the reader and view `bytes`; one may
/// contain itself. Throws Error(data) beginning with `where` for anything malformed.
class Reader {
 public:
  Reader(std::string_view bytes, std::string where) : bytes_(bytes), where_(std::move(where)) {}

  /// The next pickle.
  const Node& load();
  /// First byte after the last pickle loaded.
  size_t position() const { return position_; }
  /// Every storage that a pickle named so far, by key.
  const std::unordered_map<std::string_view, Storage>& storages() const { return storages_; }

 private:
  // Each handles the opcodes of one group and tells whether `op` is one of them.
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

}  // namespace latentcrs::pickle
