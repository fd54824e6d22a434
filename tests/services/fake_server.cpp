#include "services/fake_server.h"

#include <arpa/inet.h>
#include <httplib.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <stdexcept>

#include "base/util/text.h"

namespace latentcrs::test {

int listen_anywhere(int& port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener, 8) != 0 ||
      getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error("cannot listen on 127.0.0.1");
  port = ntohs(address.sin_port);
  return listener;
}

namespace {

Request read(const httplib::Request& from) {
  Request request{from.method, from.target, from.path, {}, from.body, {}};
  for (const auto& [name, value] : from.headers) request.headers[latentcrs::lower_case(name)] = value;
  for (const auto& [name, value] : from.params) request.query[name] = value;
  for (const auto& [name, part] : from.files) request.form[name] = part.content;
  return request;
}

}  // namespace

std::string Request::header(const std::string& lower_case_name) const {
  const auto found = headers.find(lower_case_name);
  return found == headers.end() ? std::string() : found->second;
}

struct FakeServer::Impl {
  Impl(Handler handle, std::unique_ptr<httplib::Server> made) : handler(std::move(handle)), server(std::move(made)) {
    const auto serve = [this](const httplib::Request& request, httplib::Response& response) {
      answer(request, response);
    };
    server->Get(".*", serve).Post(".*", serve).Put(".*", serve).Delete(".*", serve);
    server->new_task_queue = [] { return new httplib::ThreadPool(32); };
    server->set_keep_alive_max_count(100000);
    server->set_keep_alive_timeout(1);
    server->set_tcp_nodelay(true);
    port = server->bind_to_any_port("127.0.0.1");
    thread = std::thread([this] { server->listen_after_bind(); });
    while (!server->is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

  ~Impl() {
    stopping = true;
    server->stop();
    thread.join();
  }

  void answer(const httplib::Request& from, httplib::Response& to) {
    const Request request = read(from);
    Answer answer;
    bool planned = false;
    {
      const std::lock_guard lock(mutex);
      if (!before) requests.push_back(request);
      if (!next.empty()) {
        planned = true;
        answer = std::move(next.front());
        next.pop_front();
      }
    }
    const auto refusal = before ? before(request) : std::nullopt;
    if (refusal)
      answer = *refusal;
    else if (!planned)
      answer = handler(request);
    if (after && !refusal) after(request, answer);
    to.status = answer.status;
    for (const auto& [name, value] : answer.headers) to.headers.emplace(name, value);
    if (answer.delivery == Delivery::whole && from.ranges.empty()) return to.set_content(answer.body, answer.type);
    if (answer.delivery == Delivery::whole) {  // in chunks, or the library itself would cut the range out, once more
      return to.set_chunked_content_provider(answer.type, [answer](size_t, httplib::DataSink& sink) {
        sink.write(answer.body.data(), answer.body.size());
        sink.done();
        return true;
      });
    }
    constexpr size_t promised = 1;  // of an empty body: something must be missing
    to.set_content_provider(std::max(answer.body.size(), promised), answer.type,
                            [this, answer](size_t offset, size_t length, httplib::DataSink& sink) {
                              return deliver(answer, offset, length, sink);
                            });
  }

  bool deliver(const Answer& answer, size_t offset, size_t length, httplib::DataSink& sink) const {
    const char* rest = answer.body.data() + offset;
    if (answer.delivery == Delivery::never) return false;
    if (answer.delivery == Delivery::half) return sink.write(rest, length / 2) && false;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    return !stopping && sink.write(rest, 1);
  }

  Handler handler;
  std::unique_ptr<httplib::Server> server;
  std::thread thread;
  int port = 0;
  std::atomic<bool> stopping{false};
  mutable std::mutex mutex;
  std::deque<Answer> next;
  std::vector<Request> requests;
  std::function<std::optional<Answer>(const Request&)> before;
  std::function<void(const Request&, Answer&)> after;
};

FakeServer::FakeServer(Handler handler)
    : impl_(std::make_unique<Impl>(std::move(handler), std::make_unique<httplib::Server>())),
      url_("http://127.0.0.1:" + std::to_string(impl_->port)) {}

FakeServer::FakeServer(Handler handler, const Certificate& certificate)
    : impl_(std::make_unique<Impl>(std::move(handler), std::make_unique<httplib::SSLServer>(
                                                           certificate.certificate.c_str(), certificate.key.c_str()))),
      url_("https://localhost:" + std::to_string(impl_->port)) {}

FakeServer::~FakeServer() = default;

int FakeServer::port() const { return impl_->port; }

void FakeServer::answer_next(std::vector<Answer> answers) {
  const std::lock_guard lock(impl_->mutex);
  for (Answer& answer : answers) impl_->next.push_back(std::move(answer));
}

void FakeServer::disturb(std::function<std::optional<Answer>(const Request&)> before,
                         std::function<void(const Request&, Answer&)> after) {
  impl_->before = std::move(before);
  impl_->after = std::move(after);
}

std::vector<Request> FakeServer::requests() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->requests;
}

ResettingPort::ResettingPort() {
  int port = 0;
  socket_ = listen_anywhere(port);
  url_ = "http://127.0.0.1:" + std::to_string(port);
  thread_ = std::jthread([this] {
    for (int client; (client = accept(socket_, nullptr, nullptr)) >= 0;) {
      char request[1024];
      if (recv(client, request, sizeof request, 0) < 0) break;
      const linger at_once{.l_onoff = 1, .l_linger = 0};
      setsockopt(client, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
      close(client);
    }
  });
}

ResettingPort::~ResettingPort() {
  shutdown(socket_, SHUT_RDWR);
  thread_.join();
  close(socket_);
}

std::string closed_port_url() {
  int port = 0;
  close(listen_anywhere(port));
  return "http://127.0.0.1:" + std::to_string(port);
}

}  // namespace latentcrs::test
