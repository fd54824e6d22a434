// Time and waiting, passed in so that tests do not wait.
#pragma once

namespace latentcrs {

class Clock {
 public:
  virtual ~Clock() = default;
  /// Seconds since 1970, UTC.
  virtual double now() = 0;
  /// Seconds of a clock that never jumps.
  virtual double steady() = 0;
  /// Throws Error(interrupted) soon after a signal.
  virtual void sleep(double seconds) = 0;
};

Clock& system_clock();

}  // namespace latentcrs
