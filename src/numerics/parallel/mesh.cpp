#include "numerics/parallel/mesh.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <utility>
#include <vector>
#if LATENTCRS_GLOO
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#endif

#include "base/util/error.h"

namespace latentcrs {

namespace {

std::string text_of_address(const sockaddr* address) {
  char text[INET6_ADDRSTRLEN] = {};
  const void* const bytes = address->sa_family == AF_INET
                                ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in*>(address)->sin_addr)
                                : static_cast<const void*>(&reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr);
  return inet_ntop(address->sa_family, bytes, text, sizeof text) != nullptr ? text : "";
}

std::string address_of_interface(const std::string& name) {
  ifaddrs* all = nullptr;
  if (getifaddrs(&all) != 0) return "";
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owner(all, freeifaddrs);
  for (const int family : {AF_INET, AF_INET6})
    for (const ifaddrs* one = all; one != nullptr; one = one->ifa_next)
      if (one->ifa_addr != nullptr && one->ifa_addr->sa_family == family && name == one->ifa_name)
        return text_of_address(one->ifa_addr);
  return "";
}

/// The end on this side of a connection to `host`. A datagram socket sends nothing when it is connected.
std::string address_towards(const std::string& host) {
  addrinfo hints = {}, *found = nullptr;
  hints.ai_socktype = SOCK_DGRAM;
  if (getaddrinfo(host.c_str(), "9", &hints, &found) != 0) return "";
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, freeaddrinfo);
  std::string address;
  for (const addrinfo* to = found; to != nullptr && address.empty(); to = to->ai_next) {
    const int descriptor = socket(to->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_storage own = {};
    socklen_t size = sizeof own;
    if (descriptor >= 0 && connect(descriptor, to->ai_addr, to->ai_addrlen) == 0 &&
        getsockname(descriptor, reinterpret_cast<sockaddr*>(&own), &size) == 0)
      address = text_of_address(reinterpret_cast<const sockaddr*>(&own));
    if (descriptor >= 0) close(descriptor);
  }
  return address;
}

}  // namespace

std::string own_address(const std::string& interface, const std::string& store_host) {
  const std::string address = interface.empty() ? address_towards(store_host) : address_of_interface(interface);
  if (!address.empty()) return address;
  throw config_error(
      interface.empty()
          ? fmt::format("the host {} of process 0 is not known here: give its address in MASTER_ADDR", store_host)
          : fmt::format("GLOO_SOCKET_IFNAME={}: this host has no such network interface with an address; `ip address` "
                        "lists them",
                        interface));
}

#if LATENTCRS_GLOO

namespace {

/// A transfer may wait for hours, while process 0 works alone: Watch notices a loss, and no time-out.
constexpr std::chrono::hours kPatience(24 * 365);

}  // namespace

bool has_gloo() { return true; }

struct Mesh::Group {
  c10::intrusive_ptr<c10d::ProcessGroupGloo> gloo;
};

Mesh::Mesh(Store& store, const Settings& settings)
    : group_(std::make_unique<Group>()), rank_(settings.rank), size_(settings.size) {
  constexpr int threads = 2;
  const auto options = c10d::ProcessGroupGloo::Options::create(settings.patience);
  options->threads = threads;
  options->devices.push_back(c10d::ProcessGroupGloo::createDeviceForHostname(settings.address));
  const auto shared = c10::intrusive_ptr<c10d::Store>::reclaim_copy(&store.c10d());
  group_->gloo = c10::make_intrusive<c10d::ProcessGroupGloo>(c10::make_intrusive<c10d::PrefixStore>("mesh", shared),
                                                             settings.rank, settings.size, options);
}

namespace {

constexpr int kExchangeTag = 1;

struct Transfer {
  c10::intrusive_ptr<c10d::Work> work;
  int rank;
};

/// Calls `work`, and `on_failure` if it throws.
template <class Work>
void attempt(const Mesh::OnFailure& on_failure, int rank, const Work& work) {
  try {
    work();
  } catch (const std::exception&) {
    on_failure(rank, "the connection to it broke");
  }
}

bool holds_something(const at::Tensor& tensor) { return tensor.defined() && tensor.numel() > 0; }

}  // namespace

void Mesh::exchange(const std::vector<at::Tensor>& to, const std::vector<at::Tensor>& from,
                    const OnFailure& on_failure) {
  std::vector<Transfer> under_way;
  const auto begin = [&](const at::Tensor& tensor, int rank, auto start) {
    if (!holds_something(tensor)) return;
    std::vector<at::Tensor> list = {tensor};
    attempt(on_failure, rank, [&] { under_way.push_back({start(list), rank}); });
  };
  c10d::ProcessGroupGloo& gloo = *group_->gloo;
  for (int step = 1; step < size_; ++step) {
    const int after = (rank_ + step) % size_, before = (rank_ - step + size_) % size_;
    begin(from[static_cast<size_t>(before)], before, [&](auto& list) { return gloo.recv(list, before, kExchangeTag); });
    begin(to[static_cast<size_t>(after)], after, [&](auto& list) { return gloo.send(list, after, kExchangeTag); });
  }
  for (const Transfer& one : under_way) attempt(on_failure, one.rank, [&] { one.work->wait(kPatience); });
}

#else

bool has_gloo() { return false; }

struct Mesh::Group {};
Mesh::Mesh(Store&, const Settings& settings) : rank_(settings.rank), size_(settings.size) {}
void Mesh::exchange(const std::vector<at::Tensor>&, const std::vector<at::Tensor>&, const OnFailure&) {}

#endif

Mesh::~Mesh() = default;

}  // namespace latentcrs
