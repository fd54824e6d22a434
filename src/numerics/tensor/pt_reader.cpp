#include <ATen/ATen.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "base/util/error.h"
#include "numerics/tensor/mapped_file.h"
#include "numerics/tensor/pickle_reader.h"
#include "numerics/tensor/tensor_file.h"
#include "numerics/tensor/zip_store.h"

namespace latentcrs {

namespace {

constexpr int kMaxDepth = 100;
constexpr std::string_view kZipMagic = "PK\x03\x04";
/// The first pickle of the older file format: the number 0x1950a86a20f9469cfc6c.
constexpr std::string_view kLegacyMagic = "\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";
constexpr int64_t kLegacyVersion = 1001;

/// Returns the bytes of a storage. Throws Error(data) if the file does not hold them.
using StorageBytes = std::function<std::string_view(const pickle::Storage&)>;

/// The deleter of mapped storages, which keep their file open. Its address distinguishes them from other storages.
void close_file(void* file) { delete static_cast<std::shared_ptr<const MappedFile>*>(file); }

at::Storage mapped_storage(const std::shared_ptr<const MappedFile>& file, char* begin, int64_t size) {
  at::DataPtr data(begin, new std::shared_ptr<const MappedFile>(file), &close_file, c10::kCPU);
  return {at::Storage::use_byte_size_t(), static_cast<size_t>(size), std::move(data), nullptr, false};
}

/// The file that a tensor is mapped from; nullptr if its numbers lie in memory.
const MappedFile* file_of(const at::Tensor& tensor) {
  const at::DataPtr& data = tensor.storage().data_ptr();
  return data.get_deleter() == &close_file ? static_cast<std::shared_ptr<const MappedFile>*>(data.get_context())->get()
                                           : nullptr;
}

/// Turns the nodes of a pickle into values; tensors become views of the file.
class TreeBuilder {
 public:
  TreeBuilder(std::shared_ptr<const MappedFile> file, StorageBytes bytes, std::string where)
      : file_(std::move(file)), bytes_(std::move(bytes)), where_(std::move(where)) {
    budget_ = std::max<uint64_t>(uint64_t{64} << 20, 64 * file_->bytes().size());
  }

  /// Throws Error(data) for a root that is not understood.
  PtValue build_root(const pickle::Node& node) {
    if (auto* object = std::get_if<pickle::Object>(&node.value))
      fail("holds an object of " + object->name + ", which is not accepted: save what it holds, a dict of tensors " +
           "(for a module, its state_dict())");
    if (auto* function = std::get_if<pickle::Global>(&node.value)) fail("holds nothing but the name " + function->name);
    return build(node, 0);
  }

 private:
  PtValue build(const pickle::Node& node, int depth) {
    if (depth > kMaxDepth) fail("lists or dicts nested deeper than " + std::to_string(kMaxDepth));
    spend(sizeof(PtValue));
    if (auto* v = std::get_if<bool>(&node.value)) return {*v};
    if (auto* v = std::get_if<int64_t>(&node.value)) return {*v};
    if (auto* v = std::get_if<double>(&node.value)) return {*v};
    if (auto* v = std::get_if<std::string_view>(&node.value)) return {text(*v)};
    if (auto* v = std::get_if<pickle::Tuple>(&node.value)) return {list(v->items, depth)};
    if (auto* v = std::get_if<pickle::List>(&node.value)) return {list(v->items, depth)};
    if (auto* v = std::get_if<pickle::Dict>(&node.value)) return {dict(*v, depth)};
    if (auto* v = std::get_if<pickle::Tensor>(&node.value)) return {tensor(*v)};
    return {};  // None, or a value that matters only to readers who ask for it
  }

  PtList list(const std::vector<const pickle::Node*>& items, int depth) {
    PtList values;
    values.reserve(items.size());
    for (const pickle::Node* item : items) values.push_back(build(*item, depth + 1));
    return values;
  }

  PtDict dict(const pickle::Dict& node, int depth) {
    PtDict values;
    std::unordered_set<std::string> seen;
    values.reserve(node.items.size());
    for (const auto& [key, item] : node.items) {
      std::optional<std::string> name = key_text(*key);
      if (!name) continue;
      if (!seen.insert(*name).second) fail("key " + *name + " occurs twice in a dict");
      values.emplace_back(std::move(*name), build(*item, depth + 1));
    }
    return values;
  }

  /// The text of a dict's key. Integer keys, as optimizer states have them, become their digits; entries with keys of
  /// other types cannot be asked for and are left out.
  std::optional<std::string> key_text(const pickle::Node& key) {
    if (auto* v = std::get_if<std::string_view>(&key.value)) return text(*v);
    if (auto* v = std::get_if<int64_t>(&key.value)) return std::to_string(*v);
    return std::nullopt;
  }

  std::string text(std::string_view view) {
    spend(view.size());
    return std::string(view);
  }

  at::Tensor tensor(const pickle::Tensor& t) {
    check_bounds(t);
    at::Tensor view = at::empty({0}, at::TensorOptions(t.storage.type));
    view.set_(storage(t.storage), t.offset, t.sizes, t.strides);
    if (t.conjugate && view.is_complex()) view = at::conj_physical(view);
    if (t.negative && t.storage.type == at::kBool) fail("a negative view of bools");
    if (t.negative) view = at::neg(view);
    return view;
  }

  at::Storage storage(const pickle::Storage& s) {
    auto known = storages_.find(s.key);
    if (known != storages_.end()) return known->second;
    std::string_view bytes = bytes_(s);
    size_t width = c10::elementSize(s.type);
    if (static_cast<uint64_t>(s.numel) > bytes.size() / width) fail("storage " + std::string(s.key) + " is cut off");
    auto size = s.numel * static_cast<int64_t>(width);
    at::Storage storage = lies_in_file(bytes) && reinterpret_cast<uintptr_t>(bytes.data()) % width == 0
                              ? mapped_storage(file_, file_->data() + (bytes.data() - file_->bytes().data()), size)
                              : copied_storage(bytes.substr(0, static_cast<size_t>(size)));
    return storages_.emplace(s.key, std::move(storage)).first->second;
  }

  bool lies_in_file(std::string_view bytes) const {
    const std::string_view file = file_->bytes();
    const std::less_equal<> not_behind;
    return not_behind(file.data(), bytes.data()) && not_behind(bytes.data() + bytes.size(), file.data() + file.size());
  }

  static at::Storage copied_storage(std::string_view bytes) {
    const at::Tensor copy = at::empty({static_cast<int64_t>(bytes.size())}, at::kByte);
    std::copy(bytes.begin(), bytes.end(), static_cast<char*>(copy.data_ptr()));
    return copy.storage();
  }

  void check_bounds(const pickle::Tensor& t) {
    auto bad = [&]() { fail("a tensor lies outside its storage " + std::string(t.storage.key)); };
    if (t.sizes.size() != t.strides.size() || t.offset < 0) bad();
    int64_t last = t.offset, numel = 1;
    bool empty = false;
    for (size_t i = 0; i < t.sizes.size(); ++i) {
      int64_t reach = 0;
      if (t.sizes[i] < 0 || t.strides[i] < 0 || __builtin_mul_overflow(numel, t.sizes[i], &numel)) bad();
      empty = empty || t.sizes[i] == 0;
      if (t.sizes[i] > 0 && (__builtin_mul_overflow(t.sizes[i] - 1, t.strides[i], &reach) ||
                             __builtin_add_overflow(last, reach, &last))) {
        bad();
      }
    }
    if (empty ? t.offset > t.storage.numel : last >= t.storage.numel) bad();
  }

  /// Limits the memory that the values take: a small pickle can name the same list again and again.
  void spend(uint64_t bytes) {
    if (bytes > budget_) fail("its values unfold to more than the file can mean");
    budget_ -= bytes;
  }

  [[noreturn]] void fail(const std::string& what) const { throw data_error(where_ + ": " + what); }

  std::shared_ptr<const MappedFile> file_;
  StorageBytes bytes_;
  std::string where_;
  uint64_t budget_;
  std::unordered_map<std::string_view, at::Storage> storages_;
};

/// Throws Error(data) for the archives of torch.jit.save and torch.export, which hold programs, and for other zip
/// files.
void check_archive(const ZipReader& zip, const std::string& folder, const std::string& where) {
  const auto holds = [&](std::string_view part) {
    return std::any_of(zip.records().begin(), zip.records().end(),
                       [&](const auto& record) { return record.first.find(part) != std::string::npos; });
  };
  if (holds("/code/") || zip.records().contains(folder + "constants.pkl"))
    throw data_error(where +
                     ": is a TorchScript archive (of torch.jit.save), which holds a program: save the state_dict() of "
                     "its module with torch.save");
  if (folder.empty())
    throw data_error(where + ": not a .pt file of torch.save: the zip archive has no record data.pkl" +
                     (holds("models/") || holds("exported_program") ? " (it looks like one of torch.export)" : ""));
}

/// Reads the zip format, with the records <name>/data.pkl and <name>/data/<key>.
PtValue read_zip(const std::shared_ptr<const MappedFile>& file, const std::string& where) {
  ZipReader zip(file->bytes(), where);
  std::string folder;
  for (const auto& [name, bytes] : zip.records()) {
    if (name.ends_with("/data.pkl") && name.find('/') == name.rfind('/')) folder = name.substr(0, name.find('/') + 1);
  }
  check_archive(zip, folder, where);
  if (zip.records().contains(folder + "byteorder") && zip.record(folder + "byteorder") != "little") {
    throw data_error(where + ": was saved on a big-endian machine");
  }
  pickle::Reader reader(zip.record(folder + "data.pkl"), where);
  auto bytes = [&](const pickle::Storage& s) { return zip.record(folder + "data/" + std::string(s.key)); };
  return TreeBuilder(file, bytes, where).build_root(reader.load());
}

[[noreturn]] void fail_legacy(const std::string& where, const std::string& what) {
  throw data_error(where + ": not a sound .pt file: " + what);
}

template <class T>
const T& part(const pickle::Node& node, const std::string& where) {
  if (const T* value = std::get_if<T>(&node.value)) return *value;
  fail_legacy(where, "found " + std::string(pickle::kind(node)) + " in its frame");
}

void check_little_endian(const pickle::Dict& system, const std::string& where) {
  for (const auto& [key, value] : system.items) {
    auto* name = std::get_if<std::string_view>(&key->value);
    if (name != nullptr && *name == "little_endian" && !part<bool>(*value, where)) {
      fail_legacy(where, "saved on a big-endian machine");
    }
  }
}

/// Finds the storages of the older format: in the order of the keys, each an int64 count followed by that many
/// elements.
std::unordered_map<std::string_view, std::string_view> legacy_storages(const pickle::Reader& reader,
                                                                       const pickle::List& keys, std::string_view rest,
                                                                       const std::string& where) {
  std::unordered_map<std::string_view, std::string_view> storages;
  for (const pickle::Node* item : keys.items) {
    auto key = part<std::string_view>(*item, where);
    auto known = reader.storages().find(key);
    if (known == reader.storages().end()) fail_legacy(where, "a storage of unknown type, or one that no tensor uses");
    uint64_t count = 0, width = c10::elementSize(known->second.type);
    if (rest.size() < sizeof count) fail_legacy(where, "cut off");
    for (size_t i = sizeof count; i-- > 0;) count = count << 8 | static_cast<uint8_t>(rest[i]);
    rest.remove_prefix(sizeof count);
    if (count != static_cast<uint64_t>(known->second.numel)) fail_legacy(where, "a storage of unexpected size");
    if (count > rest.size() / width) fail_legacy(where, "cut off");
    storages.emplace(key, rest.substr(0, count * width));
    rest.remove_prefix(count * width);
  }
  return storages;
}

/// Reads the older format: the magic number is followed by four pickles (version, system, object, keys of the storages)
/// and the storages.
PtValue read_legacy(const std::shared_ptr<const MappedFile>& file, size_t start, const std::string& where) {
  std::string_view bytes = file->bytes().substr(start);
  pickle::Reader reader(bytes, where);
  if (part<int64_t>(reader.load(), where) != kLegacyVersion) fail_legacy(where, "its version is not 1001");
  check_little_endian(part<pickle::Dict>(reader.load(), where), where);
  const pickle::Node& object = reader.load();
  const auto& keys = part<pickle::List>(reader.load(), where);
  auto storages = legacy_storages(reader, keys, bytes.substr(reader.position()), where);
  auto storage_bytes = [&](const pickle::Storage& s) {
    auto found = storages.find(s.key);
    if (found == storages.end()) fail_legacy(where, "storage " + std::string(s.key) + " is missing");
    return found->second;
  };
  return TreeBuilder(file, storage_bytes, where).build_root(object);
}

/// The length of the first pickle if it is the magic number of the older format, else 0.
size_t legacy_magic_size(std::string_view bytes) {
  constexpr size_t kProtocol = 2, kFrame = 9;  // lengths of the opcode PROTO and, from protocol 4 on, of FRAME
  for (size_t prefix : {kProtocol, kProtocol + kFrame}) {
    if (bytes.starts_with('\x80') && bytes.size() > prefix && bytes.substr(prefix).starts_with(kLegacyMagic)) {
      return prefix + kLegacyMagic.size();
    }
  }
  return 0;
}

}  // namespace

PtValue read_pt(const std::filesystem::path& path) {
  auto file = std::make_shared<const MappedFile>(path);
  std::string where = path.string();
  if (file->bytes().starts_with(kZipMagic)) return read_zip(file, where);
  if (size_t start = legacy_magic_size(file->bytes())) return read_legacy(file, start, where);
  throw data_error(where + ": not a .pt file of PyTorch");
}

void copy_bytes(const at::Tensor& tensor, int64_t offset, int64_t count, char* to) {
  const char* const from = static_cast<const char*>(tensor.data_ptr()) + offset;
  const MappedFile* const file = file_of(tensor);
  if (file == nullptr)
    std::memcpy(to, from, static_cast<size_t>(count));
  else
    file->read(static_cast<size_t>(from - file->data()), static_cast<size_t>(count), to);
}

void release_pages(const at::Tensor& tensor) {
  if (!tensor.is_contiguous() || file_of(tensor) == nullptr) return;
  const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  const auto begin = reinterpret_cast<uintptr_t>(tensor.data_ptr());
  const uintptr_t first = (begin + page - 1) / page * page, end = (begin + tensor.nbytes()) / page * page;
  if (first < end) madvise(reinterpret_cast<void*>(first), end - first, MADV_DONTNEED);
}

}  // namespace latentcrs
