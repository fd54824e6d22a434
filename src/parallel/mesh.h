// Tensors sent from process to process: c10d's Gloo, of which nothing shows outside of mesh.cpp.
#pragma once

#include <ATen/core/Tensor.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "parallel/store.h"

namespace latentcrs {

/// The address of this process that others reach: that of the interface GLOO_SOCKET_IFNAME, or else the one from which
/// `store_host` is reached. Throws Error(config) if there is none.
std::string own_address(const std::string& interface, const std::string& store_host);

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

  /// Calls it, which must not return, with the process that a failed transfer was with.
  using OnFailure = std::function<void(int rank, const std::string& reason)>;

  /// Transfers under way. Tensors are contiguous, on the CPU, and stay as they are until wait(). Both sides give a
  /// transfer the same size and tag; those of one tag between two processes arrive in their order.
  class Transfers {
   public:
    Transfers(Mesh& mesh, OnFailure on_failure);
    ~Transfers();
    void send(const at::Tensor& tensor, int to, int tag);
    void receive(const at::Tensor& tensor, int from, int tag);
    /// Waits for all.
    void wait();

   private:
    struct Pending;
    Mesh& mesh_;
    OnFailure on_failure_;
    std::unique_ptr<Pending> pending_;
  };

 private:
  struct Group;
  std::unique_ptr<Group> group_;
};

}  // namespace latentcrs
