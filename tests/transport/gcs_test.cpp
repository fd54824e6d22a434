#include "language/transport/gcs.h"

#include <catch2/catch.hpp>

#include "base/util/crc32c.h"
#include "base/util/error.h"
#include "language/transport/encoding.h"
#include "services/fake_google.h"
#include "services/remote_fixture.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using namespace latentcrs::test;
using Catch::Matchers::Contains;

namespace {

constexpr int64_t kUnit = 256 << 10;

struct GcsFixture {
  GcsFixture() {
    options.base_url = google.server.url();
    options.simple_limit = 1000;
    options.part_size = 2 * kUnit;
  }
  Gcs gcs() { return Gcs(client, remote.clock, options); }

  /// Writes a file of `size` bytes that does not repeat after 256 KiB.
  std::filesystem::path file(int64_t size) {
    std::string bytes;
    for (int64_t i = 0; i < size; ++i) bytes += static_cast<char>(i * 7 + i / 251);
    write_text(dir / "file", bytes);
    return dir / "file";
  }
  size_t count(const std::string& method, const std::string& path) const {
    size_t found = 0;
    for (const Request& request : google.server.requests())
      found += request.method == method && request.target.rfind(path, 0) == 0 ? 1 : 0;
    return found;
  }

  TempDir dir;
  FakeGoogle google;
  RemoteFixture remote;
  std::unique_ptr<Credentials> nobody = make_no_credentials();
  ApiClient client{remote.context(), *nobody, {{}, {.max_attempts = 3}, {}}};
  GcsOptions options;
};

}  // namespace

TEST_CASE("checksums as in Google's documentation", "[gcs]") {
  CHECK(crc32c_text(crc32c(0, "")) == "AAAAAA==");
  CHECK(crc32c_text(crc32c(0, "hello")) == "mnG7TA==");
  CHECK(crc32c_text(crc32c(0, "123456789")) == "4waSgw==");
}

TEST_CASE("places in Cloud Storage", "[gcs]") {
  CHECK(parse_gcs_path("gs://b/a/c/", "k").bucket == "b");
  CHECK(parse_gcs_path("gs://b/a/c/", "k").name == "a/c");
  CHECK(parse_gcs_path("gs://b", "k").name.empty());
  for (const char* bad : {"", "b/a", "gs://", "gs:///a", "s3://b/a"})
    CHECK_THROWS_WITH(parse_gcs_path(bad, "k"), Contains("k="));
}

TEST_CASE("a small file goes up in one piece", "[gcs]") {
  GcsFixture fixture;
  Gcs gcs = fixture.gcs();
  const auto file = fixture.file(500);
  const GcsObject object = gcs.upload(file, {"b", "run 1/in.jsonl"}, "application/jsonl");
  CHECK(object.size == 500);
  CHECK(fixture.google.objects.at("b/run 1/in.jsonl") == read_text(file));
  CHECK(fixture.google.server.requests()[0].header("content-type") == "application/jsonl");

  // A second upload counts as done, and so does one whose first answer was lost.
  CHECK(gcs.upload(file, {"b", "run 1/in.jsonl"}, "x").crc32c == object.crc32c);
  fixture.google.server.answer_next({{.status = 503}, {.status = 429}});
  CHECK(gcs.upload(file, {"b", "other"}, "x").size == 500);
  fixture.google.objects["b/taken"] = "something else";
  CHECK_THROWS_WITH(gcs.upload(file, {"b", "taken"}, "x"), Contains("gs://b/taken") && Contains("14 bytes"));
  CHECK(fixture.google.objects.at("b/taken") == "something else");
  fixture.google.server.answer_next(
      {{.status = 403,
        .body = R"({"error":{"message":"no storage.objects.create","errors":[{"reason":"forbidden"}]}})"}});
  CHECK_THROWS_WITH(gcs.upload(file, {"b", "x"}, "x"),
                    Contains("storage.objects.create") && Contains("check that the bucket exists"));
  CHECK_THROWS_WITH(gcs.upload(fixture.dir / "none", {"b", "x"}, "x"), Contains("cannot be read"));
  CHECK(gcs.upload(fixture.file(0), {"b", "empty"}, "x").size == 0);
}

TEST_CASE("a large file goes up in parts, and an interruption costs no more than a part", "[gcs]") {
  GcsFixture fixture;
  Gcs gcs = fixture.gcs();
  const auto file = fixture.file(3 * kUnit + 100);
  const std::string bytes = read_text(file);
  auto& google = fixture.google;
  const auto uploads = [&](const std::string& name) {
    gcs.upload(file, {"b", name}, "t");
    CHECK(google.objects.at("b/" + name) == bytes);
  };

  uploads("plain");
  CHECK(fixture.count("PUT", "/session/1") == 2);
  uploads("plain");  // there already
  CHECK(fixture.count("POST", "/upload") == 2);

  // If the session is gone, the upload begins anew.
  google.server.answer_next({{.headers = {{"Location", google.server.url() + "/session/lost"}}}});
  uploads("anew");
  CHECK(fixture.count("PUT", "/session/lost") == 1);

  // If a part is not answered, the server is asked how far it got.
  for (const Answer& trouble : {Answer{.status = 503}, Answer{.body = "cut", .delivery = Delivery::half}}) {
    const size_t before = fixture.count("PUT", "/session/");
    google.disturb_part = trouble;
    uploads("disturbed" + std::to_string(trouble.status));
    CHECK(fixture.count("PUT", "/session/") == before + 4);  // the first part twice, the question, the second part
  }

  // The server keeps fewer bytes than were sent.
  google.session_bytes_kept = kUnit;
  uploads("slow");
  google.session_bytes_kept = 0;
  CHECK_THROWS_WITH(gcs.upload(file, {"b", "stuck"}, "t"), Contains("gs://b/stuck") && Contains("does not get on"));

  google.server.answer_next({{.status = 403, .body = "no"}});
  CHECK_THROWS_WITH(gcs.upload(file, {"b", "denied"}, "t"), Contains("HTTP 403"));
  google.server.answer_next({{.headers = {{"Location", "http://example.org/steal"}}}});
  CHECK_THROWS_WITH(gcs.upload(file, {"b", "odd"}, "t"), Contains("no usable address"));
}

TEST_CASE("objects are listed over all pages", "[gcs]") {
  GcsFixture fixture;
  for (int i = 0; i < 7; ++i) fixture.google.objects["b/run:1/" + std::to_string(i)] = std::string(i, 'x');
  fixture.google.objects["b/run:2/0"] = "";
  fixture.google.page = 3;
  const auto objects = fixture.gcs().list({"b", "run:1/"});
  REQUIRE(objects.size() == 7);
  CHECK(objects[6].path.name == "run:1/6");
  CHECK(objects[6].size == 6);
  CHECK(fixture.gcs().list({"b", "none"}).empty());
  CHECK_FALSE(fixture.gcs().find({"b", "none"}));

  const Answer same_page = {.body = R"({"nextPageToken": "3"})"};
  fixture.google.server.answer_next({same_page, same_page, same_page});
  CHECK_THROWS_WITH(fixture.gcs().list({"b", "run:1/"}), Contains("gs://b/run:1/: the listing does not end"));
}

TEST_CASE("a download goes on where it broke, and is checked", "[gcs]") {
  GcsFixture fixture;
  Gcs gcs = fixture.gcs();
  auto& google = fixture.google;
  const std::string bytes = read_text(fixture.file(100'000));
  google.objects["b/a/out.jsonl"] = bytes;
  google.objects["b/empty"] = "";
  const GcsObject object = gcs.find({"b", "a/out.jsonl"}).value();
  gcs.download(object, fixture.dir / "new/out");
  CHECK(read_text(fixture.dir / "new/out") == bytes);
  gcs.download(gcs.find({"b", "empty"}).value(), fixture.dir / "empty");
  CHECK(read_text(fixture.dir / "empty").empty());

  google.server.answer_next({{.status = 200, .body = bytes, .delivery = Delivery::half}});
  gcs.download(object, fixture.dir / "broken");
  CHECK(read_text(fixture.dir / "broken") == bytes);
  CHECK(google.server.requests().back().header("range") == "bytes=50000-");

  // A process that was killed left a part that is right, or one that is not.
  write_text(fixture.dir / "killed.part", bytes.substr(0, 10));
  gcs.download(object, fixture.dir / "killed");
  CHECK(read_text(fixture.dir / "killed") == bytes);
  write_text(fixture.dir / "wrong.part", std::string(20, '?'));
  gcs.download(object, fixture.dir / "wrong");
  CHECK(read_text(fixture.dir / "wrong") == bytes);
  write_text(fixture.dir / "long.part", bytes + "?");
  gcs.download(object, fixture.dir / "long");
  CHECK(read_text(fixture.dir / "long") == bytes);
  CHECK_FALSE(std::filesystem::exists(fixture.dir / "long.part"));

  GcsObject other = object;
  other.crc32c = "AAAAAA==";
  CHECK_THROWS_WITH(gcs.download(other, fixture.dir / "bad"), Contains("does not have its checksum"));
  CHECK_FALSE(std::filesystem::exists(fixture.dir / "bad"));
  google.objects.erase("b/a/out.jsonl");
  CHECK_THROWS_WITH(gcs.download(object, fixture.dir / "gone"), Contains("gs://b/a/out.jsonl") && Contains("404"));
}

TEST_CASE("an emulator is named by the environment", "[gcs]") {
  RemoteFixture remote;
  CHECK_FALSE(gcs_emulator(remote.context()));
  remote.variables["STORAGE_EMULATOR_HOST"] = "http://127.0.0.1:9000/";
  CHECK(gcs_emulator(remote.context())->base_url == "http://127.0.0.1:9000");
}

/// For an emulator that someone else wrote: STORAGE_EMULATOR_HOST=http://127.0.0.1:9199 tests_remote
/// "[.storage-emulator]".
TEST_CASE("a storage emulator takes files and gives them back", "[.storage-emulator]") {
  GcsFixture fixture;
  RemoteContext context = fixture.remote.context();
  context.environment = process_environment();
  const auto options = gcs_emulator(context);
  if (!options) {
    WARN("skipped: STORAGE_EMULATOR_HOST names no emulator");
    return;
  }
  Gcs gcs(fixture.client, fixture.remote.clock, *options);
  const std::string folder = "run/" + std::to_string(system_clock().now());
  const auto file = fixture.file(700'000);
  const GcsObject made = gcs.upload(file, {"bkt", folder + "/a:b c.jsonl"}, "application/jsonl");
  CHECK(made.size == 700'000);
  const auto found = gcs.find({"bkt", folder + "/a:b c.jsonl"});
  REQUIRE(found);
  CHECK(found->crc32c == made.crc32c);
  CHECK_FALSE(gcs.find({"bkt", folder + "/nothing"}));
  gcs.upload(file, {"bkt", folder + "/second"}, "application/jsonl");
  CHECK(gcs.list({"bkt", folder}).size() == 2);
  gcs.download(*found, fixture.dir / "back");
  CHECK(read_text(fixture.dir / "back") == read_text(file));
  write_text(fixture.dir / "part.part", read_text(file).substr(0, 1000));  // an interrupted download goes on
  gcs.download(*found, fixture.dir / "part");
  CHECK(read_text(fixture.dir / "part") == read_text(file));
}
