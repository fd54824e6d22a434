// Files of simulated utterances.
#include "datasets/data/utterances.h"

#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace latentcrs;
  const fuzz::InputFile file(fuzz::text_of(data, size));
  for (const Prompts prompts : {Prompts::keep, Prompts::leave_out})
    fuzz::expect_value_or_error([&] { (void)read_utterances(file.path(), prompts); });
  return 0;
}
