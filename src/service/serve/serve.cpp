#include "service/serve/serve.h"

#include <fmt/format.h>

#include <cstdio>

#include "base/util/interrupt.h"
#include "base/util/processors.h"
#include "base/util/text.h"
#include "service/serve/access.h"
#include "service/serve/application.h"

namespace latentcrs {

namespace {

constexpr size_t kWaiting = 256;  // requests that wait for a worker

AccessRules access_of(const ServeOptions& options) {
  AccessRules access{.token = options.token};
  if (access.token.empty() && !is_loopback(options.host)) access.token = random_id();
  for (const std::string& name : options.names) access.names.push_back(lower_case(name));
  return access;
}

/// To standard output, where a program that started this one can read the port.
void print_address(const ServeOptions& options, int port, const AccessRules& access) {
  const bool is_given = access.token == options.token;
  const std::string host = options.host.find(':') == std::string::npos ? options.host : "[" + options.host + "]";
  fmt::print("Serving at http://{}:{}/{}\n", host, port, is_given ? "" : "#token=" + access.token);
  if (!is_given) fmt::print("Requests need the header  Authorization: Bearer {}\n", access.token);
  fmt::print("Ctrl-C ends it.\n");
  std::fflush(stdout);
}

}  // namespace

void serve(const ServeOptions& options) {
  const AccessRules access = access_of(options);
  ServedRuns runs(options.runs);
  Sessions sessions({.count = static_cast<size_t>(options.sessions)});
  Workers workers(options.workers > 0 ? options.workers : allowed_processors(), kWaiting);
  const Application application({.runs = runs, .sessions = sessions}, workers, access);
  HttpServer server(options.http, {.gate = [&](const ServedRequest& request) { return application.gate(request); },
                                   .answer = [&](const ServedRequest& request) { return application.answer(request); },
                                   .error = error_answer});
  const int port = server.bind(options.host, options.port);
  print_address(options, port, access);
  server.serve(interrupted);
}

}  // namespace latentcrs
