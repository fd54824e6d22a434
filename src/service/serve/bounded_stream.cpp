#include "service/serve/bounded_stream.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace latentcrs {

namespace {

constexpr size_t kOutputBytes = 64 * 1024;  // written in one piece at most

}  // namespace

const short BoundedStream::kRead = POLLIN;
const short BoundedStream::kWrite = POLLOUT;

std::chrono::milliseconds BoundedStream::left() const {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - Clock::now());
  return std::clamp(left, std::chrono::milliseconds{0}, std::chrono::milliseconds{3'600'000});
}

bool BoundedStream::poll_socket(short events, std::chrono::milliseconds patience) const {
  pollfd wanted{.fd = socket_, .events = events, .revents = 0};
  return ::poll(&wanted, 1, static_cast<int>(patience.count())) > 0;
}

ssize_t BoundedStream::read(char* to, size_t size) {
  if (allowed_ == 0) {
    exhausted_ = true;
    return -1;
  }
  if (begin_ == end_) {
    timed_out_ = !poll_socket(kRead, left());
    if (timed_out_) return -1;
    const ssize_t got = ::recv(socket_, input_.data(), input_.size(), MSG_DONTWAIT);
    if (got <= 0) return got;
    begin_ = 0;
    end_ = static_cast<size_t>(got);
  }
  const size_t count = std::min({size, allowed_, end_ - begin_});
  std::memcpy(to, input_.data() + begin_, count);
  begin_ += count;
  allowed_ -= count;
  return static_cast<ssize_t>(count);
}

ssize_t BoundedStream::write(const char* from, size_t size) {
  output_.append(from, size);
  return output_.size() < kOutputBytes || flush() ? static_cast<ssize_t>(size) : -1;
}

bool BoundedStream::flush() {
  size_t sent = 0;
  while (sent < output_.size() && poll_socket(kWrite, left())) {
    const ssize_t count = ::send(socket_, output_.data() + sent, output_.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count < 0 && errno != EAGAIN && errno != EINTR) break;
    sent += static_cast<size_t>(std::max<ssize_t>(count, 0));
  }
  const bool complete = sent == output_.size();
  output_.clear();
  return complete;
}

void BoundedStream::drain(std::chrono::milliseconds patience) {
  ::shutdown(socket_, SHUT_WR);
  set_deadline(Clock::now() + patience);
  while (poll_socket(kRead, left()) && ::recv(socket_, input_.data(), input_.size(), MSG_DONTWAIT) > 0) {
  }
}

}  // namespace latentcrs
