// What a user simulator is asked for in the simulate stage: the opening words of every record of a split.
#pragma once

#include <string>
#include <vector>

#include "latentcrs/data/interactions.h"
#include "latentcrs/text/prompt_template.h"
#include "latentcrs/text/user_simulator.h"
#include "stage.h"

namespace latentcrs {

/// The requests point to the records, which a move of the whole leaves in place.
struct OpeningRequests {
  std::vector<SplitRecord> records;
  std::vector<UtteranceRequest> requests;
};

class OpeningPrompts {
 public:
  /// All arguments must outlive it. Throws Error(config) for a template that is wrong.
  OpeningPrompts(const StageContext& context, const Interactions& interactions, const ItemCatalogue& catalogue);

  OpeningRequests of(const std::string& key) const;
  size_t count(const std::string& key) const;

 private:
  const StageContext& context_;
  const Interactions& interactions_;
  const ItemCatalogue& catalogue_;
  PromptTemplate prompt_;
};

}  // namespace latentcrs
