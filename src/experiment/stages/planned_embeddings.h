// The requests for embeddings that a stage would send, as the dry run lists them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "experiment/stages/planned_requests.h"

namespace latentcrs {

/// Texts that will be embedded: those that exist, and an estimate of others.
struct PlannedTexts {
  std::vector<std::string> known = {};
  int64_t more = 0;        ///< texts that do not exist yet
  int64_t more_bytes = 0;  ///< of all of them

  void expect(int64_t texts, int64_t bytes) {
    more += texts;
    more_bytes += bytes;
  }
};

/// The requests to embed.provider, a service, with the prompt of every task. Known texts whose vectors are in the cache
/// are counted apart, in requests. Throws Error(config) as make_task_embedders().
PlannedRequests planned_embeddings(const StageContext& context, const std::string& purpose, const PlannedTexts& texts);

}  // namespace latentcrs
