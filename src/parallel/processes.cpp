#include "parallel/processes.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>
#include <utility>

#include "parallel/store.h"
#include "parallel/watch.h"
#include "util/error.h"
#include "util/files.h"
#include "util/processors.h"

namespace latentcrs {

namespace {

using nlohmann::json;

/// Tags of transfers (parallel/tree_sum.cpp has those from 1000 on).
constexpr int kRowsTag = 1, kSizeTag = 2, kTextTag = 3;

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
  std::optional<Watch> watch;
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
      throw config_error(
          fmt::format("process {} of {} did not come within {:.0f} s: did all of them start? LATENTCRS_START_WITHIN is "
                      "the time they have, in seconds",
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
  others_->mesh.emplace(store, Mesh::Settings{rank(), size(), address, settings.start_within});
}

Mesh::Transfers Processes::transfers() {
  return {*others_->mesh, [this](int rank, const std::string& reason) { others_->watch->lost(rank, reason); }};
}

void Processes::gather_rows(at::Tensor& table, const std::vector<Part>& of_rank) {
  if (!several()) return;
  at::Tensor host = table.is_cpu() ? table : table.cpu();
  const auto rows_of = [&](int rank) {
    const Part part = of_rank[static_cast<size_t>(rank)];
    return host.narrow(0, part.begin, part.size());
  };
  Mesh::Transfers under_way = transfers();
  for (int step = 1; step < size(); ++step) {
    const int to = (rank() + step) % size(), from = (rank() - step + size()) % size();
    if (const at::Tensor rows = rows_of(from); rows.numel() > 0) under_way.receive(rows, from, kRowsTag);
    if (const at::Tensor rows = rows_of(rank()); rows.numel() > 0) under_way.send(rows, to, kRowsTag);
  }
  under_way.wait();
  if (!table.is_cpu()) table.copy_(host);
}

std::string Processes::from_leader(const std::string& text) {
  if (!several()) return text;
  Mesh::Transfers under_way = transfers();
  at::Tensor length = at::scalar_tensor(static_cast<int64_t>(text.size()), at::kLong).reshape({1});
  if (leads()) {
    at::Tensor bytes =
        at::empty({static_cast<int64_t>(text.size()) + 1}, at::kByte);  // at least one: a transfer is never empty
    std::memcpy(bytes.data_ptr(), text.c_str(), text.size() + 1);
    for (int r = 1; r < size(); ++r) under_way.send(length, r, kSizeTag), under_way.send(bytes, r, kTextTag);
    under_way.wait();
    return text;
  }
  under_way.receive(length, 0, kSizeTag);
  under_way.wait();
  const at::Tensor bytes = at::empty({length.item<int64_t>() + 1}, at::kByte);
  under_way.receive(bytes, 0, kTextTag);
  under_way.wait();
  return {reinterpret_cast<const char*>(bytes.data_ptr<uint8_t>()), static_cast<size_t>(bytes.numel() - 1)};
}

void Processes::meet() {
  at::Tensor ones = at::ones({size()});
  std::vector<Part> parts;
  for (int r = 0; r < size(); ++r) parts.push_back({r, r + 1});
  gather_rows(ones, parts);
}

void Processes::abandon(const std::string& reason, bool interrupted) {
  if (several())
    others_->watch->abandon(reason, interrupted ? exit_code(ErrorKind::interrupted) : kLostProcessExitCode);
}

void Processes::finish() {
  if (!several()) return;
  meet();
  others_->watch->finish();
}

}  // namespace latentcrs
