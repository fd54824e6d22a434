#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <vector>

#include "base/util/error.h"
#include "base/util/files.h"
#include "base/util/open_file.h"

namespace latentcrs {
namespace {

constexpr size_t kLineBlock = size_t{1} << 20;
constexpr size_t kBlockOfLines = size_t{1} << 18;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kUtf16Little = "\xFF\xFE";
constexpr std::string_view kUtf16Big = "\xFE\xFF";
constexpr std::string_view kGzipMagic = "\x1F\x8B";

/// A packed form that is not read: the bytes by which it is known, where they stand, and the command that unpacks it.
struct Packed {
  size_t at;
  std::string_view magic, name, unpack;
};

constexpr std::array kPacked{
    Packed{0, "\x28\xB5\x2F\xFD", "zstd", "zstd -d"}, Packed{4, "1AY&SY", "bzip2", "bunzip2 -k"},
    Packed{0, "\xFD\x37zXZ", "xz", "unxz -k"},        Packed{0, "\x04\x22\x4D\x18", "lz4", "lz4 -d"},
    Packed{0, "PK\x03\x04", "zip", "unzip"},          Packed{0, "7z\xBC\xAF\x27\x1C", "7-Zip", "7z x"},
};

/// Inflates a gzip file of one or more members.
class Inflater {
 public:
  explicit Inflater(OpenFile& file) : file_(file), input_(kLineBlock) {
    constexpr int kGzipOnly = 16 + MAX_WBITS;
    if (inflateInit2(&stream_, kGzipOnly) != Z_OK) throw internal_error("zlib does not start");
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  /// Returns up to `size` inflated bytes; 0 only at the end of the last member. Throws an error that says what is wrong
  /// with the data.
  size_t read(char* to, size_t size) {
    stream_.next_out = reinterpret_cast<Bytef*>(to);
    stream_.avail_out = static_cast<uInt>(size);
    while (stream_.avail_out == size) {
      if (stream_.avail_in == 0 && !refill()) {
        if (members_ > 0 && !inside_member_) return 0;
        throw data_error("the gzip data ends too early (is the download complete?)");
      }
      inside_member_ = true;
      const int status = inflate(&stream_, Z_NO_FLUSH);
      if (status == Z_STREAM_END) {
        inside_member_ = false;
        ++members_;
        inflateReset(&stream_);
      } else if (status != Z_OK && status != Z_BUF_ERROR) {
        const bool at_start = members_ == 0 && stream_.total_in <= kGzipMagic.size();
        throw data_error(at_start ? "its name ends in .gz but it is not gzip data" : "the gzip data is corrupt");
      }
    }
    return size - stream_.avail_out;
  }

 private:
  bool refill() {
    const size_t got = file_.read(input_.data(), input_.size());
    stream_.next_in = reinterpret_cast<Bytef*>(input_.data());
    stream_.avail_in = static_cast<uInt>(got);
    return got > 0;
  }

  OpenFile& file_;
  std::vector<char> input_;
  z_stream stream_{};
  bool inside_member_ = false;
  int64_t members_ = 0;
};

}  // namespace

struct LineReader::Impl {
  explicit Impl(const fs::path& path) : file(path) {
    const bool packed = path.extension() == ".gz";
    if (packed) inflater.emplace(file);
    // A small file needs no large block; one byte more than it has, so that its end is seen without a larger buffer.
    const auto size = static_cast<size_t>(file.size());
    buffer.resize((packed || size == 0 ? kLineBlock : std::min(kLineBlock, size + 1)) + kLinePadding);
  }

  /// Reads more of the file, and looks at how it begins.
  void read_on() {
    const bool first = line_number == 0 && begin == 0 && end == 0;
    at_end = !fill();
    if (first) check_start();
  }

  /// Appends more of the file to the buffer; false at the end of the file.
  bool fill() {
    std::memmove(buffer.data(), buffer.data() + begin, end - begin);
    end -= begin;
    begin = 0;
    if (end + kLinePadding == buffer.size()) buffer.resize(2 * buffer.size());
    const size_t got = read(buffer.data() + end, buffer.size() - kLinePadding - end);
    end += got;
    return got > 0;
  }

  size_t read(char* to, size_t size) {
    if (!inflater) return file.read(to, size);
    try {
      return inflater->read(to, size);
    } catch (const Error& error) {
      throw data_error(
          fmt::format("{}: {}; the last good line is {}", file.path().string(), error.what(), line_number));
    }
  }

  void check_start() {
    const std::string_view start(buffer.data(), end);
    if (!inflater && start.starts_with(kGzipMagic)) {
      throw data_error(fmt::format("{}: this is gzip data; give it a name that ends in .gz", file.path().string()));
    }
    for (const Packed& packed : kPacked) {
      if (start.substr(std::min(packed.at, start.size())).starts_with(packed.magic))
        throw data_error(fmt::format("{}: this is {} data: unpack it with `{} {}`", file.path().string(), packed.name,
                                     packed.unpack, file.path().string()));
    }
    if (start.starts_with(kUtf16Little) || start.starts_with(kUtf16Big))
      throw data_error(fmt::format("{}: this is UTF-16: convert the file, for example with `iconv -f utf-16 -t utf-8`",
                                   file.path().string()));
    if (start.starts_with(kByteOrderMark)) begin = kByteOrderMark.size();
  }

  OpenFile file;
  std::optional<Inflater> inflater;
  std::vector<char> buffer;
  size_t begin = 0;  ///< begin of the bytes that have not been returned yet
  size_t end = 0;
  bool at_end = false;
  int64_t line_number = 0;
};

LineReader::LineReader(const fs::path& path) : impl_(std::make_unique<Impl>(path)) {}
LineReader::~LineReader() = default;

bool LineReader::next(std::string_view& line) {
  Impl& r = *impl_;
  size_t searched = 0;
  while (true) {
    const char* from = r.buffer.data() + r.begin;
    const size_t available = r.end - r.begin;
    const void* found = std::memchr(from + searched, '\n', available - searched);
    if (found == nullptr && !r.at_end) {
      searched = available;
      r.read_on();
      continue;
    }
    if (found == nullptr && available == 0) return false;
    size_t length = found ? static_cast<size_t>(static_cast<const char*>(found) - from) : available;
    r.begin += found ? length + 1 : length;
    if (length > 0 && from[length - 1] == '\r') --length;
    line = {from, length};
    ++r.line_number;
    return true;
  }
}

bool LineReader::next_block(LineBlock& block) {
  Impl& r = *impl_;
  size_t size = 0;
  while (true) {
    const std::string_view available(r.buffer.data() + r.begin, r.end - r.begin);
    const bool enough = available.size() >= kBlockOfLines;
    size = available.rfind('\n', enough ? kBlockOfLines : std::string_view::npos) + 1;  // 0: no line ends
    if (size == 0 && enough) size = available.find('\n') + 1;
    if (r.at_end && size == 0) size = available.size();
    if (r.at_end ? true : enough && size > 0) break;
    r.read_on();
  }
  if (size == 0) return false;
  const char* const from = r.buffer.data() + r.begin;
  block.bytes.resize(std::max(block.bytes.size(), size + kLinePadding));
  std::copy(from, from + size, block.bytes.data());
  block.size = size;
  block.first_line = r.line_number + 1;
  block.bytes_read = r.file.position();
  r.begin += size;
  r.line_number += std::count(from, from + size, '\n') + (from[size - 1] != '\n');
  return true;
}

int64_t LineReader::line_number() const { return impl_->line_number; }
int64_t LineReader::bytes_read() const { return impl_->file.position(); }
int64_t LineReader::bytes_total() const { return impl_->file.size(); }
std::string LineReader::where() const { return fmt::format("{}:{}", impl_->file.path().string(), impl_->line_number); }

std::vector<std::string_view> split_cells(std::string_view line) {
  std::vector<std::string_view> cells;
  for (size_t begin = 0; begin <= line.size(); begin += cells.back().size() + 1)
    cells.push_back(line.substr(begin, std::min(line.find('\t', begin), line.size()) - begin));
  return cells;
}

}  // namespace latentcrs
