// Measures time, throughput and peak memory of preprocessing a category of Amazon Reviews 2023. preprocess_amazon.py
// does the same in Python.
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <string>

#include "base/util/error.h"
#include "datasets/data/preprocess.h"

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: preprocess_amazon REVIEWS.jsonl[.gz] META.jsonl[.gz] OUTPUT_FOLDER\n");
    return 2;
  }
  latentcrs::PreprocessJob job;
  job.dataset.dataset_name = "bench";
  job.dataset.format = "amazon";
  job.dataset.features_name = "features.csv";
  job.interactions_path = argv[1];
  job.metadata_path = argv[2];
  job.output_folder = argv[3];
  try {
    const auto start = std::chrono::steady_clock::now();
    const latentcrs::PreprocessReport report = latentcrs::preprocess(job);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    const auto bytes =
        std::filesystem::file_size(job.interactions_path) + 2 * std::filesystem::file_size(job.metadata_path);
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    std::printf("%s%.2f s, %.0f MB/s, peak %ld MB\n", report.to_table().to_text().c_str(), seconds.count(),
                static_cast<double>(bytes) / 1e6 / seconds.count(), usage.ru_maxrss / 1024);
  } catch (const latentcrs::Error& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return latentcrs::exit_code(error.kind());
  }
  return 0;
}
