// Project, location, credentials and addresses of Vertex AI.
#pragma once

#include <memory>
#include <string>

#include "language/llm/service.h"
#include "language/transport/credentials.h"

namespace latentcrs {

struct VertexAccess {
  std::unique_ptr<Credentials> credentials;
  std::string project;
  std::string location;
};

/// From the settings, the environment and the credentials, in this order; offline, neither project nor credentials are
/// needed. Throws Error(config) if there is no project or there are no credentials.
VertexAccess find_vertex_access(const ChatService& service, const RemoteContext& context);

/// From the settings or the environment; `global` if neither names one.
std::string vertex_location(const ChatOptions& options, const RemoteContext& context);

/// https://aiplatform.googleapis.com for `global`, the regional and multi-regional hosts otherwise.
std::string vertex_base_url(const std::string& location);

/// projects/P/locations/L/publishers/google/models/M. An empty project, for a key in express mode, is left out with the
/// location.
std::string vertex_model_path(const std::string& project, const std::string& location, const std::string& model);

}  // namespace latentcrs
