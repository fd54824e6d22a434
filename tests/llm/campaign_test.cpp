// A small campaign; bench/service_campaign.cpp is the large one.
#include "services/campaign.h"

#include <catch2/catch.hpp>

#include "support/temp_dir.h"

using namespace latentcrs::test;

/// This program started again, to be killed.
TEST_CASE("campaign worker", "[.campaign-worker]") {
  if (is_campaign_worker()) std::_Exit(campaign_worker());
  WARN("skipped: the campaign starts this case in processes of its own");
}

TEST_CASE("processes killed at random among faults end with every answer once", "[campaign]") {
  const TempDir dir;
  const CampaignOptions options{.worker = {"/proc/self/exe", "[.campaign-worker]"}, .folder = dir.path()};
  size_t faults = 0;
  for (const CampaignResult& result : run_campaign(options)) {
    CAPTURE(result.way, result.exchanges, result.faults, result.kills, result.jobs, result.leaks);
    CHECK(result.stored == result.requests);
    CHECK(result.right == result.requests);
    CHECK(result.repeated <= result.most_repeated);
    CHECK(result.leaks.empty());
    faults += result.faults;
  }
  CHECK(faults > 0);
}
