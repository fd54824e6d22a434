#include "experiment/run/manifest.h"

#include <catch2/catch.hpp>

#include "support/temp_dir.h"

using namespace latentcrs;
using latentcrs::test::TempDir;
using latentcrs::test::write_text;

namespace {

/// A finished stage with one input and one output.
Manifest finished(const TempDir& dir) {
  write_text(dir / "input.txt", "in");
  write_text(dir / "stage/out.txt", "out");
  Manifest manifest{.stage = "embed", .version = "1", .settings = {{"embed", {{"dim", 8}, {"dtype", "float32"}}}}};
  manifest.inputs["input.txt"] = stamp_file(dir / "input.txt");
  manifest.outputs = stamp_outputs(dir / "stage");
  write_manifest(manifest, dir / "stage");
  return manifest;
}

}  // namespace

TEST_CASE("a finished stage is up to date until something it depends on changes", "[manifest]") {
  const TempDir dir;
  Manifest wanted = finished(dir);
  wanted.outputs.clear();
  CHECK(why_stale(wanted, dir / "stage") == "");

  SECTION("a setting, named with both values") {
    wanted.settings["embed"]["dim"] = 16;
    CHECK(why_stale(wanted, dir / "stage") == "embed.dim was 8 and is 16");
  }
  SECTION("several settings and inputs, a line each") {
    wanted.settings["embed"]["dim"] = 16;
    wanted.settings["embed"]["dtype"] = "float16";
    wanted.settings["em"] = {{"batch_size", 4}};
    write_text(dir / "input.txt", "IN");
    wanted.inputs["input.txt"] = stamp_file(dir / "input.txt");
    wanted.inputs["more.txt"] = wanted.inputs["input.txt"];
    CHECK(why_stale(wanted, dir / "stage") ==
          "em is new\nembed.dim was 8 and is 16\nembed.dtype was \"float32\" and is \"float16\"\n"
          "input.txt changed\nmore.txt is a new input");
  }
  SECTION("the version") {
    wanted.version = "2";
    CHECK(why_stale(wanted, dir / "stage") == "made by version 1, this is 2");
  }
  SECTION("the contents of an input") {
    write_text(dir / "input.txt", "IN");
    wanted.inputs["input.txt"] = stamp_file(dir / "input.txt");
    CHECK(why_stale(wanted, dir / "stage") == "input.txt changed");
  }
  SECTION("an output that somebody edited, even to the same size") {
    write_text(dir / "stage/out.txt", "OUT");
    CHECK(why_stale(wanted, dir / "stage") == "out.txt is missing or was changed");
  }
  SECTION("an output that was written again with the same bytes is fine") {
    std::filesystem::last_write_time(dir / "stage/out.txt", std::filesystem::file_time_type::clock::now());
    CHECK(why_stale(wanted, dir / "stage") == "");
  }
  SECTION("a manifest that is no manifest") {
    write_text(dir / "stage/manifest.json", "{\"stage\": 1");
    CHECK(why_stale(wanted, dir / "stage") == "no result yet");
  }
}

TEST_CASE("an unfinished stage is stale and keeps its fingerprint", "[manifest]") {
  const TempDir dir;
  Manifest manifest = finished(dir);
  const std::string fingerprint = manifest.fingerprint();
  manifest.outputs.clear();
  write_manifest(manifest, dir / "stage");
  CHECK(why_stale(manifest, dir / "stage") == "unfinished");
  CHECK(read_manifest(dir / "stage")->fingerprint() == fingerprint);
}

TEST_CASE("the fingerprint depends on contents, not on when a file was written", "[manifest]") {
  const TempDir dir;
  Manifest manifest = finished(dir);
  const std::string fingerprint = manifest.fingerprint();
  manifest.inputs["input.txt"].modified_ns += 1;
  manifest.seconds = 7;
  CHECK(manifest.fingerprint() == fingerprint);
  manifest.inputs["input.txt"].sha256[0] ^= 1;
  CHECK(manifest.fingerprint() != fingerprint);
}

TEST_CASE("what only serves to resume is no output", "[manifest]") {
  const TempDir dir;
  write_text(dir / "stage/state.pt", "half a training");
  write_text(dir / "stage/clusters/centers.npy", "x");
  const auto outputs = stamp_outputs(dir / "stage");
  CHECK(outputs.size() == 1);
  CHECK(outputs.contains("clusters/centers.npy"));
  remove_resume_files(dir / "stage");
  CHECK_FALSE(std::filesystem::exists(dir / "stage/state.pt"));
  CHECK(stamp_outputs(dir / "stage").size() == 1);
}
