// Measures time, lines a second and peak memory of preprocessing a CSV log to sequences. read_csv.py runs it in turns
// with pandas and polars.
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <string>

#include "base/util/error.h"
#include "datasets/data/preprocess.h"

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: bench_read_csv LOG.csv OUTPUT_FOLDER MIN_RATING\n");
    return 2;
  }
  latentcrs::PreprocessJob job;
  job.dataset.dataset_name = "bench";
  job.dataset.format = "csv";
  job.dataset.min_rating = std::stod(argv[3]);
  job.interactions_path = argv[1];
  job.output_folder = argv[2];
  try {
    const auto start = std::chrono::steady_clock::now();
    const latentcrs::PreprocessReport report = latentcrs::preprocess(job);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const double cpu = static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                       static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    std::printf("{\"seconds\": %.3f, \"cpu_seconds\": %.3f, \"peak_mb\": %ld, \"interactions\": %lld}\n",
                seconds.count(), cpu, usage.ru_maxrss / 1024, static_cast<long long>(report.interactions));
  } catch (const latentcrs::Error& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return latentcrs::exit_code(error.kind());
  }
  return 0;
}
