// Ctrl-C and SIGTERM: work stops at the next safe point, so that what is on disk lets the same command go on.
#pragma once

namespace latentcrs {

/// Installs handlers for SIGINT and SIGTERM that only set a flag; a second signal ends the process at once
/// (exit code 130).
void install_interrupt_handlers();
bool interrupted();
/// Throws Error(interrupted) if a signal arrived. Call between steps of long work, never in the middle of a write.
void throw_if_interrupted();

}  // namespace latentcrs
