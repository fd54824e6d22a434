#include "parallel/mesh.h"

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

#include "util/error.h"

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

struct Mesh::Group {
  c10::intrusive_ptr<c10d::ProcessGroupGloo> gloo;
};

Mesh::Mesh(Store& store, const Settings& settings) : group_(std::make_unique<Group>()) {
  constexpr int threads = 2;
  const auto options = c10d::ProcessGroupGloo::Options::create(settings.patience);
  options->threads = threads;
  options->devices.push_back(c10d::ProcessGroupGloo::createDeviceForHostname(settings.address));
  const auto shared = c10::intrusive_ptr<c10d::Store>::reclaim_copy(&store.c10d());
  group_->gloo = c10::make_intrusive<c10d::ProcessGroupGloo>(c10::make_intrusive<c10d::PrefixStore>("mesh", shared),
                                                             settings.rank, settings.size, options);
}

struct Mesh::Transfers::Pending {
  struct One {
    c10::intrusive_ptr<c10d::Work> work;
    int rank;
  };
  std::vector<One> all;
};

namespace {

/// Calls `work`, and `on_failure` if it throws.
template <class Work>
void attempt(const Mesh::OnFailure& on_failure, int rank, const Work& work) {
  try {
    work();
  } catch (const std::exception&) {
    on_failure(rank, "the connection to it broke");
  }
}

}  // namespace

void Mesh::Transfers::send(const at::Tensor& tensor, int to, int tag) {
  std::vector<at::Tensor> list = {tensor};
  attempt(on_failure_, to, [&] { pending_->all.push_back({mesh_.group_->gloo->send(list, to, tag), to}); });
}

void Mesh::Transfers::receive(const at::Tensor& tensor, int from, int tag) {
  std::vector<at::Tensor> list = {tensor};
  attempt(on_failure_, from, [&] { pending_->all.push_back({mesh_.group_->gloo->recv(list, from, tag), from}); });
}

void Mesh::Transfers::wait() {
  for (const Pending::One& one : std::exchange(pending_->all, {}))
    attempt(on_failure_, one.rank, [&] { one.work->wait(kPatience); });
}

#else

struct Mesh::Group {};
Mesh::Mesh(Store&, const Settings&) {}
struct Mesh::Transfers::Pending {};
void Mesh::Transfers::send(const at::Tensor&, int, int) {}
void Mesh::Transfers::receive(const at::Tensor&, int, int) {}
void Mesh::Transfers::wait() {}

#endif

Mesh::~Mesh() = default;
Mesh::Transfers::Transfers(Mesh& mesh, OnFailure on_failure)
    : mesh_(mesh), on_failure_(std::move(on_failure)), pending_(std::make_unique<Pending>()) {}
Mesh::Transfers::~Transfers() = default;

}  // namespace latentcrs
