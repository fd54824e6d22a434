// Messages without what nobody should see.
#pragma once

#include <string>

namespace latentcrs {

/// Text in which every address has *** for user and password: http://me:secret@host becomes http://***@host.
std::string without_users(std::string text);

}  // namespace latentcrs
