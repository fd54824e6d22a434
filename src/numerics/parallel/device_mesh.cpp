#include "numerics/parallel/device_mesh.h"

#include <ATen/ATen.h>

#include <algorithm>
#if LATENTCRS_NCCL
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif

#include "base/util/error.h"

namespace latentcrs {

#if LATENTCRS_NCCL

namespace {

/// Watch notices a loss, and no time-out: process 0 may work alone for hours.
constexpr std::chrono::hours kStreamPatience(24 * 365);

/// NCCL takes a tensor for each process, also where nothing is sent.
std::vector<at::Tensor> one_for_each(std::vector<at::Tensor> tensors, const at::TensorOptions& options) {
  for (at::Tensor& tensor : tensors)
    if (!tensor.defined()) tensor = at::empty({0}, options);
  return tensors;
}

}  // namespace

bool has_nccl() { return true; }

struct DeviceMesh::Group {
  c10::intrusive_ptr<c10d::ProcessGroupNCCL> nccl;
};

DeviceMesh::DeviceMesh(Store& store, int rank, int size) : group_(std::make_unique<Group>()) {
  const auto options = c10d::ProcessGroupNCCL::Options::create();
  options->timeout = kStreamPatience;
  const auto shared = c10::intrusive_ptr<c10d::Store>::reclaim_copy(&store.c10d());
  group_->nccl = c10::make_intrusive<c10d::ProcessGroupNCCL>(
      c10::make_intrusive<c10d::PrefixStore>("device mesh", shared), rank, size, options);
}

/// An all-to-all, because NCCL pairs sends with receives only within one call: one by one they would wait for each
/// other.
void DeviceMesh::exchange(const std::vector<at::Tensor>& to, const std::vector<at::Tensor>& from) {
  std::vector<at::Tensor> all = to;
  all.insert(all.end(), from.begin(), from.end());
  const auto given = std::find_if(all.begin(), all.end(), [](const at::Tensor& tensor) { return tensor.defined(); });
  if (given == all.end()) return;
  std::vector<at::Tensor> sent = one_for_each(to, given->options()), received = one_for_each(from, given->options());
  group_->nccl->alltoall(received, sent)->wait();
}

#else

bool has_nccl() { return false; }

struct DeviceMesh::Group {};
DeviceMesh::DeviceMesh(Store&, int, int) {
  throw internal_error("tensors of GPUs cannot be sent, because this build has no NCCL");
}
void DeviceMesh::exchange(const std::vector<at::Tensor>&, const std::vector<at::Tensor>&) {}

#endif

DeviceMesh::~DeviceMesh() = default;

}  // namespace latentcrs
