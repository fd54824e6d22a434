// The two looks of the fused softmax at the whole catalogue on a processor with AMX (fused_softmax.h,
// numerics/linalg/amx/split_kernel.h).
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "numerics/linalg/amx/split_kernel.h"
#include "numerics/linalg/logit_tiles.h"

namespace latentcrs {

/// An item that is none of a position's others, because it is the target itself.
struct HiddenTarget {
  int64_t item;  ///< place among the items
  int64_t position;
};

/// Logits are those of P positions and C items, their vectors of D numbers, a multiple of kSplitGroup. The bits depend
/// on the sizes alone.
class SplitSoftmax {
 public:
  /// How often a logit is multiplied: in each of two looks, or in one that keeps the exponentials of a block of
  /// positions.
  enum class Looks { two, one };

  /// Positions and items in memory that stays where it is.
  SplitSoftmax(const kernels::SplitKernel& kernel, const kernels::Vectors& states, const kernels::Vectors& items,
               std::vector<HiddenTarget> hidden, Looks looks);

  /// Sums come in so many parts of the items.
  int64_t segments() const { return segments_.count; }

  /// totals [segments, P]: of 2^(logit - shift), NaN where a number is not finite. products [segments, P, D]: of
  /// 2^(logit - shift) times items, unless it is null. shifts [whole_groups(P)].
  void look_at_items(const float* shifts, double* totals, float* products) const;

  /// gradient [C, D]: the sums of 2^(logit - shift) times shares [P, D]; NaN where a number is not finite.
  void look_at_positions(const float* shifts, const float* shares, float* gradient) const;

  /// Both for Looks::one: totals [P], products [P, D], gradient [C, D]. make_shares(positions) fills in the shares of a
  /// block when its totals are known.
  void look_once(const float* shifts, double* totals, float* products, const float* shares, float* gradient,
                 const std::function<void(Span)>& make_shares) const;

 private:
  struct Memory;
  struct Look;
  Look look_for_items(const float* shifts, bool products) const;
  void give_totals(const Memory& memory, Span positions, double* totals, float* products) const;
  void add_kept(Memory& memory, Span positions, const float* shares, float* sums) const;
  void join_groups(const float* of_groups, int64_t groups, float* gradient) const;
  void take_rows(Memory& memory, const kernels::Vectors& rows) const;
  void take_columns(Memory& memory, const Look& look, int64_t block, int64_t tile) const;

  const kernels::SplitKernel& kernel_;
  kernels::Vectors states_, items_;
  std::vector<HiddenTarget> hidden_;
  Cuts blocks_;    // of positions
  Cuts tiles_;     // of items
  Cuts segments_;  // of those tiles
};

}  // namespace latentcrs
