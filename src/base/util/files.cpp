#include "base/util/files.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <fstream>
#include <vector>

#include "base/util/error.h"
#include "base/util/open_file.h"

namespace latentcrs {
namespace {

constexpr size_t kBlock = size_t{1} << 20;
constexpr const char* kTemporaryMark = ".tmp.";  // part of the name of every temporary file

/// A name in the folder of `path` that no other process and no other file of this process uses.
fs::path temporary_name(const fs::path& path) {
  static std::atomic<int> counter{0};
  fs::path name = path;
  name += fmt::format("{}{}.{}", kTemporaryMark, getpid(), counter++);
  return name;
}

void sync(const fs::path& path) {
  OpenFile file(path);
  if (fsync(file.descriptor()) != 0) throw file_error(path, "cannot flush to disk");
}

class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new()) {
    if (!context_ || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1) throw_failed();
  }
  void add(std::string_view bytes) {
    if (EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) != 1) throw_failed();
  }
  std::string hex() {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (EVP_DigestFinal_ex(context_.get(), digest, &size) != 1) throw_failed();
    std::string text;
    for (unsigned i = 0; i < size; ++i) text += fmt::format("{:02x}", digest[i]);
    return text;
  }

 private:
  [[noreturn]] static void throw_failed() { throw internal_error("OpenSSL cannot compute SHA-256"); }
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context_;
};

}  // namespace

std::string read_file(const fs::path& path) {
  OpenFile file(path);
  std::string contents;
  contents.reserve(static_cast<size_t>(file.size()) + 1);
  size_t used = 0;
  while (true) {
    contents.resize(std::max(contents.capacity(), used + 4096));
    const size_t got = file.read(contents.data() + used, contents.size() - used);
    if (got == 0) break;
    used += got;
  }
  contents.resize(used);
  return contents;
}

void write_file_atomically(const fs::path& path, std::string_view contents) {
  AtomicFile file(path);
  file.stream().write(contents.data(), static_cast<std::streamsize>(contents.size()));
  file.commit();
}

struct AtomicFile::Impl {
  fs::path path;
  fs::path temporary;
  std::vector<char> buffer;
  std::ofstream stream;
  bool committed = false;
};

AtomicFile::AtomicFile(fs::path path) : impl_(std::make_unique<Impl>()) {
  if (path.has_parent_path()) {
    std::error_code failure;
    fs::create_directories(path.parent_path(), failure);
    if (failure) throw data_error(fmt::format("{}: cannot create its folder: {}", path.string(), failure.message()));
  }
  impl_->temporary = temporary_name(path);
  impl_->path = std::move(path);
  impl_->buffer.resize(kBlock);
  impl_->stream.rdbuf()->pubsetbuf(impl_->buffer.data(), static_cast<std::streamsize>(kBlock));
  impl_->stream.open(impl_->temporary, std::ios::binary | std::ios::trunc);
  if (!impl_->stream) throw file_error(impl_->path, "cannot write");
}

AtomicFile::~AtomicFile() {
  if (impl_->committed) return;
  impl_->stream.close();
  std::error_code ignored;
  fs::remove(impl_->temporary, ignored);
}

std::ostream& AtomicFile::stream() { return impl_->stream; }

void AtomicFile::commit() {
  impl_->stream.close();
  if (!impl_->stream) throw file_error(impl_->path, "cannot write");
  sync(impl_->temporary);
  if (rename(impl_->temporary.c_str(), impl_->path.c_str()) != 0) throw file_error(impl_->path, "cannot replace");
  impl_->committed = true;
  const fs::path folder = impl_->path.parent_path();
  sync(folder.empty() ? fs::path(".") : folder);
}

std::string sha256_file(const fs::path& path) {
  OpenFile file(path);
  Sha256 hash;
  std::vector<char> block(kBlock);
  while (const size_t got = file.read(block.data(), block.size())) hash.add({block.data(), got});
  return hash.hex();
}

std::string sha256(std::string_view bytes) {
  Sha256 hash;
  hash.add(bytes);
  return hash.hex();
}

void remove_leftovers(const fs::path& folder) {
  std::vector<fs::path> leftovers;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && entry.path().filename().string().find(kTemporaryMark) != std::string::npos)
      leftovers.push_back(entry.path());
  for (const fs::path& path : leftovers) fs::remove(path);
}

FolderLock::FolderLock(const fs::path& folder) : lock_(FileLock::try_take(folder / ".lock")) {
  if (lock_) return;
  throw usage_error(
      fmt::format("{}: another latentcrs is at work in this folder; wait for it, or give this run another "
                  "exp_name or output_dir",
                  folder.string()));
}

}  // namespace latentcrs
