// The server's application over the tiny run, asked without a network.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "service/serve/application.h"

namespace latentcrs::test {

/// What came back, with the status.
struct Asked {
  int status = 0;
  nlohmann::json body;
  std::string text;  ///< the body as it came
};

class ServedTiny {
 public:
  explicit ServedTiny(const AccessRules& access = {}, size_t sessions = 256);

  /// Through the gate and, if it passes, the route. A null body sends none.
  Asked ask(const std::string& method, const std::string& target, const nlohmann::json& body = nullptr,
            std::map<std::string, std::string> headers = {}) const;
  Asked get(const std::string& target) const { return ask("GET", target); }
  Asked post(const std::string& target, const nlohmann::json& body = nullptr) const {
    return ask("POST", target, body);
  }
  const Application& application() const { return application_; }

 private:
  ServedRuns runs_;
  Sessions sessions_;
  Workers workers_;
  Application application_;
};

}  // namespace latentcrs::test
