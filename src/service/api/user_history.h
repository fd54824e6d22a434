// The items of a user of the data as of a moment. Free of LibTorch.
#pragma once

#include <cstdint>
#include <span>

#include "datasets/data/interactions.h"

namespace latentcrs {

/// The users to recommend to, as of which moment.
enum class Moment {
  now,    ///< after all of their items
  test,   ///< before the last item, as the evaluation ranks the test users
  valid,  ///< before the last but one
};

/// What the user of a row had at the moment, by the dataset's ids, oldest first; a view of `interactions`.
inline std::span<const int32_t> items_as_of(const Interactions& interactions, int64_t row, Moment moment) {
  const UserParts parts = interactions.parts_of(row);
  const std::span<const int32_t> items = interactions.sequence(row);
  if (moment == Moment::test) return items.first(static_cast<size_t>(parts.valid));
  if (moment == Moment::valid) return items.first(static_cast<size_t>(parts.train));
  return items;
}

}  // namespace latentcrs
