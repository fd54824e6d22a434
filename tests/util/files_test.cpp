#include "base/util/files.h"

#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include <catch2/catch.hpp>

#include "base/util/error.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using Catch::Matchers::Contains;
using latentcrs::test::read_text;
using latentcrs::test::TempDir;
using latentcrs::test::write_text;

namespace {

std::vector<std::string> lines_of(const fs::path& path) {
  LineReader reader(path);
  std::vector<std::string> lines;
  std::string_view line;
  while (reader.next(line)) {
    lines.emplace_back(line);
    REQUIRE(reader.line_number() == static_cast<int64_t>(lines.size()));
  }
  CHECK_FALSE(reader.next(line));
  CHECK(reader.bytes_read() == reader.bytes_total());
  return lines;
}

/// Appends `contents` to `path` as a gzip member of its own.
void append_gzip(const fs::path& path, const std::string& contents) {
  gzFile file = gzopen(path.c_str(), "ab");
  REQUIRE(file != nullptr);
  REQUIRE(gzwrite(file, contents.data(), static_cast<unsigned>(contents.size())) == static_cast<int>(contents.size()));
  REQUIRE(gzclose(file) == Z_OK);
}

size_t files_in(const fs::path& folder) {
  return static_cast<size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

}  // namespace

TEST_CASE("lines end at LF, CR LF or the end of the file", "[files]") {
  TempDir dir;
  write_text(dir / "a", "one\r\n\ntwo\nthree");
  CHECK(lines_of(dir / "a") == std::vector<std::string>{"one", "", "two", "three"});
  write_text(dir / "b", "one\n");
  CHECK(lines_of(dir / "b") == std::vector<std::string>{"one"});
  write_text(dir / "empty", "");
  CHECK(lines_of(dir / "empty").empty());
  write_text(dir / "bom", "\xEF\xBB\xBFx\ny\n");
  CHECK(lines_of(dir / "bom") == std::vector<std::string>{"x", "y"});
}

TEST_CASE("UTF-16 is refused with what converts it", "[files]") {
  const TempDir dir;
  write_text(dir / "little.csv", std::string("\xFF\xFEu\0,\0\n\0", 8));
  write_text(dir / "big.csv", std::string("\xFE\xFF\0u\0,\0\n", 8));
  std::string_view line;
  for (const char* name : {"little.csv", "big.csv"})
    CHECK_THROWS_WITH(LineReader(dir / name).next(line),
                      Contains(std::string(name) + ": this is UTF-16") && Contains("iconv"));
}

TEST_CASE("files packed otherwise than by gzip are refused with what unpacks them", "[files]") {
  const TempDir dir;
  const auto refused = [&](const std::string& begin, const std::string& name, const std::string& command) {
    write_text(dir / "log.csv", begin + "u,i\n");
    std::string_view line;
    CHECK_THROWS_WITH(LineReader(dir / "log.csv").next(line),
                      Contains("this is " + name + " data") && Contains("`" + command + " ") && Contains("log.csv`"));
  };
  refused("\x28\xB5\x2F\xFD", "zstd", "zstd -d");
  refused("BZh91AY&SY", "bzip2", "bunzip2 -k");
  refused("BZh11AY&SY", "bzip2", "bunzip2 -k");
  refused("\xFD\x37zXZ", "xz", "unxz -k");
  refused("\x04\x22\x4D\x18", "lz4", "lz4 -d");
  refused("PK\x03\x04", "zip", "unzip");
  refused("7z\xBC\xAF\x27\x1C", "7-Zip", "7z x");
  write_text(dir / "names.csv", "BZhang,i1\n");
  CHECK(lines_of(dir / "names.csv") == std::vector<std::string>{"BZhang,i1"});
}

TEST_CASE("a line may be longer than a block, and the bytes behind it may be read", "[files]") {
  TempDir dir;
  const std::string longer(3'000'017, 'a');
  write_text(dir / "a", "x\n" + longer + "\ny\n" + longer);
  const auto lines = lines_of(dir / "a");
  REQUIRE(lines.size() == 4);
  CHECK(lines[1] == longer);
  CHECK(lines[2] == "y");
  CHECK(lines[3] == longer);

  LineReader reader(dir / "a");
  std::string_view line;
  int64_t sum = 0;
  while (reader.next(line)) sum += line.data()[line.size() + kLinePadding - 1] == 'z';
  CHECK(sum == 0);
}

TEST_CASE("gzip files are inflated, all members of them", "[files]") {
  TempDir dir;
  std::string contents;
  std::vector<std::string> expected;
  for (int i = 0; i < 200'000; ++i) expected.push_back("line " + std::to_string(i));
  for (const std::string& line : expected) contents += line + "\n";
  append_gzip(dir / "a.gz", contents.substr(0, 1'000'003));
  append_gzip(dir / "a.gz", contents.substr(1'000'003));
  append_gzip(dir / "a.gz", "");
  CHECK(lines_of(dir / "a.gz") == expected);
}

TEST_CASE("broken gzip files are errors that name the last good line", "[files]") {
  TempDir dir;
  std::string contents;
  for (int i = 0; i < 100'000; ++i) contents += "line " + std::to_string(i * 7919) + "\n";
  append_gzip(dir / "whole.gz", contents);
  const std::string whole = read_text(dir / "whole.gz");

  write_text(dir / "cut.gz", whole.substr(0, whole.size() / 2));
  LineReader reader(dir / "cut.gz");
  std::string_view line;
  std::string message;
  int64_t good = 0;
  try {
    while (reader.next(line)) {
      CHECK(line == "line " + std::to_string(good * 7919));
      ++good;
    }
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::data);
    message = error.what();
  }
  CHECK(good > 1000);
  CHECK_THAT(message,
             Contains("cut.gz") && Contains("ends too early") && Contains("last good line is " + std::to_string(good)));

  std::string damaged = whole;
  damaged[whole.size() / 2] = static_cast<char>(damaged[whole.size() / 2] ^ 0x55);
  write_text(dir / "damaged.gz", damaged);
  CHECK_THROWS_WITH(lines_of(dir / "damaged.gz"), Contains("damaged.gz: the gzip data is corrupt"));
  write_text(dir / "tail.gz", whole.substr(0, whole.size() - 3));
  CHECK_THROWS_WITH(lines_of(dir / "tail.gz"), Contains("ends too early"));
  write_text(dir / "text.gz", "just text\n");
  CHECK_THROWS_WITH(lines_of(dir / "text.gz"), Contains("text.gz: its name ends in .gz but it is not gzip data"));
  write_text(dir / "empty.gz", "");
  CHECK_THROWS_WITH(lines_of(dir / "empty.gz"), Contains("ends too early"));
  write_text(dir / "zipped.txt", whole);
  CHECK_THROWS_WITH(lines_of(dir / "zipped.txt"), Contains("zipped.txt: this is gzip data"));
}

TEST_CASE("a file that cannot be read is an error with its path", "[files]") {
  TempDir dir;
  CHECK_THROWS_WITH(LineReader(dir / "no"), Contains("no: cannot read: No such file"));
  CHECK_THROWS_WITH(read_file(dir / "no"), Contains("no: cannot read: No such file"));
  CHECK_THROWS_WITH(sha256_file(dir / "no"), Contains("no: cannot read: No such file"));
  CHECK_THROWS_WITH(read_file(dir.path()), Contains("Is a directory"));
}

TEST_CASE("read_file returns every byte", "[files]") {
  TempDir dir;
  std::string contents(5'000'000, '\0');
  for (size_t i = 0; i < contents.size(); ++i) contents[i] = static_cast<char>(i * 31);
  write_text(dir / "a", contents);
  CHECK(read_file(dir / "a") == contents);
  write_text(dir / "empty", "");
  CHECK(read_file(dir / "empty").empty());
}

TEST_CASE("an atomic file appears whole or not at all", "[files]") {
  TempDir dir;
  const fs::path path = dir / "sub/folder/out.txt";
  {
    AtomicFile file(path);
    file.stream() << "half";
    CHECK_FALSE(fs::exists(path));
  }
  CHECK(files_in(path.parent_path()) == 0);

  write_file_atomically(path, "old");
  CHECK(read_text(path) == "old");
  {
    AtomicFile file(path);
    file.stream() << "new";
    file.stream().flush();
    CHECK(read_text(path) == "old");
    file.commit();
    CHECK(read_text(path) == "new");
  }
  CHECK(read_text(path) == "new");
  CHECK(files_in(path.parent_path()) == 1);

  write_text(dir / "file", "");
  CHECK_THROWS_WITH(write_file_atomically(dir / "file/x", ""), Contains("file/x: cannot create its folder"));
  CHECK_THROWS_WITH(write_file_atomically(dir / "sub", ""), Contains("sub: cannot replace"));
  CHECK(files_in(dir.path()) == 2);
}

TEST_CASE("SHA-256 is that of FIPS 180-4", "[files]") {
  CHECK(sha256("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  TempDir dir;
  write_text(dir / "a", std::string(1'000'000, 'a'));
  CHECK(sha256_file(dir / "a") == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("what a killed writer left behind is removed, and nothing else") {
  const TempDir dir;
  write_text(dir / "a/kept.txt", "1");
  const pid_t child = fork();
  if (child == 0) {
    AtomicFile file(dir / "a/half.txt");
    file.stream() << "half";
    file.stream().flush();
    _exit(0);  // without destructors, as a killed process
  }
  int status = 0;
  waitpid(child, &status, 0);
  const auto files = [&] { return std::distance(fs::directory_iterator(dir / "a"), fs::directory_iterator()); };
  CHECK(files() == 2);
  remove_leftovers(dir.path());
  CHECK(files() == 1);
  CHECK(fs::exists(dir / "a/kept.txt"));
}

TEST_CASE("a folder is locked against other processes, and free again afterwards") {
  const TempDir dir;
  {
    const FolderLock lock(dir.path());
    CHECK_THROWS_WITH(FolderLock(dir.path()), Contains("another latentcrs"));
  }
  CHECK_NOTHROW(FolderLock(dir.path()));
}

TEST_CASE("a line is split at its tabs", "[files]") {
  using Cells = std::vector<std::string_view>;
  CHECK(split_cells("a\tb c\t") == Cells{"a", "b c", ""});
  CHECK(split_cells("\t") == Cells{"", ""});
  CHECK(split_cells("") == Cells{""});
}
