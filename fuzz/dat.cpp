// MovieLens' ratings.dat and movies.dat.
#include "data/movielens.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace latentcrs;
  const fuzz::InputFile file(fuzz::text_of(data, size));
  PreprocessReport report;
  fuzz::expect_value_or_error([&] { (void)read_movielens_ratings(file.path(), 4, report); });
  fuzz::expect_value_or_error([&] { (void)read_movies(file.path(), report); });
  return 0;
}
