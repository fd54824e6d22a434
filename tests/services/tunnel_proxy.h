// A proxy for TLS connections: it answers CONNECT with a tunnel to a server of this machine.
#pragma once

#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace latentcrs::test {

class TunnelProxy {
 public:
  /// Every tunnel ends at `port` of 127.0.0.1, whatever host is asked for. With port 0 every request is answered by
  /// 407.
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
