// Tiles of bfloat16 numbers on processors with AMX, and float32 numbers as the sums of some (split_kernel.h).
#pragma once

#include <utility>

#include "numerics/linalg/kernels/simd.h"

#ifdef __AMX_TILE__  // which only the sources of this folder are compiled with

namespace latentcrs::kernels::LATENTCRS_ISA {

constexpr int64_t kTile = 512;  // bfloat16 numbers of a tile: 16 lines of 64 bytes
constexpr int kLines = 16;

/// The shape of tiles, as the processor reads it.
struct alignas(64) TileShape {
  uint8_t palette = 1, start = 0, reserved[14] = {};
  uint16_t bytes_of_line[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  uint8_t lines[16] = {kLines, kLines, kLines, kLines, kLines, kLines, kLines, kLines};
};
constexpr TileShape kShape;

/// This thread has tiles until the end of the scope.
class Tiles {
 public:
  Tiles() { _tile_loadconfig(&kShape); }
  ~Tiles() { _tile_release(); }
  Tiles(const Tiles&) = delete;
  Tiles& operator=(const Tiles&) = delete;
};

/// g++ 12 does not know that loading a tile reads memory: stores before must not be moved behind it.
inline void finish_stores() { __atomic_signal_fence(__ATOMIC_SEQ_CST); }

// Splitting. Two vectors a, b of 16 numbers become 16 words for each part, word i the pair (a[i], b[i]). So a group of
// 32 numbers is summed up in the order 0, 16, 1, 17, ..., the same one in both factors.

constexpr int32_t kHigh = static_cast<int32_t>(0xffff0000);

inline Ints rounded(Floats x) { return bits(x) + 0x8000; }
inline Ints pairs(Ints a, Ints b) { return (Ints)((Words)a >> 16) | (b & kHigh); }

template <int Parts>
inline void split(Floats a, Floats b, Ints* parts) {
#pragma GCC unroll 3
  for (int p = 0; p + 1 < Parts; ++p) {
    const Ints at_a = rounded(a), at_b = rounded(b);
    parts[p] = pairs(at_a, at_b);
    a -= (Floats)(at_a & kHigh);
    b -= (Floats)(at_b & kHigh);
  }
  parts[Parts - 1] = pairs(rounded(a), rounded(b));
}

/// Set where a number cannot be split: NaN, infinite, or beyond the largest bfloat16.
inline Ints unsound(Floats x) { return (Ints)((bits(x) & 0x7fffffff) >= 0x7f7f8000); }

inline bool any(Ints mask) {
  int32_t set = 0;
  for (int lane = 0; lane < kLanes; ++lane) set |= mask[lane];
  return set != 0;
}

inline void put(uint16_t* to, Ints words) { std::memcpy(to, &words, sizeof words); }

/// Swaps the blocks of Step x Step words beside the diagonal in each block twice as large.
template <int Step, int... Lane>
inline void swap_blocks(Ints* lines, std::integer_sequence<int, Lane...>) {
#pragma GCC unroll 16
  for (int i = 0; i < kLines; ++i) {
    if ((i & Step) != 0) continue;
    const Ints a = lines[i], b = lines[i + Step];
    lines[i] = __builtin_shufflevector(a, b, ((Lane & Step) != 0 ? kLines + Lane - Step : Lane)...);
    lines[i + Step] = __builtin_shufflevector(a, b, ((Lane & Step) != 0 ? kLines + Lane : Lane + Step)...);
  }
}
inline void transpose(Ints* lines) {
  constexpr auto kAll = std::make_integer_sequence<int, kLines>();
  swap_blocks<8>(lines, kAll);
  swap_blocks<4>(lines, kAll);
  swap_blocks<2>(lines, kAll);
  swap_blocks<1>(lines, kAll);
}

}  // namespace latentcrs::kernels::LATENTCRS_ISA

#endif
