// The zip archives that .pt files are: every record is read, packed ones are unfolded.
#include "fuzz.h"
#include "numerics/tensor/zip_store.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace latentcrs;
  fuzz::expect_value_or_error([&] {
    const ZipReader zip(fuzz::text_of(data, size), "input");
    volatile unsigned char sum = 0;
    for (const auto& [name, record] : zip.records())
      fuzz::expect_value_or_error([&, &name = name] {
        for (const char byte : zip.record(name)) sum = static_cast<unsigned char>(sum + byte);
      });
  });
  return 0;
}
