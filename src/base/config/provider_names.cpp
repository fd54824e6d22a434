#include "base/config/provider_names.h"

#include <iterator>

namespace latentcrs {

std::vector<std::string> with_chat_providers(std::vector<std::string> others) {
  others.insert(others.end(), std::begin(kChatProviderNames), std::end(kChatProviderNames));
  return others;
}

bool asks_service(const std::string& provider) {
  return !provider.empty() && provider != "none" && provider != "offline";
}

std::string service_of(const std::string& provider) {
  constexpr std::string_view kBatch = "_batch";
  return provider.ends_with(kBatch) ? provider.substr(0, provider.size() - kBatch.size()) : provider;
}

}  // namespace latentcrs
