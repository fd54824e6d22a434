// A real HTTP server on this machine that gives the answers that a test chooses, good and bad ones.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace latentcrs::test {

/// The way an answer reaches the client.
enum class Delivery {
  whole,
  half,   ///< the connection ends after half of the body
  drip,   ///< a byte every 50 ms
  never,  ///< the connection ends before the first byte
};

struct Answer {
  int status = 200;
  std::string body = {};
  std::multimap<std::string, std::string> headers = {};
  std::string type = "application/json";
  Delivery delivery = Delivery::whole;
};

struct Request {
  std::string method;
  std::string target;                          ///< path with query, as sent
  std::string path;                            ///< decoded
  std::map<std::string, std::string> headers;  ///< by lower-case name
  std::string body;
  std::map<std::string, std::string> query;
  std::map<std::string, std::string> form = {};  ///< the parts of multipart/form-data, in place of the body

  std::string header(const std::string& lower_case_name) const;
};

/// The PEM files of a TLS server.
struct Certificate {
  std::string certificate;
  std::string key;
};

class FakeServer {
 public:
  using Handler = std::function<Answer(const Request&)>;

  explicit FakeServer(Handler handler);
  FakeServer(Handler handler, const Certificate& certificate);
  ~FakeServer();

  /// http://127.0.0.1:port, or https://localhost:port.
  const std::string& url() const { return url_; }
  int port() const;
  /// Answers to give before the handler is asked, one per request.
  void answer_next(std::vector<Answer> answers);
  /// The requests that have arrived, in order.
  std::vector<Request> requests() const;
  size_t count() const { return requests().size(); }
  /// Must be called before the first request. `before` may answer instead of the handler; `after` may damage its
  /// answer. Requests are no longer kept.
  void disturb(std::function<std::optional<Answer>(const Request&)> before,
               std::function<void(const Request&, Answer&)> after);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  std::string url_;
};

/// A port on which connections are accepted and reset at once.
class ResettingPort {
 public:
  ResettingPort();
  ~ResettingPort();
  const std::string& url() const { return url_; }

 private:
  int socket_ = -1;
  std::string url_;
  std::jthread thread_;
};

/// A listening socket on a free port of 127.0.0.1.
int listen_anywhere(int& port);

/// An address of this machine on which no program listens.
std::string closed_port_url();

}  // namespace latentcrs::test
