// A proxy for TLS connections: what CONNECT asks for it answers with a tunnel to a server of this machine.
#pragma once

#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace latentcrs::test {

class TunnelProxy {
 public:
  /// Whatever host is asked for, the tunnel ends at `port` of 127.0.0.1; at none if it is 0: 407.
  explicit TunnelProxy(int port);
  ~TunnelProxy();
  const std::string& url() const { return url_; }
  /// The heads of the requests that have arrived, in order.
  std::vector<std::string> heads() const;

 private:
  void serve(int client);

  const int port_;
  int socket_ = -1;
  std::string url_;
  mutable std::mutex mutex_;
  std::vector<std::string> heads_;
  std::vector<std::jthread> tunnels_;
  std::jthread thread_;
};

}  // namespace latentcrs::test
