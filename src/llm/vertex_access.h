// Who we are on Vertex AI, and where.
#pragma once

#include <memory>
#include <string>

#include "config/remote_options.h"
#include "transport/credentials.h"

namespace latentcrs {

struct VertexAccess {
  std::unique_ptr<Credentials> credentials;
  std::string project;
  std::string location;
};

/// From the options, the environment and the credentials, in this order; offline, neither is needed. Throws
/// Error(config) if there is no project or there are no credentials.
VertexAccess find_vertex_access(const ChatOptions& options, const RemoteContext& context);
std::string vertex_location(const ChatOptions& options, const RemoteContext& context);

}  // namespace latentcrs
