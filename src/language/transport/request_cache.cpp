#include "language/transport/request_cache.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <exception>
#include <mutex>
#include <string_view>
#include <unordered_map>

#include "base/util/error.h"
#include "base/util/file_lock.h"
#include "base/util/files.h"
#include "base/util/log.h"

namespace latentcrs {

namespace {

using nlohmann::json;

// A line is {"key":"<64 hex digits>","reply":…}, so the key can be read without parsing the rest.
constexpr std::string_view kHead = R"({"key":")";
constexpr std::string_view kMiddle = R"(","reply":)";
constexpr size_t kKeySize = 64;

struct LinePlace {
  int64_t begin = 0;
  size_t size = 0;  ///< bytes of the line without its end
};

/// The key of a complete line; empty for any other line.
std::string_view key_of(std::string_view line) {
  if (line.size() < kHead.size() + kKeySize + kMiddle.size() + 1) return {};
  const bool whole =
      line.starts_with(kHead) && line.ends_with('}') && line.substr(kHead.size() + kKeySize).starts_with(kMiddle);
  return whole ? line.substr(kHead.size(), kKeySize) : std::string_view{};
}

}  // namespace

struct RequestCache::Impl {
  explicit Impl(const fs::path& folder) : path(folder / "replies.jsonl") {
    descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0 && errno != ENOENT) throw failed("cannot read");
    if (descriptor < 0) return;
    read_new_lines();
    if (damaged > 0)
      log::warn("{}: {} incomplete line(s), where a run was cut off; their replies will be asked for again",
                path.string(), damaged);
  }

  ~Impl() {
    if (descriptor >= 0) close(descriptor);
  }

  Error failed(std::string_view what) const {
    return data_error(fmt::format("{}: {}: {}", path.string(), what, std::strerror(errno)));
  }

  /// Opens the file for appending, if it was open for reading or did not exist.
  void make_writable() {
    if (writable) return;
    std::error_code failure;
    fs::create_directories(path.parent_path(), failure);
    const int opened = open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (opened < 0) throw failed("cannot write");
    if (descriptor >= 0) close(descriptor);
    descriptor = opened;
    writable = true;
  }

  int64_t file_size() const {
    struct stat status {};
    if (fstat(descriptor, &status) != 0) throw failed("cannot read");
    return status.st_size;
  }

  std::string read_at(int64_t begin, size_t size) const {
    std::string bytes(size, '\0');
    for (size_t done = 0; done < size;) {
      const ssize_t got = pread(descriptor, bytes.data() + done, size - done, begin + static_cast<int64_t>(done));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) throw failed("cannot read");
      done += static_cast<size_t>(got);
    }
    return bytes;
  }

  /// Adds the lines that were appended since the last call to the index; an unfinished line at the end waits for a
  /// later call.
  void read_new_lines() {
    constexpr size_t block = size_t{4} << 20;
    const int64_t size = file_size();
    std::string pending;  // the bytes [read_to, read_to + pending.size()) of the file
    for (int64_t at = read_to; at < size;) {
      const std::string bytes = read_at(at, static_cast<size_t>(std::min<int64_t>(block, size - at)));
      at += static_cast<int64_t>(bytes.size());
      const size_t searched = pending.size();
      pending += bytes;
      size_t begin = 0;
      for (size_t end = pending.find('\n', searched); end != std::string::npos; end = pending.find('\n', begin)) {
        add_line(std::string_view(pending).substr(begin, end - begin), read_to + static_cast<int64_t>(begin));
        begin = end + 1;
      }
      pending.erase(0, begin);
      read_to += static_cast<int64_t>(begin);
    }
  }

  void add_line(std::string_view line, int64_t begin) {
    const std::string_view key = key_of(line);
    if (key.empty())
      damaged += line.empty() ? 0 : 1;
    else
      index.insert_or_assign(std::string(key),
                             LinePlace{begin, line.size()});  // a later line replaces a damaged earlier one
  }

  std::optional<json> find(const std::string& key) const {
    const auto place = index.find(key);
    if (place == index.end()) return std::nullopt;
    const json line = json::parse(read_at(place->second.begin, place->second.size), nullptr, false);
    if (!line.is_object() || !line.contains("reply")) return std::nullopt;
    return line["reply"];
  }

  /// Ends a line that a crash left unfinished, so that the next one does not continue it. Called only while the file is
  /// locked.
  void end_last_line() {
    read_new_lines();
    if (file_size() == read_to) return;
    append("\n");
    read_new_lines();
  }

  void append(std::string_view text) {
    const int64_t size = file_size();
    size_t done = 0;
    while (done < text.size()) {
      const ssize_t put = write(descriptor, text.data() + done, text.size() - done);
      if (put < 0 && errno == EINTR) continue;
      if (put <= 0) break;
      done += static_cast<size_t>(put);
    }
    if (done == text.size() && fdatasync(descriptor) == 0) return;
    const Error error = failed("cannot write");
    if (ftruncate(descriptor, size) != 0) log::warn("{}: could not be cut back to {} bytes", path.string(), size);
    throw error;
  }

  /// A call of store_all() whose replies are not on disk yet.
  struct Waiting {
    const std::vector<std::pair<std::string, json>>& replies;
    std::vector<json> stored = {};
    std::exception_ptr failure = {};
    bool done = false;
  };

  /// Stores the replies of all calls that wait, with one wait for the disk. Called by the first of them that has the
  /// mutex.
  void store_queue() {
    std::vector<Waiting*> batch;
    {
      const std::lock_guard lock(queue_mutex);
      batch.swap(queue);
    }
    std::exception_ptr failure;
    try {
      store(batch);
    } catch (...) {
      failure = std::current_exception();
    }
    for (Waiting* call : batch) {
      call->failure = failure;
      call->done = true;
    }
  }

  void store(const std::vector<Waiting*>& batch) {
    make_writable();
    const FileLock file_lock = FileLock::wait_for(path);  // against other processes that append
    end_last_line();
    std::unordered_map<std::string, const json*> fresh;
    std::string lines;
    for (Waiting* call : batch)
      for (const auto& [key, reply] : call->replies) {
        auto earlier = find(key);
        const json* kept = earlier ? &*earlier : fresh.try_emplace(key, &reply).first->second;
        if (kept == &reply) lines += fmt::format("{}{}{}{}}}\n", kHead, key, kMiddle, reply.dump());
        call->stored.push_back(*kept);
      }
    if (lines.empty()) return;
    append(lines);
    read_new_lines();
  }

  const fs::path path;
  mutable std::mutex mutex;  ///< of the file and everything but the queue
  std::mutex queue_mutex;
  std::vector<Waiting*> queue;
  int descriptor = -1;
  bool writable = false;
  int64_t read_to = 0;  ///< end of the bytes that the index covers
  int64_t damaged = 0;
  std::unordered_map<std::string, LinePlace> index;
};

RequestCache::RequestCache(const fs::path& folder) : impl_(std::make_unique<Impl>(folder)) {}

RequestCache::~RequestCache() = default;

std::string RequestCache::key(const json& question) { return sha256(question.dump()); }

std::optional<json> RequestCache::find(const std::string& key) {
  const std::lock_guard lock(impl_->mutex);
  return impl_->find(key);
}

json RequestCache::store(const std::string& key, const json& reply) {
  std::vector<std::pair<std::string, json>> one;
  one.emplace_back(key, reply);
  return std::move(store_all(one).front());
}

std::vector<json> RequestCache::store_all(const std::vector<std::pair<std::string, json>>& replies) {
  for (const auto& [key, reply] : replies)
    if (key.size() != kKeySize) throw internal_error("reply cache: a key that is no SHA-256");
  Impl::Waiting mine{.replies = replies};
  {
    const std::lock_guard lock(impl_->queue_mutex);
    impl_->queue.push_back(&mine);
  }
  const std::lock_guard lock(impl_->mutex);
  if (!mine.done) impl_->store_queue();
  if (mine.failure) std::rethrow_exception(mine.failure);
  return std::move(mine.stored);
}

size_t RequestCache::size() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->index.size();
}

}  // namespace latentcrs
