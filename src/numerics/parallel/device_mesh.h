// Tensors sent from GPU to GPU: c10d's NCCL, of which nothing shows outside of device_mesh.cpp.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <vector>

#include "numerics/parallel/store.h"

namespace latentcrs {

/// Whether this build can send tensors between GPUs: LibTorch was built with NCCL, whose header was found.
bool has_nccl();

/// Connections between the GPUs of all processes, one each. They are made at the first exchange.
class DeviceMesh {
 public:
  DeviceMesh(Store& store, int rank, int size);
  ~DeviceMesh();

  /// As Mesh::exchange(), with tensors on this process' GPU. It is done in the order of the current stream; a process
  /// that is lost meanwhile ends this one (numerics/parallel/watch.h).
  void exchange(const std::vector<at::Tensor>& to, const std::vector<at::Tensor>& from);

 private:
  struct Group;
  std::unique_ptr<Group> group_;
};

}  // namespace latentcrs
