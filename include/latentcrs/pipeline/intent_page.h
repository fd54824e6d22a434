// intents.html: the picture of the intents and the table of all of them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "latentcrs/pipeline/intents.h"

namespace latentcrs {

struct DrawnUser {
  double x = 0, y = 0;
  int64_t intent = 0;
};

/// A self-contained page: no network, no script. `drawn` are the users to show as dots: all, or a sample of them.
std::string intent_page(const std::string& name, const IntentsReport& report, const std::vector<DrawnUser>& drawn);

}  // namespace latentcrs
