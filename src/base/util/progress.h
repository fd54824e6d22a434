// Progress of long work: a bar that redraws itself on a terminal, and a plain line every ten seconds elsewhere.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace latentcrs {

struct ProgressState {
  std::string label;
  int64_t done = 0;
  int64_t total = 0;  ///< 0 if it is not known
  std::string unit;
  double seconds = 0;  ///< since the work began
  std::string note;
};

/// The progress as one line of text: for columns > 0 with a bar and at most `columns` wide, for columns = 0 without a
/// bar.
std::string render_progress(const ProgressState& state, int columns);

/// Shows label, done/total, rate and remaining time on standard error. `unit` names what is counted ("users", "MB"). On
/// a terminal it is a bar, which appears after one second and is erased at destruction; elsewhere a line every ten
/// seconds. Nothing is shown if info lines of the log are not. There must be only one at a time.
class Progress {
 public:
  /// `total` is the amount of work in `unit`, 0 if it is not known.
  Progress(std::string label, int64_t total, std::string unit);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Sets the absolute amount done; `note` (e.g. "loss 0.693") is shown after the rate. The call is cheap, because it
  /// draws at most 10 times per second.
  void update(int64_t done, const std::string& note = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace latentcrs
