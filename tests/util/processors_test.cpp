#include "base/util/processors.h"

#include <sched.h>

#include <catch2/catch.hpp>
#include <cstdlib>

#include "base/util/error.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using namespace latentcrs::test;

TEST_CASE("a control group's CPU quota limits the processors, those around it count too", "[processors]") {
  const TempDir dir;
  const auto processors = [&](const std::string& membership) {
    write_text(dir / "cgroup", membership);
    return cgroup_processors(dir / "cgroup", dir / "fs");
  };
  write_text(dir / "fs/cpu.max", "max 100000\n");
  write_text(dir / "fs/pod/cpu.max", "250000 100000\n");
  write_text(dir / "fs/pod/job/cpu.max", "max 100000\n");
  CHECK(processors("0::/pod/job\n") == 3);  // 2.5 rounded up
  CHECK(processors("0::/\n") == 0);
  CHECK(processors("0::/gone\n") == 0);
  CHECK(processors("") == 0);
  write_text(dir / "fs/pod/job/cpu.max", "50000 100000\n");
  CHECK(processors("0::/pod/job\n") == 1);

  write_text(dir / "fs/cpu,cpuacct/docker/cpu.cfs_quota_us", "400000\n");
  write_text(dir / "fs/cpu,cpuacct/docker/cpu.cfs_period_us", "100000\n");
  CHECK(processors("5:memory:/docker\n4:cpu,cpuacct:/docker\n") == 4);
  write_text(dir / "fs/cpu,cpuacct/docker/cpu.cfs_quota_us", "-1\n");
  CHECK(processors("4:cpu,cpuacct:/docker\n") == 0);
}

TEST_CASE("threads: the setting, then OMP_NUM_THREADS, then the allowed processors", "[processors]") {
  unsetenv("OMP_NUM_THREADS");
  CHECK(resolve_threads(0) == allowed_processors());
  CHECK(resolve_threads(3) == 3);
  setenv("OMP_NUM_THREADS", "5,2", 1);
  CHECK(resolve_threads(0) == 5);
  CHECK(resolve_threads(1) == 1);
  setenv("OMP_NUM_THREADS", "100000", 1);
  CHECK(resolve_threads(0) == allowed_processors());
  setenv("OMP_NUM_THREADS", "many", 1);
  CHECK(resolve_threads(0) == allowed_processors());
  unsetenv("OMP_NUM_THREADS");
  CHECK_THROWS_WITH(resolve_threads(100000), Catch::Contains("threads=100000") && Catch::Contains("threads=0"));
}

TEST_CASE("processors that the affinity forbids do not count", "[processors]") {
  cpu_set_t before, one;
  REQUIRE(sched_getaffinity(0, sizeof before, &before) == 0);
  CPU_ZERO(&one);
  for (int i = 0; i < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++i)
    if (CPU_ISSET(i, &before)) CPU_SET(i, &one);
  REQUIRE(sched_setaffinity(0, sizeof one, &one) == 0);
  CHECK(allowed_processors() == 1);
  REQUIRE(sched_setaffinity(0, sizeof before, &before) == 0);
}
