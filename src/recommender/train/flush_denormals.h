// Numbers too small for a full mantissa taken as zero while a model is trained.
#pragma once

namespace latentcrs {

/// While it lives, this thread and LibTorch's take float32 numbers below 1.2e-38 as zero. A contrast at the beginning
/// of a training has weights of e^-100, and processors multiply such numbers a hundred times as slowly as others
/// (docs/performance.md).
class FlushDenormals {
 public:
  FlushDenormals();
  ~FlushDenormals();
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;
};

}  // namespace latentcrs
