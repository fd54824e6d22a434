// The texts of models' special tokens, such as <|eot_id|> and [INST].
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace latentcrs {

/// Removes everything that reads like a special token (<|eot_id|>, </s>, [INST]), which would act as one in the prompt.
std::string strip_markers(std::string_view text);

/// The different texts in `text` that read like special tokens, in the order of their first places.
std::vector<std::string> special_markers(std::string_view text);

}  // namespace latentcrs
