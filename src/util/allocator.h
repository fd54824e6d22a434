// How the program's memory is handed out.
#pragma once

namespace latentcrs {

/// Keeps freed activations in the process: handing them back and faulting them in again is a third of a training step.
/// For the whole process; called once when it starts.
void keep_freed_memory();

}  // namespace latentcrs
