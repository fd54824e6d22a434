#include "numerics/parallel/processes.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>
#include <utility>

#include "base/util/error.h"
#include "base/util/files.h"
#include "base/util/log.h"
#include "base/util/processors.h"
#include "numerics/parallel/device_mesh.h"
#include "numerics/parallel/mesh.h"
#include "numerics/parallel/store.h"
#include "numerics/parallel/watch.h"

namespace latentcrs {

namespace {

using nlohmann::json;

Processes* current_processes = &Processes::alone();

std::string host_name() {
  char name[256] = {};
  gethostname(name, sizeof name - 1);
  return name;
}

/// Tells the machine, or the container's network, from others that may have the same host name.
std::string text_of_link(const char* path) {
  std::error_code error;
  return fs::read_symlink(path, error).string();
}
std::string boot_of_machine() {
  try {
    return read_file("/proc/sys/kernel/random/boot_id");
  } catch (const Error&) {
    return host_name();
  }
}

/// What a process tells the others of itself.
json introduction(const std::string& address, const std::map<std::string, std::string>& alike) {
  return {{"host", host_name()},
          {"machine", boot_of_machine()},
          {"network", text_of_link("/proc/self/ns/net")},
          {"processors", processor_numbers()},
          {"address", address},
          {"alike", alike}};
}

bool is_loopback(const std::string& address) { return address.starts_with("127.") || address == "::1"; }

bool overlap(const json& a, const json& b) {
  return std::any_of(a.begin(), a.end(),
                     [&](const json& one) { return std::find(b.begin(), b.end(), one) != b.end(); });
}

/// Throws for the first difference from process 0.
void check_alike(const std::vector<json>& all, const std::vector<std::string>& names) {
  for (size_t r = 1; r < all.size(); ++r)
    for (const auto& [what, value] : all[0].at("alike").items()) {
      const json& other = all[r].at("alike").at(what);
      if (other != value)
        throw config_error(
            fmt::format("{} differs: {} has {}, {} has {}. All processes of a run need the same program, settings and "
                        "kind of processor, or their results would differ",
                        what, names[0], value.get<std::string>(), names[r], other.get<std::string>()));
    }
}

/// A loopback address serves within one host only.
void check_addresses(const std::vector<json>& all, const std::vector<std::string>& names) {
  const auto place = [](const json& one) {
    return one.at("machine").get<std::string>() + one.at("network").get<std::string>();
  };
  const bool one_host =
      std::all_of(all.begin(), all.end(), [&](const json& one) { return place(one) == place(all[0]); });
  for (size_t r = 0; r < all.size() && !one_host; ++r)
    if (const std::string address = all[r].at("address"); is_loopback(address))
      throw config_error(fmt::format(
          "{} would be reached at {}, which other hosts cannot use: the host's name stands for it there, see "
          "/etc/hosts. Set GLOO_SOCKET_IFNAME to the network interface that joins the hosts",
          names[r], address));
}

}  // namespace

Part part_of(int64_t size, int64_t index, int64_t count) {
  const auto bound = [&](int64_t i) { return (size * i + count - 1) / count; };
  return {bound(index), bound(index + 1)};
}

struct Processes::Others {
  std::optional<Store> store;
  std::optional<Mesh> mesh;
  std::optional<DeviceMesh> device_mesh;  // from the first exchange between GPUs on
  std::optional<Watch> watch;
  double bytes_sent = 0;
};

Processes::Processes(Placement placement) : placement_(std::move(placement)), names_{"this process"} {}
Processes::~Processes() = default;

Processes& Processes::alone() {
  static Processes single{Placement()};
  return single;
}

Processes& Processes::current() { return *current_processes; }

WorkingTogether::WorkingTogether(Processes& processes) : before_(std::exchange(current_processes, &processes)) {}
WorkingTogether::~WorkingTogether() { current_processes = before_; }

std::unique_ptr<Processes> Processes::join(const Placement& placement, const Settings& settings) {
  std::unique_ptr<Processes> processes(new Processes(placement));
  if (processes->several()) processes->meet_others(settings);
  return processes;
}

void Processes::meet_others(const Settings& settings) {
  others_ = std::make_unique<Others>();
  const std::string address = own_address(launcher_environment("GLOO_SOCKET_IFNAME"), placement_.store_host);
  const auto role = leads() ? Store::Role::server : Store::Role::client;
  Store& store = others_->store.emplace(role, placement_.store_host, placement_.store_port, settings.start_within);
  const auto key = [this](int rank) { return fmt::format("{} of {}/{}", placement_.job, size(), rank); };
  store.set(key(rank()), introduction(address, settings.alike).dump());
  std::vector<json> all;
  names_.clear();
  for (int r = 0; r < size(); ++r) {
    try {
      all.push_back(json::parse(store.get(key(r))));
    } catch (const std::exception&) {
      throw config_error(fmt::format(
          "process {} of {} did not come within {:.0f} s: did all of them start? cluster.start_within is the "
          "time they have, in seconds",
          r, size(), std::chrono::duration<double>(settings.start_within).count()));
    }
    names_.push_back(fmt::format("process {} of {} on {}", r, size(), all.back().at("host").get<std::string>()));
  }
  for (int64_t read = store.add("read", 1); leads() && read < size(); read = store.add("read", 0))
    std::this_thread::sleep_for(std::chrono::milliseconds(2));  // the store ends with this process
  check_alike(all, names_);
  check_addresses(all, names_);
  const json& own = all[static_cast<size_t>(rank())];
  sharing_ = 0;
  for (int r = 0; r < size(); ++r) {
    const json& other = all[static_cast<size_t>(r)];
    if (other.at("machine") != own.at("machine")) continue;
    sharing_ += overlap(own.at("processors"), other.at("processors")) ? 1 : 0;
    rank_on_host_ += r < rank() ? 1 : 0;
  }
  others_->watch.emplace(
      Store(Store::Role::client, placement_.store_host, placement_.store_port, settings.start_within), rank(), names_,
      settings.lost_after);
  if (has_gloo()) others_->mesh.emplace(store, Mesh::Settings{rank(), size(), address, settings.start_within});
}

void Processes::compute_on(at::Device device) {
  device_ = device;
  if (several() && !has_gloo() && !device.is_cuda())
    throw config_error(
        "this build talks between GPUs only, because its LibTorch has no Gloo: set device=cuda, or build with Debian's "
        "libtorch-dev and libgloo-dev");
}

void Processes::exchange_on(bool gpu, const std::vector<at::Tensor>& to, const std::vector<at::Tensor>& from) {
  if (gpu) {
    if (!others_->device_mesh) others_->device_mesh.emplace(*others_->store, rank(), size());
    others_->device_mesh->exchange(to, from);
  } else {
    others_->mesh->exchange(to, from,
                            [this](int rank, const std::string& reason) { others_->watch->lost(rank, reason); });
  }
}

void Processes::exchange(const std::vector<at::Tensor>& to, const std::vector<at::Tensor>& from) {
  for (const at::Tensor& tensor : to)
    if (tensor.defined()) others_->bytes_sent += static_cast<double>(tensor.nbytes());
  const auto on_gpu = [](const at::Tensor& tensor) { return tensor.defined() && tensor.is_cuda(); };
  const bool gpu = std::any_of(to.begin(), to.end(), on_gpu) || std::any_of(from.begin(), from.end(), on_gpu);
  if (gpu ? has_nccl() : has_gloo()) return exchange_on(gpu, to, from);
  const at::Device other = gpu ? at::Device(at::kCPU) : device_;
  std::vector<at::Tensor> sent, received;
  for (const at::Tensor& tensor : to) sent.push_back(tensor.defined() ? tensor.to(other) : tensor);
  for (const at::Tensor& tensor : from)
    received.push_back(tensor.defined() ? at::empty_like(tensor, tensor.options().device(other)) : tensor);
  exchange_on(!gpu, sent, received);
  for (size_t r = 0; r < from.size(); ++r)
    if (from[r].defined()) from[r].copy_(received[r]);
}

void Processes::gather_rows(at::Tensor& table, const std::vector<Part>& of_rank) {
  if (!several()) return;
  const auto me = static_cast<size_t>(rank());
  std::vector<at::Tensor> from;
  for (const Part part : of_rank) from.push_back(table.narrow(0, part.begin, part.size()));
  std::vector<at::Tensor> to(from.size(), from[me]);
  to[me] = from[me] = at::Tensor();
  exchange(to, from);
}

std::string Processes::from_leader(const std::string& text) {
  if (!several()) return text;
  const auto count = static_cast<size_t>(size());
  const auto send_from_leader = [&](const at::Tensor& tensor) {
    std::vector<at::Tensor> to(count), from(count);
    if (leads())
      std::fill(to.begin() + 1, to.end(), tensor);
    else
      from[0] = tensor;
    exchange(to, from);
  };
  at::Tensor length = at::full({1}, static_cast<int64_t>(text.size()), at::kLong);
  send_from_leader(length);
  const auto bytes = static_cast<size_t>(length.item<int64_t>());
  const at::Tensor sent = at::empty({static_cast<int64_t>(bytes)}, at::kByte);
  if (leads()) std::memcpy(sent.data_ptr(), text.data(), bytes);
  send_from_leader(sent);
  return {reinterpret_cast<const char*>(sent.data_ptr<uint8_t>()), bytes};
}

void Processes::meet() {
  at::Tensor ones = at::ones({size()});
  std::vector<Part> parts;
  for (int r = 0; r < size(); ++r) parts.push_back({r, r + 1});
  gather_rows(ones, parts);
}

void Processes::abandon(const std::string& reason, bool interrupted) {
  if (several())
    others_->watch->abandon(reason, exit_code(interrupted ? ErrorKind::interrupted : ErrorKind::lost_process));
}

void Processes::finish() {
  if (!several()) return;
  meet();
  constexpr double bytes_per_MB = 1e6;
  log::info("{} sent {:.1f} MB to the others", name(rank()), others_->bytes_sent / bytes_per_MB);
  others_->watch->finish();
}

}  // namespace latentcrs
