// The end of every failure: one line for the user and an exit code.
#pragma once

namespace latentcrs {

/// Must be called in a catch block. Prints "latentcrs: <kind> error: <what>" for the exception in flight, also into the
/// run's log, and returns the exit code of its kind; exceptions of the file system count as data (4), all
/// others that are not an Error as defects of latentcrs (70).
int report_current_exception();

}  // namespace latentcrs
