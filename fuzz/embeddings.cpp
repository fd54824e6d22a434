// Replies with vectors, and texts from which markers are struck.
#include <cmath>

#include "fuzz.h"
#include "language/llm/openai_embedder.h"
#include "language/llm/special_tokens.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace latentcrs;
  using nlohmann::json;
  const std::string_view text = fuzz::text_of(data, size);
  (void)strip_markers(text);
  const json reply = json::parse(text, nullptr, /*allow_exceptions=*/false);
  constexpr int kWidth = 2;
  for (const size_t count : {1, 2})
    fuzz::expect_value_or_error([&] {
      for (const float number : parse_embeddings(reply, count, kWidth))
        if (!std::isfinite(number)) std::abort();
    });
  return 0;
}
