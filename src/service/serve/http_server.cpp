#include "service/serve/http_server.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <set>
#include <thread>
#include <utility>

#include "base/util/error.h"
#include "base/util/text.h"
#include "service/serve/bounded_stream.h"

namespace latentcrs {

namespace {

constexpr size_t kRequestsPerConnection = 10'000;
constexpr size_t kChunkBytes = 16 * 1024;  // what the framing of a chunked body may add
constexpr std::chrono::milliseconds kDrainTime{500};

/// The only scripts, styles and requests of a page are those to this server, and no other page shows it in a frame.
const std::vector<std::pair<std::string, std::string>> kHeaders = {
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
     "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Cache-Control", "no-store"}};

ServedRequest read_request(const httplib::Request& from) {
  ServedRequest request{.method = from.method, .path = from.path, .query = {}, .headers = {}, .body = from.body};
  for (const auto& [name, value] : from.headers) request.headers.emplace(lower_case(name), value);
  for (const auto& [name, value] : from.params) request.query.emplace(name, value);
  return request;
}

void write_answer(const ServedAnswer& answer, httplib::Response& to) {
  to.status = answer.status;
  for (const auto& [name, value] : answer.headers) to.set_header(name, value);
  if (!answer.body.empty()) to.set_content(answer.body, answer.type);
}

std::string error_body(const char* kind, const std::string& message) {
  return fmt::format(R"({{"error": {{"kind": "{}", "message": "{}"}}}})", kind, message);
}

/// Errors that the library itself finds: it has no request to show to the gate.
std::string library_error(int status) {
  if (status == 408) return error_body("usage", "The request did not arrive in time.");
  if (status == 413) return error_body("too_large", "The body of the request is too large.");
  if (status == 414) return error_body("too_large", "The address of the request is too long.");
  return error_body("usage", "The request is no HTTP request that this server reads.");
}

/// The connection of the calling thread.
struct Connection {
  BoundedStream stream;
  bool must_close = false;
};
thread_local Connection* current = nullptr;
thread_local bool refusing = false;  // there are too many connections

/// The library reads no request of a method that it does not know; its path tells whether there is something else.
std::optional<ServedAnswer> answer_to_unknown_method(const httplib::Request& request, const HttpFunctions& functions) {
  static const std::set<std::string> known = {"GET",     "HEAD",    "POST",  "PUT",   "DELETE",
                                              "CONNECT", "OPTIONS", "TRACE", "PATCH", "PRI"};
  if (request.method.empty() || request.target.empty() || known.contains(request.method)) return std::nullopt;
  return functions.gate({.method = request.method,
                         .path = request.target.substr(0, request.target.find('?')),
                         .query = {},
                         .headers = {{"host", "localhost"}},
                         .body = ""});
}

/// Completes the library's answer to a request that it could not read.
void answer_error(httplib::Response& response, Connection& connection) {
  if (connection.stream.timed_out()) response.status = 408;
  if (connection.stream.exhausted()) response.status = 413;
  if (response.body.empty()) response.set_content(library_error(response.status), "application/json");
  connection.must_close = true;
}

/// Hands connections to a fixed number of threads. One that finds them all busy is refused by the caller itself.
class BoundedQueue : public httplib::TaskQueue {
 public:
  explicit BoundedQueue(int threads) : most_(threads), pool_(static_cast<size_t>(threads)) {}

  void enqueue(std::function<void()> connection) override {
    if (busy_.fetch_add(1) >= most_) {
      refusing = true;
      connection();
      refusing = false;
      --busy_;
      return;
    }
    pool_.enqueue([this, connection = std::move(connection)] {
      connection();
      --busy_;
    });
  }
  void shutdown() override { pool_.shutdown(); }

 private:
  int most_;
  std::atomic<int> busy_{0};
  httplib::ThreadPool pool_;
};

}  // namespace

class HttpServer::Impl : public httplib::Server {
 public:
  Impl(const HttpLimits& limits, HttpFunctions functions);

  void watch(const std::function<bool()>& stopped);

 private:
  bool process_and_close_socket(socket_t socket) override;
  void converse(Connection& connection);
  void prepare(httplib::Request& request, Connection& connection) const;
  HandlerResponse pass_gate(const httplib::Request& request, httplib::Response& response) const;
  bool stopping() const { return svr_sock_ == INVALID_SOCKET; }

  HttpLimits limits_;
  HttpFunctions functions_;
};

HttpServer::Impl::Impl(const HttpLimits& limits, HttpFunctions functions)
    : limits_(limits), functions_(std::move(functions)) {
  new_task_queue = [this] { return new BoundedQueue(limits_.connections); };
  set_payload_max_length(limits_.body_bytes);
  set_tcp_nodelay(true);
  set_socket_options([](socket_t socket) {  // the library's own let two servers share a port
    const int yes = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  set_keep_alive_max_count(kRequestsPerConnection);  // this and the next are what answers say
  set_keep_alive_timeout(std::chrono::duration_cast<std::chrono::seconds>(limits_.idle_time).count());
  httplib::Headers headers;
  for (const auto& [name, value] : kHeaders) headers.emplace(name, value);
  set_default_headers(headers);
  set_pre_routing_handler([this](const auto& request, auto& response) { return pass_gate(request, response); });
  set_error_handler([this](const httplib::Request& request, httplib::Response& response) {
    if (!response.body.empty()) return;
    if (const auto answer = answer_to_unknown_method(request, functions_)) write_answer(*answer, response);
    answer_error(response, *current);
  });
  const auto answer = [this](const httplib::Request& request, httplib::Response& response) {
    write_answer(functions_.answer(read_request(request)), response);
    current->stream.set_deadline(BoundedStream::Clock::now() + limits_.request_time);
  };
  Get("[^]*", answer).Post("[^]*", answer).Put("[^]*", answer).Patch("[^]*", answer).Delete("[^]*", answer);
}

void HttpServer::Impl::watch(const std::function<bool()>& stopped) {
  std::thread listening([this] { listen_after_bind(); });
  while (!stopped()) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  while (!is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  stop();
  listening.join();
}

bool HttpServer::Impl::process_and_close_socket(socket_t socket) {
  Connection connection{.stream = BoundedStream(socket)};
  if (refusing) {
    constexpr std::chrono::milliseconds kAtOnce{10};  // the caller accepts all other connections
    const std::string body = error_body("busy", "The server has as many connections as it takes; try again.");
    connection.stream.set_deadline(BoundedStream::Clock::now() + kAtOnce);
    connection.stream.write_format(
        "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 1\r\n"
        "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
        body.size(), body.c_str());
    connection.stream.flush();
    connection.stream.drain(kAtOnce);
  } else {
    current = &connection;
    converse(connection);
    current = nullptr;
  }
  ::shutdown(socket, SHUT_RDWR);
  ::close(socket);
  return true;
}

void HttpServer::Impl::converse(Connection& connection) {
  BoundedStream& stream = connection.stream;
  for (size_t left = kRequestsPerConnection; left > 0 && !stopping(); --left) {
    if (!stream.wait_for_request(limits_.idle_time, [this] { return stopping(); })) return;
    stream.set_deadline(BoundedStream::Clock::now() + limits_.request_time);
    stream.allow(limits_.header_bytes);
    bool closed = false;
    const bool answered =
        process_request(stream, left == 1, closed, [&](httplib::Request& request) { prepare(request, connection); });
    stream.set_deadline(BoundedStream::Clock::now() + limits_.request_time);
    const bool taken = stream.flush();
    if (connection.must_close || stream.exhausted()) stream.drain(kDrainTime);
    if (!answered || !taken || closed || connection.must_close || stream.exhausted()) return;
  }
}

/// After the headers, before anything else: what the library would do with them and we do not want.
void HttpServer::Impl::prepare(httplib::Request& request, Connection& connection) const {
  request.ranges.clear();
  request.headers.erase("Accept-Encoding");  // answers are small
  const bool chunked = request.has_header("Transfer-Encoding");
  if (!chunked && !request.has_header("Content-Length"))
    request.set_header("Content-Length", "0");  // otherwise it reads until the other side closes
  connection.stream.allow(limits_.body_bytes + kChunkBytes);
}

HttpServer::Impl::HandlerResponse HttpServer::Impl::pass_gate(const httplib::Request& request,
                                                              httplib::Response& response) const {
  const ServedRequest read = read_request(request);
  const std::string encoding = lower_case(read.header("transfer-encoding")), length = read.header("content-length");
  const bool has_body = !encoding.empty() || length != "0";
  std::optional<ServedAnswer> refusal;
  const auto refuse = [&](int status, const char* kind, const std::string& message) {
    refusal = functions_.error ? functions_.error(read, status, kind, message)
                               : ServedAnswer{.status = status, .body = error_body(kind, message)};
  };
  const bool is_number = !length.empty() && length.size() < 19 && length.find_first_not_of("0123456789") == length.npos;
  if ((!encoding.empty() && encoding != "chunked") || request.get_header_value_count("Content-Length") > 1 ||
      (encoding.empty() ? !is_number : !length.empty()))
    refuse(400, "usage", "The length of the body is not clear: send either Content-Length or chunks.");
  else if (encoding.empty() && std::stoull(length) > limits_.body_bytes)
    refuse(413, "too_large", fmt::format("A body has at most {} bytes.", limits_.body_bytes));
  else if (!read.header("content-encoding").empty())
    refuse(415, "usage", "A body is sent as it is, without Content-Encoding.");
  else
    refusal = functions_.gate(read);
  if (refusal) {
    current->must_close = has_body;
    write_answer(*refusal, response);
    return HandlerResponse::Handled;
  }
  current->stream.set_deadline(BoundedStream::Clock::now() + limits_.request_time);
  return HandlerResponse::Unhandled;
}

HttpServer::HttpServer(const HttpLimits& limits, HttpFunctions functions)
    : impl_(std::make_unique<Impl>(limits, std::move(functions))) {}

HttpServer::~HttpServer() = default;

int HttpServer::bind(const std::string& host, int port) {
  const int bound = port == 0 ? impl_->bind_to_any_port(host) : impl_->bind_to_port(host, port) ? port : -1;
  if (bound <= 0)
    throw usage_error(fmt::format(
        "cannot listen on {} port {}: the port is taken or the address is not this machine's; choose others with "
        "--port and --host",
        host, port));
  return bound;
}

void HttpServer::serve(const std::function<bool()>& stopped) { impl_->watch(stopped); }

}  // namespace latentcrs
