// The known keys, their spellings, and the message for an unknown key.
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
/// The message for an unknown key: the reason why latentcrs does without a published setting, or the nearest known
/// key.
UnknownKey explain_unknown_key(const std::string& key);

}  // namespace latentcrs
