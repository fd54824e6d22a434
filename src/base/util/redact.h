// Removing secrets from messages.
#pragma once

#include <string>

namespace latentcrs {

/// Returns `text` with *** in place of user and password of every address: http://me:secret@host becomes
/// http://***@host.
std::string without_users(std::string text);

}  // namespace latentcrs
