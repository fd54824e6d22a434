#include "cli/report_error.h"

#include <exception>
#include <filesystem>
#include <new>
#include <string>

#include "base/util/error.h"
#include "base/util/log.h"

namespace latentcrs {

namespace {

int report(ErrorKind kind, const std::string& message) {
  const std::string prefix = kind == ErrorKind::interrupted ? "" : std::string(to_string(kind)) + " error: ";
  log::write(log::Level::error, prefix + message);
  log::flush();
  return exit_code(kind);
}

/// LibTorch appends a stack trace to its messages.
std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

int report_current_exception() {
  try {
    throw;
  } catch (const Error& e) {
    return report(e.kind(), e.what());
  } catch (const std::filesystem::filesystem_error& e) {
    return report(ErrorKind::data, e.what());
  } catch (const std::bad_alloc&) {
    return report(ErrorKind::internal, "out of memory: use a smaller batch_size or a machine with more memory");
  } catch (const std::exception& e) {
    log::debug("{}", e.what());
    return report(ErrorKind::internal, first_line(e.what()));
  } catch (...) {
    return report(ErrorKind::internal, "an exception of unknown type");
  }
}

}  // namespace latentcrs
