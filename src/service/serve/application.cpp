#include "service/serve/application.h"

#include <fmt/format.h>

#include <algorithm>
#include <new>
#include <utility>

#include "base/util/error.h"
#include "base/util/log.h"
#include "base/util/text.h"
#include "service/serve/assets.h"
#include "service/serve/http_error.h"
#include "service/serve/json_forms.h"

namespace latentcrs {

namespace {

using nlohmann::json;

/// A file of the page.
struct PageFile {
  std::string_view name, type;
};

/// The kinds of files that a page consists of.
struct PageType {
  std::string_view ending, type;
};
constexpr PageType kPageTypes[] = {{".html", "text/html; charset=utf-8"},
                                   {".css", "text/css; charset=utf-8"},
                                   {".js", "text/javascript; charset=utf-8"},
                                   {".svg", "image/svg+xml"}};

std::optional<PageFile> page_file(const std::string& path) {
  const std::string wanted = path == "/" ? "index.html" : path.substr(std::min<size_t>(1, path.size()));
  for (const std::string_view name : serve_asset_names())
    for (const auto& [ending, type] : kPageTypes)
      if (name == wanted && name.ends_with(ending)) return PageFile{.name = name, .type = type};
  return std::nullopt;
}

/// HEAD is GET without the body, which the library leaves out.
std::string method_of(const ServedRequest& request) { return request.method == "HEAD" ? "GET" : request.method; }

bool is_openai(const std::string& path) { return path.starts_with("/v1/"); }

/// As OpenAI's clients know it.
json openai_error(int status, const std::string& kind, const std::string& message) {
  const char* type = status == 401 ? "authentication_error" : status >= 500 ? "server_error" : "invalid_request_error";
  return {{"error", {{"message", message}, {"type", type}, {"param", nullptr}, {"code", kind}}}};
}

ServedAnswer with_header(ServedAnswer answer, const char* name, std::string value) {
  answer.headers.emplace_back(name, std::move(value));
  return answer;
}

/// The answer to a request that failed with the exception at hand.
ServedAnswer failure(const ServedRequest& request, const std::string& operation) {
  try {
    throw;
  } catch (const HttpError& error) {
    return error_answer(request, error.status(), error.name(), error.what());
  } catch (const Error& error) {
    if (status_of(error) >= 500) log::warn("{}: {}", operation, error.what());
    return error_answer(request, status_of(error), std::string(to_string(error.kind())), error.what());
  } catch (const std::bad_alloc&) {
    return error_answer(request, 503, "busy", "There is not enough memory for this request now.");
  } catch (const std::exception& error) {
    log::warn("{}: {}", operation, error.what());
    return error_answer(request, 500, "internal", error.what());
  }
}

std::vector<Route> all_routes() {
  std::vector<Route> routes;
  for (const auto& some : {run_routes(), user_routes(), session_routes(), openai_routes()})
    routes.insert(routes.end(), some.begin(), some.end());
  return routes;
}

/// The routes in the order of the document. Throws Error(internal) unless each operation has one.
std::vector<Route> routes_of_document() {
  std::vector<Route> routes = all_routes(), sorted;
  for (const ApiOperation& operation : api_operations()) {
    const auto found = std::find_if(routes.begin(), routes.end(),
                                    [&](const Route& route) { return route.operation == operation.id(); });
    if (found == routes.end()) throw internal_error(fmt::format("nothing answers {}", operation.id()));
    sorted.push_back(std::move(*found));
    routes.erase(found);
  }
  if (!routes.empty()) throw internal_error(fmt::format("openapi.json has no {}", routes.front().operation));
  return sorted;
}

}  // namespace

ServedAnswer error_answer(const ServedRequest& request, int status, const std::string& kind,
                          const std::string& message) {
  return json_answer(is_openai(request.path) ? openai_error(status, kind, message)
                                             : json{{"error", {{"kind", kind}, {"message", message}}}},
                     status);
}

Application::Application(const Served& served, Workers& workers, AccessRules access)
    : served_(served), workers_(workers), access_(std::move(access)), routes_(routes_of_document()) {}

std::optional<Application::Place> Application::find(const ServedRequest& request) const {
  std::map<std::string, std::string> values;
  for (size_t i = 0; i < routes_.size(); ++i) {
    const ApiOperation& operation = api_operations()[i];
    if (operation.method() == method_of(request) && operation.matches(request.path, values))
      return Place{.operation = operation, .route = routes_[i], .path_values = std::move(values)};
  }
  return std::nullopt;
}

/// The methods that there are at a path, with commas between; empty where it is unknown.
std::string Application::methods_of(const std::string& path) const {
  std::map<std::string, std::string> values;
  std::string methods = page_file(path) ? "GET" : "";
  for (const ApiOperation& operation : api_operations())
    if (operation.matches(path, values)) methods += (methods.empty() ? "" : ", ") + operation.method();
  return methods;
}

std::optional<ServedAnswer> Application::gate(const ServedRequest& request) const {
  if (const auto reason = why_foreign(request, access_)) return error_answer(request, 403, "host", *reason);
  if (page_file(request.path) && method_of(request) == "GET") return std::nullopt;
  const std::optional<Place> place = find(request);
  if (!place) {
    const std::string methods = methods_of(request.path);
    if (methods.empty()) return error_answer(request, 404, "not_found", "There is nothing at this path.");
    return with_header(error_answer(request, 405, "method", "This path takes " + methods + "."), "Allow", methods);
  }
  if (place->route.needs_token && !has_token(request, access_))
    return with_header(
        error_answer(request, 401, "unauthorized", "The token is missing or wrong: send Authorization: Bearer TOKEN."),
        "WWW-Authenticate", "Bearer");
  const std::string type = lower_case(request.header("content-type"));
  if (place->operation.takes_body() && trimmed(type.substr(0, type.find(';'))) != "application/json")
    return error_answer(request, 415, "usage", "The body must be of the type application/json.");
  return std::nullopt;
}

ServedAnswer Application::answer_at(const Place& place, const ServedRequest& request) const {
  const Call call{.request = request,
                  .parameters = place.operation.parameters(place.path_values, request),
                  .body = place.operation.takes_body() ? place.operation.body(request.body) : json()};
  if (place.route.by == AnsweredBy::connection) return place.route.answer(served_, call);
  return workers_.run([&] { return place.route.answer(served_, call); });
}

ServedAnswer Application::answer(const ServedRequest& request) const {
  if (const auto file = page_file(request.path))
    return {.body = std::string(serve_asset(file->name)), .type = std::string(file->type)};
  const std::optional<Place> place = find(request);
  if (!place) return error_answer(request, 404, "not_found", "There is nothing at this path.");
  try {
    return answer_at(*place, request);
  } catch (...) {
    return failure(request, place->operation.id());
  }
}

}  // namespace latentcrs
