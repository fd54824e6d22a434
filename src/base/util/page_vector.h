// A growing array of numbers in pages of its own.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

namespace latentcrs {

/// Growing moves pages instead of copying them, and pages that were read for the last time go back to the system at
/// once, which std::vector and the allocator do not do. Throws std::bad_alloc.
template <class T>
class PageVector {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  PageVector() = default;
  ~PageVector() { clear(); }
  PageVector(PageVector&& other) noexcept { *this = std::move(other); }
  PageVector& operator=(PageVector&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    std::swap(released_, other.released_);
    return *this;
  }

  void push_back(T value) {
    if (size_ == capacity_) grow();
    data_[size_++] = value;
  }
  const T& operator[](size_t i) const { return data_[i]; }
  size_t size() const { return size_; }

  /// The elements before `end` are not read again: their memory goes back to the system.
  void release(size_t end) {
    const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    const size_t bytes = end * sizeof(T) / page * page;
    if (bytes <= released_) return;
    madvise(reinterpret_cast<char*>(data_) + released_, bytes - released_, MADV_DONTNEED);
    released_ = bytes;
  }
  void clear() {
    if (data_ != nullptr) munmap(data_, capacity_ * sizeof(T));
    data_ = nullptr;
    size_ = capacity_ = released_ = 0;
  }

 private:
  static constexpr size_t kFirstBytes = size_t{1} << 16;

  /// Pages count when they are written to, so that a large step costs nothing.
  void grow() {
    const size_t capacity = std::max(2 * capacity_, kFirstBytes / sizeof(T));
    void* pages = data_ == nullptr ? mmap(nullptr, capacity * sizeof(T), PROT_READ | PROT_WRITE,
                                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
                                   : mremap(data_, capacity_ * sizeof(T), capacity * sizeof(T), MREMAP_MAYMOVE);
    if (pages == MAP_FAILED) throw std::bad_alloc();
    data_ = static_cast<T*>(pages);
    capacity_ = capacity;
  }

  T* data_ = nullptr;
  size_t size_ = 0, capacity_ = 0;
  size_t released_ = 0;  ///< bytes at the begin
};

}  // namespace latentcrs
