// What of a model's reply a user can have said.
#pragma once

#include <string>
#include <string_view>

namespace latentcrs {

/// Whether `reply` holds words: at least one of two letters outside of marks such as [END] and <|im_end|>. "." and
/// "- [END]" say nothing; "No." and "90s, please" do.
bool says_something(std::string_view reply);

/// The whole sentences at the beginning of a reply that was cut off: of its first paragraph, up to the last full stop,
/// question or exclamation mark with its closing quotes and brackets. The point of "Mr." and of initials ends no
/// sentence. Empty where no sentence is whole.
std::string whole_sentences(std::string_view reply);

}  // namespace latentcrs
