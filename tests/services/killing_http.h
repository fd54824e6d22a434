// The death of a process between two steps, simulated inside one process.
#pragma once

#include <memory>

#include "language/transport/http.h"

namespace latentcrs::test {

/// Ends the run before or after one exchange, as a kill would. The exception is not an Error, so nothing handles it.
struct Killed {};

class KillingHttp : public Http {
 public:
  KillingHttp(std::shared_ptr<Http> http, int exchanges, bool after)
      : http_(std::move(http)), left_(exchanges), after_(after) {}
  HttpResponse send(const HttpRequest& request) override {
    const bool now = left_-- == 0;
    if (now && !after_) throw Killed();
    HttpResponse response = http_->send(request);
    if (now) throw Killed();
    return response;
  }

 private:
  std::shared_ptr<Http> http_;
  int left_;
  bool after_;
};

}  // namespace latentcrs::test
