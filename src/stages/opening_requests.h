// The requests of the stage simulate: the opening words of every record of a split.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "data/interactions.h"
#include "dialogue/user_prompt.h"
#include "dialogue/user_simulator.h"
#include "stages/stage.h"
#include "stages/unanswered.h"

namespace latentcrs {

/// The requests point to the records, which stay in place when the struct is moved.
struct OpeningRequests {
  std::vector<SplitRecord> records;
  std::vector<UtteranceRequest> requests;
};

class OpeningPrompts {
 public:
  /// All arguments must outlive it. `again`: records that are asked for again. Throws Error(config) for a template that
  /// is wrong.
  OpeningPrompts(const StageContext& context, const Interactions& interactions, const ItemCatalogue& catalogue,
                 const std::vector<Unanswered>& again = {});

  OpeningRequests of(const std::string& key) const;
  size_t count(const std::string& key) const;

 private:
  const StageContext& context_;
  const Interactions& interactions_;
  const ItemCatalogue& catalogue_;
  PromptTemplate prompt_;
  std::unordered_map<std::string, Renewal> renewals_;  ///< by customer_id
};

}  // namespace latentcrs
