#include "cli/core/core_command.h"

#include <map>

#include "base/util/error.h"

namespace latentcrs {

namespace {

std::map<std::string, CoreFunction>& registered_functions() {
  static std::map<std::string, CoreFunction> functions;
  return functions;
}

}  // namespace

CoreCommand::CoreCommand(const std::string& name, CoreFunction run) { registered_functions()[name] = run; }

CoreFunction core_function(const std::string& name) {
  const auto found = registered_functions().find(name);
  if (found == registered_functions().end()) throw internal_error("the core library has no command " + name);
  return found->second;
}

}  // namespace latentcrs
