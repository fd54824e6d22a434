// The requests of the stage simulate: the opening words of every record of a split.
#pragma once

#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "datasets/data/interactions.h"
#include "experiment/stages/stage.h"
#include "experiment/stages/unanswered.h"
#include "language/dialogue/user_prompt.h"
#include "language/dialogue/user_simulator.h"

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

  /// The requests of a whole split, and of some of its records: thousands of prompts fit into memory, not millions.
  OpeningRequests of(const std::string& key) const;
  OpeningRequests of(const std::string& key, std::span<const Target> targets) const;
  /// The targets of all records of a split.
  std::vector<Target> targets(const std::string& key) const;

 private:
  const StageContext& context_;
  const Interactions& interactions_;
  const ItemCatalogue& catalogue_;
  PromptTemplate prompt_;
  std::unordered_map<std::string, Renewal> renewals_;  ///< by customer_id
};

}  // namespace latentcrs
