// The pickles inside .pt files: every pickle of the input is loaded, and every value of it visited.
#include <unordered_set>

#include "fuzz.h"
#include "numerics/tensor/pickle_reader.h"

namespace {

using namespace latentcrs;

/// Visits every value once, lists that contain themselves included. Returns a number that depends on all bytes which
/// the values view, so that a view of memory that is gone is found.
size_t visit(const pickle::Node& root) {
  size_t sum = 0;
  std::unordered_set<const pickle::Node*> seen;
  std::vector<const pickle::Node*> open = {&root};
  while (!open.empty()) {
    const pickle::Node* node = open.back();
    open.pop_back();
    if (!seen.insert(node).second) continue;
    sum += pickle::kind(*node).size();
    if (const auto* text = std::get_if<std::string_view>(&node->value))
      for (const char byte : *text) sum += static_cast<unsigned char>(byte);
    if (const auto* tensor = std::get_if<pickle::Tensor>(&node->value)) sum += tensor->storage.key.size();
    if (const auto* tuple = std::get_if<pickle::Tuple>(&node->value))
      open.insert(open.end(), tuple->items.begin(), tuple->items.end());
    if (const auto* list = std::get_if<pickle::List>(&node->value))
      open.insert(open.end(), list->items.begin(), list->items.end());
    if (const auto* dict = std::get_if<pickle::Dict>(&node->value)) {
      for (const auto& [key, value] : dict->items) {
        open.push_back(key);
        open.push_back(value);
      }
    }
  }
  return sum;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::expect_value_or_error([&] {
    pickle::Reader reader(fuzz::text_of(data, size), "input");
    volatile size_t sum = 0;
    while (reader.position() < size) sum = sum + visit(reader.load());
    for (const auto& [key, storage] : reader.storages()) sum = sum + key.size() + static_cast<size_t>(storage.numel);
  });
  return 0;
}
