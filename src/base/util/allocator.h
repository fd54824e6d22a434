// Settings of the memory allocator.
#pragma once

namespace latentcrs {

/// Makes the allocator keep freed memory in the process: giving activations back to the system and faulting them in
/// again takes a third of a training step. Applies to the whole process and is called once, when it starts.
void keep_freed_memory();

}  // namespace latentcrs
