#include "language/llm/vertex_access.h"

#include <fmt/format.h>

#include "base/util/error.h"
#include "language/transport/google_credentials.h"
#include "language/transport/url.h"

namespace latentcrs {

std::string vertex_location(const ChatOptions& options, const RemoteContext& context) {
  if (!options.location.empty()) return options.location;
  const std::string location = context.environment("GOOGLE_CLOUD_LOCATION");
  return location.empty() ? "global" : location;
}

VertexAccess find_vertex_access(const ChatService& service, const RemoteContext& context) {
  const ChatOptions& options = service.options;
  if (service.shared.offline) return {make_no_credentials(), options.project, vertex_location(options, context)};
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

std::string vertex_base_url(const std::string& location) {
  if (location == "global") return "https://aiplatform.googleapis.com";
  if (location == "us" || location == "eu") return fmt::format("https://aiplatform.{}.rep.googleapis.com", location);
  return fmt::format("https://{}-aiplatform.googleapis.com", location);
}

std::string vertex_model_path(const std::string& project, const std::string& location, const std::string& model) {
  const std::string name = "publishers/google/models/" + percent_encode(model);
  if (project.empty()) return name;
  return fmt::format("projects/{}/locations/{}/{}", percent_encode(project), percent_encode(location), name);
}

}  // namespace latentcrs
