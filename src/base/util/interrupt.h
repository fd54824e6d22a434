// Handling of Ctrl-C and SIGTERM: work stops at the next safe point, and the same command can continue from the files
// on disk.
#pragma once

namespace latentcrs {

/// Installs handlers for SIGINT and SIGTERM that set a flag. A second signal ends the process at once (exit code 130).
void install_interrupt_handlers();
/// Whether SIGINT or SIGTERM has arrived.
bool interrupted();
/// Throws Error(interrupted) if a signal has arrived. Called between the steps of long work, never in the middle of a
/// write.
void throw_if_interrupted();

}  // namespace latentcrs
