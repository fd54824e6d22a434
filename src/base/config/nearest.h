// "Did you mean …?"
#pragma once

#include <string>
#include <vector>

namespace latentcrs {

/// The entry of `known` that `word` is most likely a misspelling of, or "" if none is near. Dotted keys are compared
/// whole and by their last part, so that a setting written in the wrong section is found as well.
std::string nearest(const std::string& word, const std::vector<std::string>& known);

/// "did you mean x?" or "".
std::string did_you_mean(const std::string& word, const std::vector<std::string>& known);

}  // namespace latentcrs
