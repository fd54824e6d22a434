// A clock that does not wait, an environment of the test's own, and the context that clients are made with.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "language/transport/clock.h"
#include "language/transport/credentials.h"
#include "language/transport/curl_http.h"

namespace latentcrs::test {

/// A clock on which time passes only by sleep(), and at once. Thread-safe.
class FakeClock : public Clock {
 public:
  double now() override { return kStart + steady(); }
  double steady() override {
    const std::lock_guard lock(mutex_);
    return elapsed_;
  }
  void sleep(double seconds) override {
    const std::lock_guard lock(mutex_);
    sleeps_.push_back(seconds);
    elapsed_ += seconds;
  }
  std::vector<double> sleeps() {
    const std::lock_guard lock(mutex_);
    return sleeps_;
  }

  static constexpr double kStart = 1'800'000'000;  // Fri, 15 Jan 2027 08:00:00 GMT

 private:
  std::mutex mutex_;
  double elapsed_ = 0;
  std::vector<double> sleeps_;
};

struct RemoteFixture {
  std::shared_ptr<Http> http = make_curl_http({});
  FakeClock clock;
  std::map<std::string, std::string> variables = {{"NO_GCE_CHECK", "true"}, {"HOME", "/nonexistent"}};

  RemoteContext context() {
    const auto environment = [this](const std::string& name) {
      const auto found = variables.find(name);
      return found == variables.end() ? std::string() : found->second;
    };
    return {.http = http, .clock = clock, .environment = environment, .seed = 7};
  }
};

/// Short time limits, for tests in which a server does not answer.
inline HttpOptions impatient() {
  return {.connect_timeout = 1, .timeout = 1, .stall_timeout = 5, .ca_file = {}, .ca_dir = {}};
}

}  // namespace latentcrs::test
