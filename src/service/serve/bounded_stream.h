// A connection's socket for cpp-httplib with a bound on time and bytes: that library bounds each single read only, so a
// client that sends a byte now and then would hold its thread for ever.
#pragma once

#include <httplib.h>

#include <array>
#include <chrono>
#include <string>

namespace latentcrs {

class BoundedStream : public httplib::Stream {
 public:
  using Clock = std::chrono::steady_clock;

  /// Does not close the socket.
  explicit BoundedStream(int socket) : socket_(socket) {}

  /// Waits until a byte is there or the other side has closed. False when `patience` has passed or `stopped` is true.
  template <class Stopped>
  bool wait_for_request(Clock::duration patience, Stopped stopped) {
    constexpr std::chrono::milliseconds kStep{100};
    const auto end = Clock::now() + patience;
    while (begin_ == end_ && !poll_socket(kRead, kStep))
      if (stopped() || Clock::now() >= end) return false;
    return true;
  }

  /// A new request or answer: it has until `deadline`.
  void set_deadline(Clock::time_point deadline) { deadline_ = deadline; }
  /// At most so many bytes are read from now on.
  void allow(size_t bytes) {
    allowed_ = bytes;
    exhausted_ = timed_out_ = false;
  }
  /// Whether a read went past what was allowed.
  bool exhausted() const { return exhausted_; }
  /// Whether a read waited until the deadline.
  bool timed_out() const { return timed_out_; }
  /// Sends what was written. False if the other side does not take it in time.
  bool flush();
  /// Reads and forgets what the other side still sends, for at most `patience`: closing with unread bytes would reset
  /// the connection, and the answer be lost.
  void drain(std::chrono::milliseconds patience);

  bool is_readable() const override { return begin_ < end_ || poll_socket(kRead, left()); }
  bool is_writable() const override { return poll_socket(kWrite, left()); }
  ssize_t read(char* to, size_t size) override;
  ssize_t write(const char* from, size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override { ip.clear(), port = 0; }
  void get_local_ip_and_port(std::string& ip, int& port) const override { ip.clear(), port = 0; }
  socket_t socket() const override { return socket_; }

 private:
  static const short kRead, kWrite;

  std::chrono::milliseconds left() const;
  bool poll_socket(short events, std::chrono::milliseconds patience) const;

  int socket_;
  Clock::time_point deadline_ = Clock::time_point::max();
  size_t allowed_ = 0;
  bool exhausted_ = false, timed_out_ = false;
  std::array<char, 8192> input_{};
  size_t begin_ = 0, end_ = 0;  // of the bytes of input_ that were not read yet
  std::string output_;
};

}  // namespace latentcrs
