// The end of every failure: one line for the user and an exit code.
#pragma once

namespace latentcrs {

/// To be called in a catch block. Prints "latentcrs: <kind> error: <what>" for the exception in flight, also into the
/// run's log, and returns the exit code of its kind; what is not an Error is a defect of ours (70), a file system
/// refusing is data (4).
int report_current_exception();

}  // namespace latentcrs
