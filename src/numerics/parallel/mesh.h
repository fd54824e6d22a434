// Tensors sent from process to process: c10d's Gloo, of which nothing shows outside of mesh.cpp.
#pragma once

#include <ATen/core/Tensor.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "numerics/parallel/store.h"

namespace latentcrs {

/// The address of this process that others reach: that of the interface GLOO_SOCKET_IFNAME, or else the one from which
/// `store_host` is reached. Throws Error(config) if there is none.
std::string own_address(const std::string& interface, const std::string& store_host);

/// Whether this build can send tensors between processors: LibTorch was built with Gloo, whose headers were found.
bool has_gloo();

/// Connections between all processes.
class Mesh {
 public:
  struct Settings {
    int rank, size;
    std::string address;
    std::chrono::milliseconds patience;  ///< until all are connected
  };
  Mesh(Store& store, const Settings& settings);
  ~Mesh();

  /// Called, and must not return, with the process that a failed transfer was with.
  using OnFailure = std::function<void(int rank, const std::string& reason)>;

  /// Sends to[r] to each other process r and fills from[r] with what that one sends here, whose size is known. Tensors
  /// are contiguous and on the CPU; an undefined or empty one stands for nothing. All processes do the same exchanges
  /// in the same order.
  void exchange(const std::vector<at::Tensor>& to, const std::vector<at::Tensor>& from, const OnFailure& on_failure);

 private:
  struct Group;
  std::unique_ptr<Group> group_;
  int rank_, size_;
};

}  // namespace latentcrs
