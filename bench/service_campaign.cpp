// Sends requests to every service under faults and kills; docs/reliability.md has the results.
#include <fmt/format.h>

#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>

#include "base/util/table.h"
#include "services/campaign.h"

using namespace latentcrs;
using namespace latentcrs::test;

int main(int argc, char** argv) {
  if (argc == 2 && std::strcmp(argv[1], "--worker") == 0) return campaign_worker();
  if (argc != 3 && argc != 4) {
    fmt::print(stderr, "usage: {} EMPTY_FOLDER REQUESTS_PER_WAY [SEED]\n", argv[0]);
    return 2;
  }
  try {
    CampaignOptions options{.worker = {std::filesystem::read_symlink("/proc/self/exe").string(), "--worker"},
                            .folder = argv[1],
                            .requests = std::strtoul(argv[2], nullptr, 10),
                            .kills = 40,
                            .longest_life = 0.4,
                            .job_size = 50,
                            .seed = argc == 4 ? std::strtoull(argv[3], nullptr, 10) : 1};
    std::vector<CampaignResult> results = run_campaign(options);
    // A second time with inputs large enough to be uploaded in parts.
    options.ways = {"vertex_batch"};
    options.folder /= "large";
    options.text_size = 40'000;
    options.job_size = 500;
    options.longest_life = 1.5;
    options.seed += 100;
    for (CampaignResult& result : run_campaign(options)) {
      result.way += ", 20 MB a job";
      results.push_back(std::move(result));
    }
    Table table{"",
                {{"way", "requests", "exchanges", "faults", "bad rows", "kills", "jobs", "stored", "right",
                  "answered again", "allowed", "secrets found", "seconds"}}};
    bool passed = true;
    for (const CampaignResult& r : results) {
      const auto text = [](size_t number) { return std::to_string(number); };
      table.rows.push_back({r.way, text(r.requests), text(r.exchanges), text(r.faults), text(r.bad_rows), text(r.kills),
                            text(r.jobs), text(r.stored), text(r.right), text(r.repeated), text(r.most_repeated),
                            text(r.leaks.size()), fmt::format("{:.1f}", r.seconds)});
      passed = passed && r.passed();
    }
    fmt::print("{}\n{}\n", table.to_markdown(), passed ? "passed" : "FAILED");
    return passed ? 0 : 1;
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
