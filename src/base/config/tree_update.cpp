#include "base/config/tree_update.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/config/numbers.h"

namespace latentcrs {

namespace {

void merge_entry(Node& target, const NodeEntry& entry, const std::string& at, NewKeys new_keys, Problems& problems) {
  const auto old = std::find_if(target.entries.begin(), target.entries.end(),
                                [&](const NodeEntry& other) { return other.key == entry.key; });
  const std::string key = join_key(at, entry.key);
  if (old == target.entries.end()) {
    if (new_keys == NewKeys::refused)
      problems.add(entry.value.origin, key, "there is no such key", "+ adds one");
    else
      target.entries.push_back(entry);
  } else if (old->key_kind != entry.key_kind) {
    problems.add(entry.value.origin, key, "the key is there, but not as text");
  } else {
    merge_tree(old->value, entry.value, key, new_keys, problems);
  }
}

/// The item of a list at `index`, which may count from the end; nullptr after reporting a missing item.
Node* item_at(Node& list, const std::string& index, const std::string& origin, const std::string& at,
              Problems& problems) {
  const std::optional<std::string> digits = python_int(index);
  if (!digits) {
    problems.add(origin, at, fmt::format("'{}' is no index of a list", index));
    return nullptr;
  }
  const std::optional<int64_t> number = int64_of(integer_node(*digits));
  if (number && *number >= 0 && static_cast<size_t>(*number) < list.items.size())
    return &list.items[static_cast<size_t>(*number)];
  problems.add(origin, at, fmt::format("the list has no item {}; it has {}", index, list.items.size()));
  return nullptr;
}

bool is_nothing(const Node* node) {
  return node == nullptr || node->kind == Node::Kind::null || node->is_text(kMissing);
}

}  // namespace

void merge_tree(Node& target, const Node& source, const std::string& at, NewKeys new_keys, Problems& problems) {
  if (source.is_text(kMissing)) return;
  if (source.kind == Node::Kind::map && has_interpolation(target)) {
    problems.add(source.origin, at, fmt::format("a map cannot be laid over the interpolation {}", target.text),
                 "change what it refers to");
    return;
  }
  if (target.is_container() && source.is_container() && target.kind != source.kind) {
    problems.add(source.origin, at, fmt::format("{} cannot be laid over {}", describe(source), describe(target)));
    return;
  }
  if (target.kind != Node::Kind::map || source.kind != Node::Kind::map) {
    target = source;
    return;
  }
  for (const NodeEntry& entry : source.entries) merge_entry(target, entry, at, new_keys, problems);
}

Node wrapped(Node tree, const std::string& key) {
  std::vector<std::string> parts = split_key(key);
  for (; !parts.empty(); parts.pop_back()) {
    Node map = map_node(tree.origin);
    map.entries.push_back({parts.back(), std::move(tree)});
    tree = std::move(map);
  }
  return tree;
}

/// The map or list in which an override changes an entry; nullptr after reporting a mistake.
struct TreeUpdate::Place {
  Node* container = nullptr;
  std::string name;  // in the container
  std::string key;   // dotted, of the whole
};

std::string TreeUpdate::key_of(const std::vector<std::string>& path, size_t length) const {
  std::string key = prefix_;
  for (size_t i = 0; i < length; ++i) key = join_key(key, path[i]);
  return key;
}

bool TreeUpdate::may_add(const Override& override) const {
  return open_ || override.kind == Override::Kind::add || override.kind == Override::Kind::force_add;
}

void TreeUpdate::apply(const Override& override, const std::vector<std::string>& path) {
  const Place place = parent_of(override, path);
  if (place.container == nullptr) return;
  if (override.kind == Override::Kind::remove)
    remove(override, place);
  else
    set(override, place);
}

TreeUpdate::Place TreeUpdate::parent_of(const Override& override, const std::vector<std::string>& path) {
  const bool is_forced = override.kind == Override::Kind::add || override.kind == Override::Kind::force_add;
  Node* node = &root_;
  for (size_t i = 0; i + 1 < path.size(); ++i) {
    const std::string key = key_of(path, i + 1);
    Node* child =
        node->kind == Node::Kind::list ? item_at(*node, path[i], override.origin, key, problems_) : node->find(path[i]);
    if (child == nullptr && node->kind == Node::Kind::list) return {};
    if (child == nullptr || !child->is_container()) {
      const bool replaces = is_forced || (open_ && is_nothing(child));
      if (!replaces || override.kind == Override::Kind::remove || (child != nullptr && has_interpolation(*child))) {
        const std::string problem = child == nullptr            ? "there is no such key"
                                    : has_interpolation(*child) ? "it is the interpolation " + child->text
                                                                : "it is no map";
        problems_.add(override.origin, key, problem, child == nullptr ? "+ adds one" : "");
        return {};
      }
      if (child == nullptr) {
        node->set(path[i], map_node(override.origin));
        child = node->find(path[i]);
      } else {
        *child = map_node(override.origin);
      }
    }
    node = child;
  }
  return {node, path.back(), key_of(path, path.size())};
}

void TreeUpdate::set(const Override& override, const Place& place) {
  const Node value = override.node();
  Node& container = *place.container;
  const bool is_list = container.kind == Node::Kind::list;
  Node* old =
      is_list ? item_at(container, place.name, override.origin, place.key, problems_) : container.find(place.name);
  if (old == nullptr && is_list) return;
  if (old == nullptr && !may_add(override)) {
    problems_.add(override.origin, place.key, "there is no such key", "+" + override.text + " adds it");
    return;
  }
  if (override.kind == Override::Kind::add && !is_nothing(old) && !value.is_container()) {
    const std::optional<Node> current = resolve_(*old, place.key);
    if (!current || current->kind != Node::Kind::null) {
      problems_.add(override.origin, place.key, "it has a value, so + cannot add it",
                    fmt::format("write {} or +{}", override.text.substr(1), override.text));
      return;
    }
  }
  for (const NodeEntry& entry : container.entries)
    if (entry.key == place.name && entry.key_kind != Node::Kind::text) {
      problems_.add(override.origin, place.key, "the key is there, but not as text");
      return;
    }
  const bool is_merged = old != nullptr && old->is_container() && value.is_container();
  if (is_merged)
    merge_tree(*old, value, place.key, may_add(override) ? NewKeys::allowed : NewKeys::refused, problems_);
  else if (old != nullptr)
    *old = value;
  else
    container.entries.push_back({place.name, value});
}

void TreeUpdate::remove(const Override& override, const Place& place) {
  if (place.container->kind == Node::Kind::list) {
    problems_.add(override.origin, place.key, "an item of a list cannot be removed", "give the whole list");
    return;
  }
  const Node* old = place.container->find(place.name);
  const std::optional<Node> current = is_nothing(old) ? std::nullopt : resolve_(*old, place.key);
  if (!current || is_nothing(&*current)) {
    problems_.add(override.origin, place.key, "there is no value to remove");
    return;
  }
  const Node expected = override.node();
  if (expected.kind != Node::Kind::null && !equal(*current, expected)) {
    problems_.add(override.origin, place.key,
                  fmt::format("the value is {} and not {}", python_text(*current), python_text(expected)));
    return;
  }
  std::erase_if(place.container->entries, [&](const NodeEntry& entry) { return entry.key == place.name; });
}

}  // namespace latentcrs
