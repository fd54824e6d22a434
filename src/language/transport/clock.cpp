#include "language/transport/clock.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/util/interrupt.h"

namespace latentcrs {

namespace {

class SystemClock : public Clock {
 public:
  double now() override { return seconds(std::chrono::system_clock::now().time_since_epoch()); }
  double steady() override { return seconds(std::chrono::steady_clock::now().time_since_epoch()); }

  void sleep(double duration) override {
    constexpr double slice = 0.1;  // a signal is noticed after this many seconds at the latest
    for (const double end = steady() + duration;;) {
      throw_if_interrupted();
      const double rest = end - steady();
      if (rest <= 0) return;
      std::this_thread::sleep_for(std::chrono::duration<double>(std::min(rest, slice)));
    }
  }

 private:
  template <class Duration>
  static double seconds(Duration duration) {
    return std::chrono::duration<double>(duration).count();
  }
};

}  // namespace

Clock& system_clock() {
  static SystemClock clock;
  return clock;
}

}  // namespace latentcrs
