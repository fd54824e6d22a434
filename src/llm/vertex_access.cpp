#include "llm/vertex_access.h"

#include "util/error.h"

namespace latentcrs {

std::string vertex_location(const ChatOptions& options, const RemoteContext& context) {
  if (!options.location.empty()) return options.location;
  const std::string location = context.environment("GOOGLE_CLOUD_LOCATION");
  return location.empty() ? "global" : location;
}

VertexAccess find_vertex_access(const ChatOptions& options, const RemoteContext& context) {
  if (options.offline) return {make_no_credentials(), options.project, vertex_location(options, context)};
  VertexAccess access{make_google_credentials(options.credentials, context), options.project,
                      vertex_location(options, context)};
  for (const char* name : {"GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT"})
    if (access.project.empty()) access.project = context.environment(name);
  if (access.project.empty()) access.project = access.credentials->project();
  if (access.project.empty())
    throw config_error(
        "project: required for vertex; set it, or GOOGLE_CLOUD_PROJECT (the credentials do not name one)");
  return access;
}

}  // namespace latentcrs
