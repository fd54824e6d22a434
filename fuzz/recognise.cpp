// The recognisers of raw formats, over the beginning of a file. The first byte chooses the file's name.
#include <array>

#include "datasets/data/recogniser.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace latentcrs;
  constexpr std::array<const char*, 8> kNames = {"ratings.csv", "u.data",   "u.item",           "movies.dat",
                                                 "train.txt",   "news.tsv", "movie_titles.csv", "data.jsonl"};
  const std::string_view text = fuzz::text_of(data, size);
  if (text.empty()) return 0;
  const fuzz::InputFile file(text.substr(1));
  fuzz::expect_value_or_error([&] {
    FileSample sample = sample_file(file.path());
    sample.name = kNames[static_cast<unsigned char>(text[0]) % kNames.size()];
    (void)recognise(sample);
  });
  return 0;
}
