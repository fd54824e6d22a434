#include "base/util/file_lock.h"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <utility>

#include "base/util/error.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using latentcrs::test::TempDir;

namespace {

/// Whether another process gets the lock without waiting.
bool is_free(const std::filesystem::path& path) {
  const pid_t child = fork();
  if (child == 0) _exit(FileLock::try_take(path) ? 0 : 1);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

TEST_CASE("a lock keeps other processes and other locks out while it lives", "[file_lock]") {
  const TempDir dir;
  const auto path = dir / "lock";
  {
    const auto lock = FileLock::try_take(path);
    REQUIRE(lock);
    CHECK_FALSE(FileLock::try_take(path));
    CHECK_FALSE(is_free(path));
  }
  CHECK(std::filesystem::exists(path));
  CHECK(is_free(path));
  const FileLock lock = FileLock::wait_for(path);
  CHECK_FALSE(is_free(path));
}

TEST_CASE("a lock moves, and is held once", "[file_lock]") {
  const TempDir dir;
  const auto path = dir / "lock";
  auto first = FileLock::try_take(path);
  REQUIRE(first);
  {
    const FileLock second = std::move(*first);
    first.reset();
    CHECK_FALSE(is_free(path));
  }
  CHECK(is_free(path));
}

TEST_CASE("waiting for a lock lasts until its holder ends", "[file_lock]") {
  const TempDir dir;
  const auto path = dir / "lock";
  int ready[2];
  REQUIRE(pipe(ready) == 0);
  const pid_t child = fork();
  if (child == 0) {
    const FileLock lock = FileLock::wait_for(path);
    const bool told = write(ready[1], "x", 1) == 1;
    usleep(50'000);
    _exit(told ? 0 : 1);  // without destructors, as a killed process
  }
  char byte = 0;
  REQUIRE(read(ready[0], &byte, 1) == 1);
  const FileLock lock = FileLock::wait_for(path);
  int status = 0;
  CHECK(waitpid(child, &status, WNOHANG) >= 0);
  CHECK_FALSE(is_free(path));
  waitpid(child, &status, 0);
  close(ready[0]);
  close(ready[1]);
}

TEST_CASE("a lock in a folder that is not there is an error", "[file_lock]") {
  const TempDir dir;
  CHECK_THROWS_AS(FileLock::try_take(dir / "absent/lock"), Error);
  CHECK_THROWS_AS(FileLock::wait_for(dir / "absent/lock"), Error);
}
