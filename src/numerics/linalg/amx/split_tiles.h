// Tiles of bfloat16 numbers on processors with AMX, and float32 numbers as the sums of some (split_kernel.h).
#pragma once

#include <utility>

#include "numerics/linalg/amx/split_kernel.h"
#include "numerics/linalg/kernels/simd.h"

#ifdef LATENTCRS_TILES  // which only the copies of kernels for AMX are compiled with

namespace latentcrs::kernels::LATENTCRS_ISA {

constexpr int64_t kTile = 512;  // bfloat16 numbers of a tile: 16 lines of 64 bytes
constexpr int kLines = 16;
constexpr int kSplitParts = 3;  // that hold all bits of a float32

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

// Splitting. Two vectors a, b of 16 numbers become 16 words for each part, word i the pair (a[i], b[i]), in both
// factors. So a product of tiles sums up numbers 0 to 15 of a group of 32 and numbers 16 to 31 apart, and then both.

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

/// Vectors [count, width] as tiles [groups of 16][width / 32][parts]: a line for a vector or, transposed, for a pair of
/// numbers. Vectors from `count` on are 0. False where a number cannot be split.
template <bool Transposed>
inline bool pack_tiles(const Vectors& vectors, uint16_t* to) {
  Ints bad = {};
  for (int64_t first = 0; first < whole_groups(vectors.count); first += kLines)
    for (int64_t k = 0; k < vectors.width; k += kSplitGroup, to += kSplitParts * kTile) {
      Ints lines[kSplitParts][kLines] = {};
      for (int i = 0; i < kLines && first + i < vectors.count; ++i) {
        const float* const from = vectors.data + (first + i) * vectors.width + k;
        const Floats a = load(from), b = load(from + kLanes);
        bad |= unsound(a) | unsound(b);
        Ints parts[kSplitParts];
        split<kSplitParts>(a, b, parts);
        for (int p = 0; p < kSplitParts; ++p) lines[p][i] = parts[p];
      }
      for (int p = 0; p < kSplitParts; ++p) {
        if constexpr (Transposed) transpose(lines[p]);
        for (int i = 0; i < kLines; ++i) put(to + p * kTile + i * kSplitGroup, lines[p][i]);
      }
    }
  return !any(bad);
}

// Multiplying. Tiles 0 to 3 hold 32 x 32 sums, 4 and 5 the tiles of the left factor, 6 and 7 those of the right one.

/// Two tiles that lie `step` numbers apart.
struct TilePair {
  const uint16_t* data;
  int64_t step;
};

inline void load_left(TilePair from, int64_t tile) {
  _tile_loadd(4, from.data + tile * kTile, 64);
  _tile_loadd(5, from.data + from.step + tile * kTile, 64);
}
inline void load_right(TilePair from, int64_t tile) {
  _tile_loadd(6, from.data + tile * kTile, 64);
  _tile_loadd(7, from.data + from.step + tile * kTile, 64);
}
inline void multiply_tiles() {
  _tile_dpbf16ps(0, 4, 6);
  _tile_dpbf16ps(1, 4, 7);
  _tile_dpbf16ps(2, 5, 6);
  _tile_dpbf16ps(3, 5, 7);
}
inline void clear_sums() {
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
}
inline void store_sums(float* to, int64_t line) {
  _tile_stored(0, to, line * 4);
  _tile_stored(1, to + kLines, line * 4);
  _tile_stored(2, to + kLines * line, line * 4);
  _tile_stored(3, to + kLines * line + kLines, line * 4);
}
inline void load_sums(const float* from, int64_t line) {
  _tile_loadd(0, from, line * 4);
  _tile_loadd(1, from + kLines, line * 4);
  _tile_loadd(2, from + kLines * line, line * 4);
  _tile_loadd(3, from + kLines * line + kLines, line * 4);
}

/// Every line of the sums begins with the same 32 numbers.
inline void load_biases(const float* from) {
  _tile_loadd(0, from, 0);
  _tile_loadd(1, from + kLines, 0);
  _tile_loadd(2, from, 0);
  _tile_loadd(3, from + kLines, 0);
}

/// Adds the products of a group of rows and one of columns to the sums. Every two products have a factor in common.
inline void add_products(TilePair rows, TilePair columns, int64_t width) {
  for (int64_t k = 0; k < width / kSplitGroup * kSplitParts; k += kSplitParts) {
    load_left(rows, k);
    load_right(columns, k + 2);
    multiply_tiles();
    load_right(columns, k + 1);
    multiply_tiles();
    load_left(rows, k + 1);
    multiply_tiles();
    load_right(columns, k);
    multiply_tiles();
    load_left(rows, k + 2);
    multiply_tiles();
    load_left(rows, k);
    multiply_tiles();
  }
}

}  // namespace latentcrs::kernels::LATENTCRS_ISA

#endif
