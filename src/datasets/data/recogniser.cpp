#include "datasets/data/recogniser.h"

#include <fmt/format.h>

namespace latentcrs {

std::vector<Reading> recognise(const FileSample& sample) {
  std::vector<Reading> readings;
  if (sample.lines.empty() && !sample.parquet) return readings;
  for (const auto recognisers :
       {kJsonRecognisers, kTableRecognisers, kLogRecognisers, kListRecognisers, kGeneralRecognisers}) {
    for (const Recogniser& recogniser : recognisers) recogniser.recognise(sample, readings);
    if (!readings.empty()) break;
  }
  for (Reading& reading : readings) {
    if (sample.byte_order_mark) reading.findings.emplace_back("a byte order mark begins the file; it is left out");
    if (sample.carriage_returns) reading.findings.emplace_back("lines end with CR and LF");
  }
  return readings;
}

}  // namespace latentcrs
