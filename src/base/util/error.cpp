#include "base/util/error.h"

namespace latentcrs {

int exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage: return 2;
    case ErrorKind::config: return 3;
    case ErrorKind::data: return 4;
    case ErrorKind::remote: return 5;
    case ErrorKind::numeric: return 6;
    case ErrorKind::lost_process: return 7;
    case ErrorKind::interrupted: return 130;
    case ErrorKind::internal: break;
  }
  return 70;
}

std::string_view to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage: return "usage";
    case ErrorKind::config: return "config";
    case ErrorKind::data: return "data";
    case ErrorKind::remote: return "remote";
    case ErrorKind::numeric: return "numeric";
    case ErrorKind::lost_process: return "lost process";
    case ErrorKind::interrupted: return "interrupted";
    case ErrorKind::internal: break;
  }
  return "internal";
}

}  // namespace latentcrs
