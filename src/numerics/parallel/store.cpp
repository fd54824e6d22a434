#include "numerics/parallel/store.h"

#include <fmt/format.h>

#include <string>
#include <vector>
#if LATENTCRS_GLOO || LATENTCRS_NCCL
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#endif

#include "base/util/error.h"

namespace latentcrs {

#if LATENTCRS_GLOO || LATENTCRS_NCCL

namespace {

using Bytes = std::vector<uint8_t>;

Bytes bytes_of(const std::string& text) { return {text.begin(), text.end()}; }
std::string text_of(const Bytes& bytes) { return {bytes.begin(), bytes.end()}; }

std::shared_ptr<c10d::Store> open_store(const std::string& host, const c10d::TCPStoreOptions& options) {
  auto store = c10::make_intrusive<c10d::TCPStore>(host, options);
  c10d::TCPStore* const address = store.get();
  return {address, [owner = std::move(store)](c10d::Store*) mutable { owner.reset(); }};
}

}  // namespace

Store::Store(Role role, const std::string& host, uint16_t port, std::chrono::milliseconds patience) {
  c10d::TCPStoreOptions options;
  options.port = port;
  options.isServer = role == Role::server;
  options.waitWorkers = false;
  options.timeout = patience;
  try {
    store_ = open_store(host, options);
  } catch (const std::exception& e) {
    const std::string text = e.what();
    throw config_error(
        fmt::format("{} {}:{}, where the processes get to know each other: {}. Another address is "
                    "LATENTCRS_STORE=host:port, the same in all processes",
                    role == Role::server ? "process 0 cannot listen at" : "cannot reach process 0 at", host, port,
                    text.substr(0, text.find('\n'))));
  }
}

void Store::set(const std::string& key, const std::string& text) { store_->set(key, bytes_of(text)); }
bool Store::has(const std::string& key) { return store_->check({key}); }
std::string Store::get(const std::string& key) { return text_of(store_->get(key)); }
std::string Store::set_first(const std::string& key, const std::string& text) {
  return text_of(store_->compareSet(key, {}, bytes_of(text)));
}
int64_t Store::add(const std::string& key, int64_t amount) { return store_->add(key, amount); }

#else

Store::Store(Role, const std::string&, uint16_t, std::chrono::milliseconds) {
  throw config_error(
      "this build cannot talk to other processes, because its LibTorch has neither Gloo nor NCCL: start a single "
      "process, or "
      "build with Debian's libtorch-dev and libgloo-dev");
}
void Store::set(const std::string&, const std::string&) {}
bool Store::has(const std::string&) { return false; }
std::string Store::get(const std::string&) { return {}; }
std::string Store::set_first(const std::string&, const std::string& text) { return text; }
int64_t Store::add(const std::string&, int64_t) { return 0; }

#endif

}  // namespace latentcrs
