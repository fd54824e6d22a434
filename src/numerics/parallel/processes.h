// The processes that work on one run together, on one host or several.
#pragma once

#include <ATen/core/Tensor.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "numerics/parallel/placement.h"

namespace latentcrs {

/// The elements [begin, end) of something.
struct Part {
  int64_t begin = 0, end = 0;
  int64_t size() const { return end - begin; }
};

/// Part `index` of `count` parts of [0, size), in order; sizes differ by one at most and the first ones are the larger
/// ones.
Part part_of(int64_t size, int64_t index, int64_t count);

/// A process does the same calls in the same order as the others: each call waits for them. If one of them is lost, the
/// process ends with exit code 7 and a message that names it (numerics/parallel/watch.h).
class Processes {
 public:
  struct Settings {
    /// What must be the same in all processes, by its name in messages: version, settings, kernels.
    std::map<std::string, std::string> alike = {};
    std::chrono::milliseconds lost_after;    ///< a process that is silent for so long is lost; all end within 5/3 of it
    std::chrono::milliseconds start_within;  ///< time in which all must have come
  };

  /// A single process, which exchanges nothing.
  static Processes& alone();
  /// Those that compute the run: alone() unless some are WorkingTogether. Not to be changed while several threads
  /// compute.
  static Processes& current();
  /// Meets the others. Throws Error(config) if one does not come in time, if they differ in what must be alike, and for
  /// addresses that others cannot reach, before anything is computed.
  static std::unique_ptr<Processes> join(const Placement& placement, const Settings& settings);
  ~Processes();
  Processes(const Processes&) = delete;
  Processes& operator=(const Processes&) = delete;

  int rank() const { return placement_.rank; }
  int size() const { return placement_.size; }
  /// Process 0 alone writes the run's files.
  bool leads() const { return rank() == 0; }
  bool several() const { return size() > 1; }
  /// "process 2 of 4 on node2".
  const std::string& name(int rank) const { return names_[static_cast<size_t>(rank)]; }
  /// Processes whose processors are partly this one's, with itself; and how many processes of lower rank are on this
  /// host.
  int sharing_processors() const { return sharing_; }
  int rank_on_host() const { return rank_on_host_; }
  /// Where this process computes; before the first exchange. Throws Error(config) if this build can talk between GPUs
  /// only, and it is none.
  void compute_on(at::Device device);

  /// Sends to[r] to each other process r and fills from[r] with what it sends here: contiguous tensors on one device,
  /// whose sizes both sides know; nothing for an undefined or empty one. Those of GPUs go through NCCL and those of
  /// processors through Gloo; where the build lacks one of them, through the memory of the other.
  void exchange(const std::vector<at::Tensor>& to, const std::vector<at::Tensor>& from);
  /// Fills each rank's part of the rows of `table` with the rows that this rank has there. `table` is contiguous, on
  /// any device.
  void gather_rows(at::Tensor& table, const std::vector<Part>& of_rank);
  /// The text that process 0 gives.
  std::string from_leader(const std::string& text);
  /// Waits for all.
  void meet();

  /// Tells the others that this process ends with an error, which they end with too. `interrupted`: it was a signal.
  void abandon(const std::string& reason, bool interrupted);
  /// Waits for all, and ends the exchange in good order.
  void finish();

 private:
  struct Others;
  explicit Processes(Placement placement);
  void meet_others(const Settings& settings);
  void exchange_on(bool gpu, const std::vector<at::Tensor>& to, const std::vector<at::Tensor>& from);

  Placement placement_;
  std::vector<std::string> names_;
  int sharing_ = 1, rank_on_host_ = 0;
  at::Device device_ = at::kCPU;
  std::unique_ptr<Others> others_;
};

/// Makes processes the current ones for a while: those of a run, or alone() for what one process does while the others
/// wait.
class WorkingTogether {
 public:
  explicit WorkingTogether(Processes& processes);
  ~WorkingTogether();
  WorkingTogether(const WorkingTogether&) = delete;
  WorkingTogether& operator=(const WorkingTogether&) = delete;

 private:
  Processes* before_;
};

}  // namespace latentcrs
