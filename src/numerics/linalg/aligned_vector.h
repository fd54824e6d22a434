// Memory for the kernels.
#pragma once

#include <cstddef>
#include <new>
#include <vector>

namespace latentcrs {

/// Begins at a cache line, as tensors of LibTorch do. A vector of AVX-512 fills a line: at any other address each of
/// its loads and stores touches two of them, which makes products in the first cache up to a third slower.
template <class T>
struct AlignedAllocator {
  using value_type = T;
  static constexpr std::align_val_t kLine{64};

  AlignedAllocator() = default;
  template <class Other>
  explicit AlignedAllocator(const AlignedAllocator<Other>&) {}
  T* allocate(size_t count) { return static_cast<T*>(::operator new(count * sizeof(T), kLine)); }
  void deallocate(T* memory, size_t) { ::operator delete(memory, kLine); }
  bool operator==(const AlignedAllocator&) const { return true; }
};

template <class T>
using AlignedVector = std::vector<T, AlignedAllocator<T>>;

}  // namespace latentcrs
