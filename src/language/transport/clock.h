// Time and waiting as an interface, so that tests need not wait.
#pragma once

namespace latentcrs {

class Clock {
 public:
  virtual ~Clock() = default;
  /// Seconds since 1970, UTC.
  virtual double now() = 0;
  /// Seconds on a clock that never jumps; its origin has no meaning.
  virtual double steady() = 0;
  /// Waits. Throws Error(interrupted) soon after a signal.
  virtual void sleep(double seconds) = 0;
};

/// The clock of the system, which lives as long as the process.
Clock& system_clock();

}  // namespace latentcrs
