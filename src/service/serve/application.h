// From a request to its answer: the gate, the table of routes, and errors in the form of the interface.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "service/serve/access.h"
#include "service/serve/api_document.h"
#include "service/serve/http_message.h"
#include "service/serve/served_run.h"
#include "service/serve/sessions.h"
#include "service/serve/workers.h"

namespace latentcrs {

/// What handlers work with.
struct Served {
  ServedRuns& runs;
  Sessions& sessions;
};

/// A request that is as the document describes it.
struct Call {
  const ServedRequest& request;
  nlohmann::json parameters;  ///< of path and query, by name
  nlohmann::json body;        ///< null where the operation takes none

  std::string text(const char* parameter) const { return parameters.at(parameter).get<std::string>(); }
  int64_t number(const char* parameter) const { return parameters.at(parameter).get<int64_t>(); }
};

/// An error in the form of the interface that the path belongs to.
ServedAnswer error_answer(const ServedRequest& request, int status, const std::string& kind,
                          const std::string& message);

/// Which thread answers: a worker, or that of the connection, for what takes seconds and is rare.
enum class AnsweredBy { worker, connection };

/// An operation of the document and what answers it. A new one is an object in a table of *_routes.cpp, and an
/// operation in assets/openapi.json with the method, the path and the schemas.
struct Route {
  std::string operation;
  ServedAnswer (*answer)(const Served& served, const Call& call);
  AnsweredBy by = AnsweredBy::worker;
  bool needs_token = true;
};

/// Each in serve/<name>_routes.cpp.
std::vector<Route> run_routes();
std::vector<Route> user_routes();
std::vector<Route> session_routes();
std::vector<Route> openai_routes();

class Application {
 public:
  Application(const Served& served, Workers& workers, AccessRules access);

  /// The answer to a request whose body need not be read.
  std::optional<ServedAnswer> gate(const ServedRequest& request) const;
  ServedAnswer answer(const ServedRequest& request) const;

 private:
  struct Place {
    const ApiOperation& operation;
    const Route& route;
    std::map<std::string, std::string> path_values;
  };
  std::optional<Place> find(const ServedRequest& request) const;
  std::string methods_of(const std::string& path) const;
  ServedAnswer answer_at(const Place& place, const ServedRequest& request) const;

  Served served_;
  Workers& workers_;
  AccessRules access_;
  std::vector<Route> routes_;  // in the order of api_operations()
};

}  // namespace latentcrs
