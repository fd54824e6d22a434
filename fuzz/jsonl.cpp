// Amazon's reviews and metadata, a JSON object a line.
#include <sstream>

#include "data/amazon.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace latentcrs;
  const fuzz::InputFile file(fuzz::text_of(data, size));
  PreprocessReport report;
  fuzz::expect_value_or_error([&] { (void)read_amazon_reviews(file.path(), {}, report); });
  fuzz::expect_value_or_error([&] {
    const KnownItems items = read_amazon_items(file.path(), report);
    const std::vector<int32_t> ids(items.ids.size(), 1);
    DatasetOptions options;
    options.with_features_column = true;
    std::ostringstream features;
    (void)write_amazon_features(file.path(), options, {items.ids, ids}, features, report);
  });
  return 0;
}
