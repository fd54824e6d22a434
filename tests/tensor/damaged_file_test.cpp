// Damaged .pt files: reading any bytes gives a value or throws an Error.
#include <catch2/catch.hpp>
#include <fstream>

#include "base/util/error.h"
#include "base/util/files.h"
#include "numerics/tensor/tensor_file.h"
#include "support/temp_dir.h"
#include "support/tensors.h"

using namespace latentcrs;
using namespace latentcrs::test;
using Catch::Matchers::Contains;

namespace {

/// Reads the last element of every tensor, which lies furthest into its storage.
void touch(const PtValue& value) {
  if (auto* tensor = std::get_if<at::Tensor>(&value.value); tensor != nullptr && tensor->numel() > 0) {
    at::Tensor last = *tensor;
    while (last.dim() > 0) last = last.select(0, -1);
    last.item();
  } else if (auto* list = std::get_if<PtList>(&value.value)) {
    for (const PtValue& item : *list) touch(item);
  } else if (auto* dict = std::get_if<PtDict>(&value.value)) {
    for (const auto& [name, item] : *dict) touch(item);
  }
}

/// Returns true if the file is read, false if it is refused.
bool survives(const fs::path& path) {
  try {
    touch(read_pt(path));
    return true;
  } catch (const Error& error) {
    bool proper = error.kind() == ErrorKind::data && std::string(error.what()).find(path.string()) == 0;
    if (!proper) FAIL(error.what());
    return false;
  }
}

void overwrite(const fs::path& path, size_t at, char byte) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(at)).put(byte);
}

std::string message(const fs::path& path, const std::string& bytes) {
  write_text(path, bytes);
  try {
    read_pt(path);
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

/// A file of the older format around the pickle `object`, without storages.
std::string legacy(const std::string& object) {
  using namespace std::string_literals;
  return "\x80\x02\x8a\x0al\xfc\x9c\x46\xf9\x20j\xa8P\x19."s + "\x80\x02M\xe9\x03.\x80\x02}.\x80\x02" + object +
         "\x80\x02].";
}

}  // namespace

// Files are changed in place, because writing each of them would take most of the time.
TEST_CASE("every cut of a file is refused", "[damaged]") {
  std::string name = GENERATE("zip.pt", "legacy.pt");
  CAPTURE(name);
  TempDir folder;
  fs::path path = folder / name;
  std::string whole = read_text(source_path("tests/data_files/" + name));
  write_text(path, whole);
  REQUIRE(survives(path));
  for (size_t size = whole.size(); size-- > 0;) {
    CAPTURE(size);
    fs::resize_file(path, size);
    REQUIRE_FALSE(survives(path));
  }
}

TEST_CASE("no changed byte of a file does harm", "[damaged]") {
  std::string name = GENERATE("zip.pt", "legacy.pt");
  char change = GENERATE('\x01', '\x80', '\xff');
  CAPTURE(name, int{change});
  TempDir folder;
  fs::path path = folder / name;
  std::string whole = read_text(source_path("tests/data_files/" + name));
  write_text(path, whole);
  int refused = 0;
  for (size_t i = 0; i < whole.size(); ++i) {
    CAPTURE(i);
    overwrite(path, i, static_cast<char>(whole[i] ^ change));
    refused += !survives(path);
    overwrite(path, i, whole[i]);
  }
  CHECK(refused > 500);
}

TEST_CASE("messages name what is not accepted", "[damaged]") {
  TempDir folder;
  fs::path path = folder / "bad.pt";
  CHECK_THAT(message(path, ""), Contains("bad.pt: not a .pt file of PyTorch"));
  CHECK_THAT(message(path, "hello, world"), Contains("not a .pt file of PyTorch"));
  CHECK_THROWS_WITH(read_pt(folder / "absent.pt"), Contains("absent.pt: cannot be opened (No such file"));
  CHECK_THROWS_WITH(read_pt(folder.path()), Contains("is not a file"));
  CHECK(message(path, legacy("}.")) == "accepted");
  CHECK_THAT(message(path, legacy("cos\nsystem\nU\x02ls\x85R.")),
             Contains("bad.pt: holds an object of os.system, which is not accepted"));
  CHECK_THAT(message(path, legacy("\xff.")), Contains("unknown opcode 0xff"));
  CHECK_THAT(message(path, legacy("h\x07.")), Contains("a reference to a value that was not stored"));
  CHECK_THAT(message(path, legacy("a.")), Contains("takes more values than there are"));
  CHECK_THAT(message(path, legacy("e.")), Contains("a missing mark"));
  CHECK_THAT(message(path, legacy("}K\x01"
                                  "a.")),
             Contains("appends to a dict"));
  CHECK_THAT(message(path, legacy("}(K\x01K\x02K\x01K\x03u.")), Contains("key 1 occurs twice"));
  CHECK_THAT(message(path, legacy("\x8a\x09"
                                  "123456789.")),
             Contains("an integer of more than 64 bits"));
  CHECK_THAT(message(path, legacy("ctorch\nFloatStorage\n.")),
             Contains("holds nothing but the name torch.FloatStorage"));
}

TEST_CASE("structures without an end are refused", "[damaged]") {
  TempDir folder;
  fs::path path = folder / "endless.pt";
  CHECK_THAT(message(path, legacy("]q\x01h\x01"
                                  "a.")),
             Contains("nested deeper than"));  // l.append(l)
  CHECK_THAT(message(path, legacy(std::string(100000, ']') + std::string(99999, 'a') + ".")),
             Contains("nested deeper than"));
  std::string doubling = "]";  // x = [x, x], 60 times over
  for (int i = 0; i < 60; ++i) doubling += "2\x86";
  CHECK_THAT(message(path, legacy(doubling + ".")), Contains("unfold to more than"));
}

TEST_CASE("a tensor must lie in its storage", "[damaged]") {
  TempDir folder;
  auto with_tensor = [](const std::string& offset, const std::string& size, const std::string& stride) {
    using namespace std::string_literals;
    std::string storage = "(X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\0kX\x03\0\0\0cpuK\x04tQ"s;
    std::string object = "ctorch._utils\n_rebuild_tensor\n(" + storage + offset + size + stride + "tR.";
    return "\x80\x02\x8a\x0al\xfc\x9c\x46\xf9\x20j\xa8P\x19."s + "\x80\x02M\xe9\x03.\x80\x02}.\x80\x02" + object +
           "\x80\x02]X\x01\0\0\0ka.\x04\0\0\0\0\0\0\0"s + std::string(16, '\0');
  };
  fs::path path = folder / "bounds.pt";
  CHECK(message(path, with_tensor("K\x02", "K\x02\x85", "K\x01\x85")) == "accepted");
  std::string outside = "a tensor lies outside its storage k";
  CHECK_THAT(message(path, with_tensor("K\x03", "K\x02\x85", "K\x01\x85")), Contains(outside));
  CHECK_THAT(message(path, with_tensor("K\x01", "K\x02\x85", "K\x04\x85")), Contains(outside));
  CHECK_THAT(message(path, with_tensor("J\xff\xff\xff\xff", "K\x02\x85", "K\x01\x85")), Contains(outside));
  CHECK_THAT(message(path, with_tensor("K\x03", "K\x02\x85", "J\xff\xff\xff\xff\x85")), Contains(outside));
  CHECK_THAT(message(path, with_tensor("K\x02", "K\x02\x85", "K\x01K\x01\x86")), Contains(outside));
  std::string huge = "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f";
  CHECK_THAT(message(path, with_tensor("K\x02", huge + "\x85", huge + "\x85")), Contains(outside));
  CHECK_THAT(message(path, with_tensor("K\x02", huge + huge + "\x86", "K\x01K\x01\x86")), Contains(outside));
}
