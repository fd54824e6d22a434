// The header of .npy files.
#include "fuzz.h"
#include "numerics/tensor/npy_header.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace latentcrs;
  fuzz::expect_value_or_error([&] {
    const NpyHeader header = parse_npy_header(fuzz::text_of(data, size), "input");
    if (header.numbers_at > size || npy_descr(header.type).empty()) std::abort();
  });
  return 0;
}
