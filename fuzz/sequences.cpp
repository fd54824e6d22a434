// Sequence files, features tables of items, the lists of texts in their fields, and tables of names.
#include "datasets/data/interactions.h"
#include "datasets/data/item_catalogue.h"
#include "datasets/data/item_names.h"
#include "datasets/data/text_list.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace latentcrs;
  const std::string_view text = fuzz::text_of(data, size);
  const fuzz::InputFile file(text);
  (void)parse_text_list(text);
  fuzz::expect_value_or_error([&] { (void)read_interactions(file.path()); });
  fuzz::expect_value_or_error([&] { (void)read_item_names(file.path()); });
  fuzz::expect_value_or_error([&] {
    Interactions interactions;
    interactions.add_user(1, std::vector<int32_t>{1, 2, 3});
    PreprocessReport report;
    ItemNames(interactions, {}).read_file(file.path(), {}, report);
  });
  for (const char* format : {"movielens", "amazon"})
    fuzz::expect_value_or_error([&] {
      DatasetOptions options;
      options.format = format;
      const ItemCatalogue catalogue = read_item_catalogue(file.path(), options);
      for (const Item& item : catalogue.items()) (void)describe(item);
    });
  return 0;
}
