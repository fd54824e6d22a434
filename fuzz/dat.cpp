// Raw datasets in delimited text and lists: MovieLens' .dat files, CSV, RecBole, pairs and their like.
#include "raw_files.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace latentcrs;
  const fuzz::InputFile file(fuzz::text_of(data, size));
  for (const char* format : {"movielens", "movielens-10m", "movielens-100k", "csv", "recbole", "lastfm-1k", "pairs",
                             "lightgcn", "netflix", "recbole-lists", "mind"})
    fuzz::read_as(format, file.path());
  return 0;
}
