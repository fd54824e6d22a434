// The processes that work on one run together, on one host or several.
#pragma once

#include <ATen/core/Tensor.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "parallel/mesh.h"
#include "parallel/placement.h"

namespace latentcrs {

/// The elements [begin, end) of something.
struct Part {
  int64_t begin = 0, end = 0;
  int64_t size() const { return end - begin; }
};

/// Part `index` of `count` parts of [0, size), in order; sizes differ by one at most and the first ones are the larger
/// ones.
Part part_of(int64_t size, int64_t index, int64_t count);

/// The defaults of LATENTCRS_LOST_AFTER and LATENTCRS_START_WITHIN. All have ended within 5/3 of the first.
inline constexpr std::chrono::milliseconds kLostAfter{3000}, kStartWithin{300000};

/// A process does the same calls in the same order as the others: each call waits for them. If one of them is lost, the
/// process ends with exit code 7 and a message that names it (parallel/watch.h).
class Processes {
 public:
  struct Settings {
    /// What must be the same in all processes, by its name in messages: version, settings, kernels.
    std::map<std::string, std::string> alike = {};
    std::chrono::milliseconds lost_after = kLostAfter;      ///< a process that is silent for so long is lost
    std::chrono::milliseconds start_within = kStartWithin;  ///< time in which all must have come
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

  /// Transfers of tensors on the CPU, for TreeSum.
  Mesh::Transfers transfers();

 private:
  struct Others;
  explicit Processes(Placement placement);
  void meet_others(const Settings& settings);

  Placement placement_;
  std::vector<std::string> names_;
  int sharing_ = 1, rank_on_host_ = 0;
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
