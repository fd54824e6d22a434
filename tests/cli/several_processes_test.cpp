// One run on several processes over the loopback interface, as a launcher starts them.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <functional>
#include <future>

#include "cli/artifacts.h"
#include "support/subprocess.h"
#include "support/temp_dir.h"
#include "util/files.h"

using namespace latentcrs::test;
namespace fs = std::filesystem;

namespace {

using Words = std::vector<std::string>;

/// A port that nobody listens at now.
int free_port() {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool found = bind(descriptor, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  close(descriptor);
  REQUIRE(found);
  return ntohs(address.sin_port);
}

Words command(const Words& more) {
  Words words = {LATENTCRS_BINARY, "run",
                 "--config",       source_path("configs/tiny.yaml"),
                 "threads=1",      "pretrain.epochs=3",
                 "epochs=2",       "data_shards=8",
                 "exp_name=shared"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

/// Starts the command in each process at once; `change` may give one of them other words.
std::vector<Finished> run_together(const fs::path& folder, int processes, const std::function<Words(int rank)>& words,
                                   const std::vector<std::pair<std::string, std::string>>& more = {}) {
  const std::string store = "127.0.0.1:" + std::to_string(free_port());
  std::vector<std::future<Finished>> running;
  for (int rank = 0; rank < processes; ++rank) {
    std::vector<std::pair<std::string, std::string>> environment = {
        {"RANK", std::to_string(rank)}, {"WORLD_SIZE", std::to_string(processes)}, {"LATENTCRS_STORE", store}};
    environment.insert(environment.end(), more.begin(), more.end());
    running.push_back(std::async(std::launch::async, run_process, words(rank), ProcessOptions{folder, environment}));
  }
  std::vector<Finished> finished;
  for (std::future<Finished>& one : running) finished.push_back(one.get());
  return finished;
}

std::vector<Finished> run_together(const fs::path& folder, int processes, const Words& more = {}) {
  return run_together(folder, processes, [&](int) { return command(more); });
}

}  // namespace

TEST_CASE("one, two and three processes make the same bytes", "[cli][processes]") {
  const TempDir alone;
  const Finished single = run_process(command({}), {.folder = alone.path()});
  INFO(single.err);
  REQUIRE(single.exit_code == 0);
  const auto expected = artifact_digests(alone / "outputs/shared");
  for (const int processes : {2, 3}) {
    const TempDir dir;
    for (const Finished& finished : run_together(dir.path(), processes)) {
      INFO(finished.err);
      CHECK(finished.exit_code == 0);
    }
    INFO(processes << " processes");
    CHECK(difference_of(artifact_digests(dir / "outputs/shared"), expected) == "");
    CHECK(fs::exists(dir / "outputs/shared/log.1"));
  }
}

TEST_CASE("processes that differ, and too few shards, are refused before anything is computed", "[cli][processes]") {
  const TempDir dir;
  SECTION("settings") {
    for (const Finished& finished : run_together(
             dir.path(), 2, [](int rank) { return command({rank == 0 ? "random_seed=1" : "random_seed=2"}); })) {
      CHECK(finished.exit_code == 3);
      CHECK_THAT(finished.err, Catch::Contains("settings") && Catch::Contains("process 1 of 2 on "));
    }
  }
  SECTION("shards") {
    for (const Finished& finished : run_together(dir.path(), 2, {"data_shards=1"})) {
      CHECK(finished.exit_code == 3);
      CHECK_THAT(finished.err, Catch::Contains("data_shards=1: 2 processes"));
    }
  }
  SECTION("a process that never comes") {
    const std::string store = "127.0.0.1:" + std::to_string(free_port());
    const Finished first = run_process(
        command({}),
        {.folder = dir.path(),
         .environment = {
             {"RANK", "0"}, {"WORLD_SIZE", "2"}, {"LATENTCRS_STORE", store}, {"LATENTCRS_START_WITHIN", "1"}}});
    CHECK(first.exit_code == 3);
    CHECK_THAT(first.err, Catch::Contains("process 1 of 2 did not come within 1 s"));
  }
  CHECK(!fs::exists(dir / "outputs/shared/pretrain"));
}

TEST_CASE("a killed process ends the others, which name it, and the run goes on with other processes",
          "[cli][processes]") {
  const TempDir alone, dir;
  const Words more = {"pretrain.epochs=6"};
  REQUIRE(run_process(command(more), {.folder = alone.path()}).exit_code == 0);
  const std::string kill =
      R"("$@" & p=$!; while [ ! -e outputs/shared/pretrain/state.pt ]; do sleep 0.02; done; kill -KILL $p; wait $p)";
  const auto killed = run_together(dir.path(), 3, [&](int rank) {
    Words words = command(more);
    if (rank == 1) words.insert(words.begin(), {"sh", "-c", kill, "sh"});
    return words;
  });
  CHECK(killed[1].exit_code == 128 + 9);
  for (const int rank : {0, 2}) {
    INFO(killed[static_cast<size_t>(rank)].err);
    CHECK(killed[static_cast<size_t>(rank)].exit_code == 7);
    CHECK_THAT(killed[static_cast<size_t>(rank)].err,
               Catch::Contains("process 1 of 3 on ") && Catch::Contains("is lost"));
  }
  for (const Finished& finished : run_together(dir.path(), 2, more)) {
    INFO(finished.err);
    CHECK(finished.exit_code == 0);
  }
  CHECK(difference_of(artifact_digests(dir / "outputs/shared"), artifact_digests(alone / "outputs/shared")) == "");
}
