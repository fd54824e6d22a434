// What processes tell one another before and beside the exchange of tensors: a table of texts that process 0 holds.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace c10d {
class Store;
}

namespace latentcrs {

/// One connection to the store. Several threads may share it; an operation that waits holds up the others.
class Store {
 public:
  enum class Role { server, client };
  /// A server listens at `port` on all interfaces while it lives. A client tries until `patience` is over. Throws
  /// Error(config) that says what to do if the port is taken or nobody listens.
  Store(Role role, const std::string& host, uint16_t port, std::chrono::milliseconds patience);

  void set(const std::string& key, const std::string& text);
  bool has(const std::string& key);
  /// Waits for the key. Throws std::exception when `patience` is over, and as all functions if process 0 is gone.
  std::string get(const std::string& key);
  /// Sets the key unless it is there, and returns the text that it has then.
  std::string set_first(const std::string& key, const std::string& text);
  /// Adds to a number, from 0, and returns it.
  int64_t add(const std::string& key, int64_t amount);

  c10d::Store& c10d() { return *store_; }

 private:
  std::shared_ptr<c10d::Store> store_;
};

}  // namespace latentcrs
