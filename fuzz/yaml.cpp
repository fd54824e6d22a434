// Configuration files: YAML to nodes, and the interpolations in them.
#include "base/config/interpolation.h"
#include "base/config/yaml_file.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace latentcrs;
  fuzz::expect_value_or_error([&] {
    Problems problems;
    const YamlFile file = read_yaml_text(std::string(fuzz::text_of(data, size)), "input.yaml", problems);
    problems.throw_if_any();
    check_interpolations(file.root, "", problems);
    Interpolation interpolation(file.root, problems);
    if (const auto value = interpolation.value(file.root, "")) (void)python_text(*value);
    problems.throw_if_any();
  });
  return 0;
}
