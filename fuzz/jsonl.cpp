// Raw datasets with an object a line: JSON, and Python literals.
#include "raw_files.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace latentcrs;
  const fuzz::InputFile file(fuzz::text_of(data, size));
  for (const char* format : {"amazon", "amazon-2018", "amazon-2014", "yelp", "steam"})
    fuzz::read_as(format, file.path());
  return 0;
}
