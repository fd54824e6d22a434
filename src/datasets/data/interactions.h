// Users' item sequences, oldest first: the `<name>.csv` of docs/method.md, section 2.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

namespace latentcrs {

/// Largest item id a file may use. Ids are rows of embedding tables, so a stray id would make the tables huge.
inline constexpr int32_t kMaxItemId = 100'000'000;

/// Fewest items of a user: one each for training, validation and test.
inline constexpr size_t kMinItems = 3;

/// Where the sequence of a user with n items is divided: items [0, train) are trained on, [train, valid) are the
/// targets of validation and [valid, n) those of the test.
struct UserParts {
  int64_t train = 0;
  int64_t valid = 0;
};

/// Sequences of all users in file order, in one block of memory (CSR). Item and user ids are the file's own; 0 pads.
struct Interactions {
  std::vector<int64_t> user_ids;       ///< [U]
  std::vector<int64_t> offsets = {0};  ///< [U + 1]; sequence u is items[offsets[u] .. offsets[u+1])
  std::vector<int32_t> items;          ///< ids in [1, kMaxItemId]
  std::vector<UserParts> parts = {};   ///< [U]; empty: leave-one-out

  int64_t num_users() const { return static_cast<int64_t>(user_ids.size()); }
  std::span<const int32_t> sequence(int64_t u) const {
    return {items.data() + offsets[u], static_cast<size_t>(offsets[u + 1] - offsets[u])};
  }
  /// Leave-one-out gives {n - 2, n - 1}.
  UserParts parts_of(int64_t u) const;
  /// The items of a user that are trained on.
  std::span<const int32_t> training(int64_t u) const {
    return sequence(u).first(static_cast<size_t>(parts_of(u).train));
  }
  void add_user(int64_t user_id, std::span<const int32_t> sequence);
  int32_t max_item_id() const;
  /// The distinct items, ascending.
  std::vector<int32_t> distinct_items() const;
};

/// Reads `user TAB item item …` or ICLRec's `user item item …` (the separator tells). Throws Error(data) with file:line
/// for an id that is no positive integer, a repeated user, a user with fewer than 3 items, or no user at all.
Interactions read_interactions(const std::filesystem::path& path);

/// The same with the parts of a file of write_parts(), with which users may have fewer items; an empty path:
/// leave-one-out. Throws Error(data) for a file of
/// other users or of other numbers of items.
Interactions read_interactions(const std::filesystem::path& path, const std::filesystem::path& parts);

/// Writes `user TAB item item …`, LF ends, atomically.
void write_interactions(const Interactions& interactions, const std::filesystem::path& path);
/// Writes a header and `user TAB train TAB valid TAB test`, the numbers of items, atomically.
void write_parts(const Interactions& interactions, const std::filesystem::path& path);

/// Dense ids 1..V of the items in order of first appearance in the file, as the EM model's published tables use them
/// (published get_useritem_rawid2modelid); row 0 is padding.
struct DenseItems {
  std::vector<int32_t> raw_from_dense;  ///< [V + 1], raw_from_dense[0] = 0
  std::vector<int32_t> dense_from_raw;  ///< [max raw id + 1], -1 where the raw id does not occur; [0] = 0

  int64_t size() const { return static_cast<int64_t>(raw_from_dense.size()); }  ///< V + 1 rows, padding included
  /// Throws Error(data) naming `where` if `raw` does not occur in the dataset.
  int32_t dense(int64_t raw, const char* where) const;
  /// The distinct dense ids of items of the dataset, ascending.
  std::vector<int32_t> distinct(std::span<const int32_t> raw) const;
};
DenseItems make_dense_items(const Interactions& interactions);

}  // namespace latentcrs
