// A file read as the interactions and as the metadata of a raw format.
#pragma once

#include <sstream>
#include <string>

#include "datasets/data/raw_format.h"
#include "fuzz.h"

namespace latentcrs::fuzz {

inline void read_as(const std::string& format, const std::filesystem::path& path) {
  PreprocessJob job;
  job.dataset.dataset_name = "fuzz";
  job.dataset.format = format;
  job.dataset.features_name = "features.csv";
  job.dataset.with_features_column = true;
  job.dataset.min_rating = 0;
  job.dataset.min_interactions = 3;
  job.dataset.item_filter = ItemFilter::none;
  job.interactions_path = job.metadata_path = path;
  expect_value_or_error([&] {
    PreprocessReport report;
    const std::unique_ptr<RawDataset> raw = raw_format(format).open(job);
    (void)raw->interactions(report);
    std::ostringstream features;
    (void)raw->write_features(features, report);
  });
}

}  // namespace latentcrs::fuzz
