#include "numerics/parallel/placement.h"

#include <catch2/catch.hpp>
#include <map>

#include "base/util/error.h"

using namespace latentcrs;

namespace {

Placement placement_of(const std::map<std::string, std::string>& variables) {
  return placement_from([&](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::string() : found->second;
  });
}

}  // namespace

TEST_CASE("torchrun says who a process is, and the store is not torchrun's own", "[parallel]") {
  std::map<std::string, std::string> variables = {{"RANK", "2"},
                                                  {"WORLD_SIZE", "4"},
                                                  {"MASTER_ADDR", "node1"},
                                                  {"MASTER_PORT", "29500"},
                                                  {"TORCHELASTIC_RUN_ID", "job7"},
                                                  {"TORCHELASTIC_RESTART_COUNT", "0"}};
  const Placement place = placement_of(variables);
  CHECK(place.launcher == "torchrun");
  CHECK(place.rank == 2);
  CHECK(place.size == 4);
  CHECK(place.store_host == "node1");
  CHECK(place.store_port == 29501);
  variables["TORCHELASTIC_RESTART_COUNT"] = "3";
  CHECK(placement_of(variables).store_port == 29504);
  CHECK(placement_of(variables).job != place.job);
}

TEST_CASE("mpirun on one host needs no address, on several it needs one", "[parallel]") {
  std::map<std::string, std::string> variables = {{"OMPI_COMM_WORLD_RANK", "1"},
                                                  {"OMPI_COMM_WORLD_SIZE", "2"},
                                                  {"OMPI_COMM_WORLD_LOCAL_SIZE", "2"},
                                                  {"PMIX_NAMESPACE", "1234567"}};
  CHECK(placement_of(variables).launcher == "mpirun");
  CHECK(placement_of(variables).store_host == "127.0.0.1");
  const uint16_t port = placement_of(variables).store_port;
  CHECK(port >= 20000);
  CHECK(port < 32000);
  variables["PMIX_NAMESPACE"] = "1234568";
  CHECK(placement_of(variables).store_port != port);
  variables["OMPI_COMM_WORLD_LOCAL_SIZE"] = "1";
  CHECK_THROWS_WITH(placement_of(variables), Catch::Contains("MASTER_ADDR"));
  variables["LATENTCRS_STORE"] = "10.0.0.1:4000";
  CHECK(placement_of(variables).store_host == "10.0.0.1");
  CHECK(placement_of(variables).store_port == 4000);
}

TEST_CASE("a Slurm step has processes, the shell of a batch script has none", "[parallel]") {
  std::map<std::string, std::string> variables = {{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "8"}, {"SLURM_JOB_ID", "17"}};
  CHECK(placement_of(variables).size == 1);
  CHECK(placement_of(variables).launcher.empty());
  variables["SLURM_STEP_NUM_TASKS"] = "8";
  variables["SLURM_STEP_ID"] = "0";
  variables["SLURM_STEP_NODELIST"] = "node[3-5,7],gpu1";
  CHECK(placement_of(variables).launcher == "srun");
  CHECK(placement_of(variables).size == 8);
  CHECK(placement_of(variables).store_host == "node3");
}

TEST_CASE("the first host of Slurm's lists", "[parallel]") {
  CHECK(first_host("node1") == "node1");
  CHECK(first_host("node1,node2") == "node1");
  CHECK(first_host("node[03-05,7],gpu1") == "node03");
  CHECK(first_host("rack2-node[12]") == "rack2-node12");
  CHECK(first_host("").empty());
}

TEST_CASE("numbers of the environment that make no sense are refused by name", "[parallel]") {
  CHECK_THROWS_WITH(placement_of({{"RANK", "4"}, {"WORLD_SIZE", "4"}}), Catch::Contains("RANK=4"));
  CHECK_THROWS_WITH(placement_of({{"RANK", "0"}, {"WORLD_SIZE", "two"}}), Catch::Contains("WORLD_SIZE=two"));
  CHECK_THROWS_WITH(placement_of({{"RANK", "0"}, {"WORLD_SIZE", "2"}, {"LATENTCRS_STORE", "4000"}}),
                    Catch::Contains("host:port"));
  CHECK(placement_of({{"RANK", "3"}}).size == 1);
}

TEST_CASE("a single process where several were meant is told so", "[parallel]") {
  const auto hint = [](const std::map<std::string, std::string>& variables) {
    return hint_of_single_process([&](const char* name) {
      const auto found = variables.find(name);
      return found == variables.end() ? std::string() : found->second;
    });
  };
  CHECK_THAT(hint({{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "8"}}),
             Catch::Contains("8 tasks") && Catch::Contains("srun"));
  CHECK_THAT(hint({{"PMI_RANK", "0"}, {"PMI_SIZE", "4"}}), Catch::Contains("4 processes"));
  CHECK(hint({{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "1"}}).empty());
  CHECK(
      hint({{"SLURM_PROCID", "1"}, {"SLURM_STEP_NUM_TASKS", "8"}, {"SLURM_NTASKS", "8"}, {"SLURM_STEP_NODELIST", "a"}})
          .empty());
  CHECK(hint({}).empty());
}
