// Which keys exist, under which spellings, and what to say about a key that does not exist.
#pragma once

#include <string>

namespace latentcrs {

/// The key as the schema spells it, for a key or one of its aliases; "" for any other text.
std::string canonical_key(const std::string& key);
/// True for "pretrain", "pretrain.encoder" and other keys that hold settings but no value.
bool is_section(const std::string& key);

struct UnknownKey {
  std::string problem;
  std::string hint;
};
/// What is wrong with a key that is neither: a published setting that latentcrs does without, with the reason; or a
/// misspelling of the nearest key there is.
UnknownKey explain_unknown_key(const std::string& key);

}  // namespace latentcrs
