// The whole entries of a list that a language model could not finish.
#pragma once

#include <string>
#include <string_view>

namespace latentcrs {

/// `reply`, which broke off somewhere, without the entry that it broke off in, so that read_title_list() finds the
/// others: a JSON array is closed behind its last whole element; of several lines the last one goes; of titles on one
/// line, the one behind the last comma or number. A reply without a whole entry becomes empty.
std::string whole_entries(std::string_view reply);

}  // namespace latentcrs
