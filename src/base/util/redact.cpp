#include "base/util/redact.h"

namespace latentcrs {

std::string without_users(std::string text) {
  for (size_t at = 0; (at = text.find("://", at)) != std::string::npos;) {
    at += 3;
    const size_t end = text.find_first_of(" \t\n'\"", at), user = text.substr(0, end).rfind('@');
    if (user != std::string::npos && user >= at) text.replace(at, user - at, "***");
  }
  return text;
}

}  // namespace latentcrs
