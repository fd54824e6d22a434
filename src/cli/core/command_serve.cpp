#include "cli/core/core_command.h"
#include "cli/core_requests.h"

namespace latentcrs {

namespace {

int command_serve(const Invocation& invocation) {
  serve(std::any_cast<const ServeRequest&>(invocation.request));
  return 0;
}

const CoreCommand serve_command("serve", command_serve);

}  // namespace

}  // namespace latentcrs
