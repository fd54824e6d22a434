// Progress of long work: a bar that redraws itself on a terminal, a plain line every ten seconds elsewhere.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace latentcrs {

struct ProgressState {
  std::string label;
  int64_t done = 0;
  int64_t total = 0;  ///< 0: not known
  std::string unit;
  double seconds = 0;  ///< since the work began
  std::string note;
};

/// One line of text: with a bar and at most `columns` wide for a terminal, without a bar for columns = 0.
std::string render_progress(const ProgressState& state, int columns);

/// Shows label, done/total, rate and remaining time on standard error. `unit` names what is counted ("users", "MB").
/// On a terminal: a bar, from the first second on, erased at destruction. Elsewhere: a line every ten seconds. Nothing
/// where info lines of the log are not shown. One bar at a time.
class Progress {
 public:
  Progress(std::string label, int64_t total, std::string unit);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Sets the absolute amount done; `note` (e.g. "loss 0.693") follows the rate. Cheap: draws at most 10 times a
  /// second.
  void update(int64_t done, const std::string& note = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace latentcrs
