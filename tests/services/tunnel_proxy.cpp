#include "services/tunnel_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "services/fake_server.h"

namespace latentcrs::test {

namespace {

int connect_to(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(server, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return server;
  close(server);
  return -1;
}

void send_all(int to, const std::string& text) { send(to, text.data(), text.size(), MSG_NOSIGNAL); }

/// Copies both ways until one side closes the connection.
void relay(int client, int server) {
  std::array<pollfd, 2> ends = {{{client, POLLIN, 0}, {server, POLLIN, 0}}};
  char block[4096];
  while (poll(ends.data(), ends.size(), -1) > 0) {
    for (size_t i = 0; i < ends.size(); ++i) {
      if (ends[i].revents == 0) continue;
      const ssize_t got = recv(ends[i].fd, block, sizeof block, 0);
      if (got <= 0) return;
      send_all(ends[1 - i].fd, std::string(block, static_cast<size_t>(got)));
    }
  }
}

}  // namespace

TunnelProxy::TunnelProxy(int port) : port_(port) {
  int own = 0;
  socket_ = listen_anywhere(own);
  url_ = "http://127.0.0.1:" + std::to_string(own);
  thread_ = std::jthread([this] {
    for (int client; (client = accept(socket_, nullptr, nullptr)) >= 0;)
      tunnels_.emplace_back([this, client] {
        serve(client);
        close(client);
      });
  });
}

/// The client has closed its connections by then, so every tunnel ends.
TunnelProxy::~TunnelProxy() {
  shutdown(socket_, SHUT_RDWR);
  thread_.join();
  close(socket_);
}

std::vector<std::string> TunnelProxy::heads() const {
  const std::lock_guard lock(mutex_);
  return heads_;
}

void TunnelProxy::serve(int client) {
  std::string head;
  for (char c; head.find("\r\n\r\n") == std::string::npos && recv(client, &c, 1, 0) == 1;) head += c;
  {
    const std::lock_guard lock(mutex_);
    heads_.push_back(head);
  }
  const int server = port_ == 0 ? -1 : connect_to(port_);
  if (server < 0) return send_all(client, "HTTP/1.1 407 who asks?\r\nContent-Length: 0\r\n\r\n");
  send_all(client, "HTTP/1.1 200 go on\r\n\r\n");
  relay(client, server);
  close(server);
}

}  // namespace latentcrs::test
