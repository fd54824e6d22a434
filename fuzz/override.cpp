// Overrides of the command line, one a line, and the grammar of interpolations.
#include "base/config/interpolation_grammar.h"
#include "base/config/overrides.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace latentcrs;
  const std::string text(fuzz::text_of(data, size));
  std::vector<std::string> lines;
  for (size_t begin = 0, end = 0; begin <= text.size(); begin = end + 1) {
    end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
  }
  fuzz::expect_value_or_error([&] {
    Problems problems;
    for (const Override& override : parse_overrides(lines, problems))
      if (!override.is_sweep()) (void)override_text(override.node());
    problems.throw_if_any();
  });
  try {
    (void)parse_interpolated_text(text);
  } catch (const WrongInterpolation&) {  // how the grammar refuses a text
  }
  try {
    (void)parse_resolver_value(text);
  } catch (const WrongInterpolation&) {
  }
  return 0;
}
