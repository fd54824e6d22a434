// One run on several processes over the loopback interface, as a launcher starts them.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <functional>
#include <future>

#include "base/util/files.h"
#include "cli/artifacts.h"
#include "support/subprocess.h"
#include "support/temp_dir.h"

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

/// Sequences of five to twelve of `items` items; every item occurs in one of them.
std::string invented_sequences(int users, int items) {
  std::string lines;
  int item = 0;
  for (int user = 1; user <= users; ++user) {
    lines += std::to_string(user);
    for (int i = 0; i < 5 + user % 8; ++i, item = (item + 1 + user % 2 * 6) % items)
      lines += " " + std::to_string(item + 1);
    lines += "\n";
  }
  return lines;
}

TEST_CASE("processes that send rows of a large item table make the bytes of one", "[cli][processes]") {
  const auto words = [](const std::string& loss) {
    return Words{LATENTCRS_BINARY,
                 "pretrain",
                 "-c",
                 "beauty",
                 "threads=1",
                 "datasets.interactions=sequences.txt",
                 "output_dir=run",
                 "data_shards=8",
                 "pretrain.batch_size=64",
                 "pretrain.epochs=1",
                 "pretrain.max_seq_length=12",
                 "pretrain.num_intent_clusters=[16]",
                 "pretrain.loss=" + loss};
  };
  const auto run = [&](const fs::path& folder, int processes, const std::string& loss) {
    write_text(folder / "sequences.txt", invented_sequences(400, 3000));
    Words preprocess = words(loss);
    preprocess[1] = "preprocess";
    REQUIRE(run_process(preprocess, {.folder = folder}).exit_code == 0);
    for (const Finished& finished : run_together(folder, processes, [&](int) { return words(loss); })) {
      INFO(finished.err);
      CHECK(finished.exit_code == 0);
    }
    return artifact_digests(folder / "run");
  };
  for (const std::string loss : {"bce", "softmax"}) {  // of a shard's table few rows are not zero, and all are
    CAPTURE(loss);
    const TempDir alone, together;
    CHECK(difference_of(run(together.path(), 3, loss), run(alone.path(), 1, loss)) == "");
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
        command({"cluster.start_within=1"}),
        {.folder = dir.path(), .environment = {{"RANK", "0"}, {"WORLD_SIZE", "2"}, {"LATENTCRS_STORE", store}}});
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

TEST_CASE("two network namespaces as two hosts make the bytes of one process", "[cli][processes]") {
  // Without root or iproute2 the script says so and compares nothing.
  const Finished finished = run_process({"bash", source_path("scripts/test_cluster.sh"), "netns"},
                                        {.environment = {{"LATENTCRS_BINARY", LATENTCRS_BINARY}}});
  INFO(finished.out << finished.err);
  CHECK(finished.exit_code == 0);
  CHECK_THAT(finished.out, Catch::Contains("the same bytes as one process") || Catch::Contains("needs root"));
}

TEST_CASE("doctor says what a launcher told this process", "[cli][processes]") {
  const TempDir dir;
  const auto doctor = [&](const std::vector<std::pair<std::string, std::string>>& environment) {
    return run_process({LATENTCRS_BINARY, "doctor"}, {.folder = dir.path(), .environment = environment});
  };
  const Finished second = doctor({{"RANK", "1"}, {"WORLD_SIZE", "4"}, {"LATENTCRS_STORE", "127.0.0.1:29511"}});
  CHECK(second.exit_code == 0);
  for (const char* part : {"RANK: process 1 of 4", "127.0.0.1:29511", "others reach this one at"}) {
    CAPTURE(part);
    CHECK_THAT(second.out, Catch::Contains(part));
  }
  const Finished shell = doctor({{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "8"}});
  CHECK_THAT(shell.out, Catch::Contains("8 tasks"));
  const Finished wrong = doctor({{"RANK", "1"}, {"WORLD_SIZE", "4"}, {"GLOO_SOCKET_IFNAME", "none0"}});
  CHECK_THAT(wrong.out, Catch::Contains("GLOO_SOCKET_IFNAME=none0: this host has no such network interface"));
}
