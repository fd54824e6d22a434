#include "serve/served_tiny.h"

#include <sstream>

#include "api/tiny_run.h"

namespace latentcrs::test {

ServedTiny::ServedTiny(const AccessRules& access, size_t sessions)
    : runs_({tiny_run().folder}),
      sessions_({.count = sessions}),
      workers_(2, 16),
      application_({.runs = runs_, .sessions = sessions_}, workers_, access) {}

Asked ServedTiny::ask(const std::string& method, const std::string& target, const nlohmann::json& body,
                      std::map<std::string, std::string> headers) const {
  const size_t mark = std::min(target.find('?'), target.size());
  ServedRequest request{.method = method, .path = target.substr(0, mark), .query = {}, .headers = {}, .body = ""};
  std::istringstream query(target.substr(std::min(mark + 1, target.size())));
  for (std::string pair; std::getline(query, pair, '&');)
    request.query.emplace(pair.substr(0, pair.find('=')), pair.substr(pair.find('=') + 1));
  request.headers = std::move(headers);
  request.headers.emplace("host", "localhost:8080");
  if (!body.is_null()) {
    request.headers.emplace("content-type", "application/json");
    request.body = body.is_string() ? body.get<std::string>() : body.dump();
  }
  auto answer = application_.gate(request);
  if (!answer) answer = application_.answer(request);
  return {.status = answer->status,
          .body = nlohmann::json::parse(answer->body, nullptr, /*allow_exceptions=*/false),
          .text = answer->body};
}

}  // namespace latentcrs::test
