#include "numerics/tensor/embedding_store.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "base/util/error.h"
#include "numerics/tensor/tensor_file.h"

namespace latentcrs {

namespace {

constexpr int64_t kBlockRows = 256;  // rows that one thread checks at a time

using RowOfId = std::unordered_map<std::string_view, int64_t>;

/// The first row that holds an infinity or NaN (all exponent bits are set), or -1. `numbers` is read once, in order and
/// without temporaries, because it may be a memory map larger than the free memory.
template <class Bits>
int64_t first_unsound_row(const Bits* numbers, int64_t rows, int64_t width, Bits exponent) {
  for (int64_t row = 0; row < rows; ++row, numbers += width) {
    int unsound = 0;
    for (int64_t i = 0; i < width; ++i) unsound |= (numbers[i] & exponent) == exponent;
    if (unsound != 0) return row;
  }
  return -1;
}

int64_t first_unsound_row(const at::Tensor& numbers) {
  int64_t rows = numbers.size(0), width = numbers.size(1);
  if (numbers.scalar_type() == at::kFloat) {
    return first_unsound_row<uint32_t>(static_cast<const uint32_t*>(numbers.data_ptr()), rows, width, 0x7f800000);
  }
  uint16_t exponent = numbers.scalar_type() == at::kHalf ? 0x7c00 : 0x7f80;
  return first_unsound_row<uint16_t>(static_cast<const uint16_t*>(numbers.data_ptr()), rows, width, exponent);
}

/// Whether the memory of a mapped block is given back once it was checked.
enum class Pages { keep, release };

/// The first row that holds an infinity or NaN, or -1. Each thread checks a block of rows at a time.
int64_t first_unsound_row(const at::Tensor& embeddings, Pages pages) {
  const at::Tensor numbers = embeddings.contiguous();
  const int64_t rows = numbers.size(0), blocks = (rows + kBlockRows - 1) / kBlockRows;
  std::vector<int64_t> found(static_cast<size_t>(blocks), -1);
  at::parallel_for(0, blocks, 1, [&](int64_t first, int64_t last) {
    const at::NoGradGuard no_grad;
    for (int64_t block = first; block < last; ++block) {
      const int64_t begin = block * kBlockRows;
      const at::Tensor part = numbers.narrow(0, begin, std::min(kBlockRows, rows - begin));
      const int64_t row = first_unsound_row(part);
      if (row >= 0) found[static_cast<size_t>(block)] = begin + row;
      if (pages == Pages::release) release_pages(part);
    }
  });
  const auto bad = std::find_if(found.begin(), found.end(), [](int64_t row) { return row >= 0; });
  return bad == found.end() ? -1 : *bad;
}

/// Whether there are several rows and all hold the same numbers. The second row usually decides it.
bool all_rows_equal(const at::Tensor& numbers) {
  if (numbers.size(0) < 2) return false;
  const at::Tensor first = numbers.select(0, 0);
  for (int64_t row = 1; row < numbers.size(0); ++row)
    if (!at::equal(first, numbers.select(0, row))) return false;
  return true;
}

RowOfId index_rows(const std::vector<std::string>& ids, const std::filesystem::path& where) {
  RowOfId rows;
  rows.reserve(ids.size());
  const std::string* first_again = nullptr;
  for (const std::string& id : ids) {
    if (!rows.emplace(id, static_cast<int64_t>(rows.size())).second && first_again == nullptr) first_again = &id;
  }
  if (first_again != nullptr) {
    throw data_error(fmt::format("{}: {} of {} ids repeat an earlier one, the first is {}; embed the utterances again",
                                 where.string(), ids.size() - rows.size(), ids.size(), *first_again));
  }
  return rows;
}

[[noreturn]] void throw_not_finite(const std::string& id, const std::filesystem::path& where) {
  throw data_error(fmt::format("{}: the embedding of {} holds a value that is not finite", where.string(), id));
}

[[noreturn]] void throw_all_equal(int64_t count, const std::filesystem::path& where) {
  throw data_error(fmt::format("{}: all {} ids have one and the same embedding, which tells nothing of what they said",
                               where.string(), count));
}

void check_width(int64_t width, const std::filesystem::path& where) {
  if (width == 0) throw data_error(where.string() + ": its embeddings have width 0");
}

void check(const EmbeddingTable& table, const std::filesystem::path& where, Pages pages) {
  auto fail = [&](const std::string& what) { throw data_error(where.string() + ": " + what); };
  const at::Tensor& e = table.embeddings;
  bool known_type = e.scalar_type() == at::kFloat || e.scalar_type() == at::kHalf || e.scalar_type() == at::kBFloat16;
  if (!known_type)
    fail(fmt::format("embeddings are {}, not float32, float16 or bfloat16", c10::toString(e.scalar_type())));
  if (e.dim() != 2) fail(fmt::format("embeddings have {} dimensions instead of 2", e.dim()));
  if (static_cast<size_t>(e.size(0)) != table.special_id.size()) {
    fail(fmt::format("{} ids but {} embeddings", table.special_id.size(), e.size(0)));
  }
  check_width(e.size(1), where);
  index_rows(table.special_id, where);
  if (all_rows_equal(e)) throw_all_equal(e.size(0), where);
  const int64_t row = first_unsound_row(e.to(at::kCPU), pages);
  if (row >= 0) throw_not_finite(table.special_id[static_cast<size_t>(row)], where);
}

/// The value of such a file.
PtValue value_of(const std::vector<std::string>& special_id, const at::Tensor& embeddings) {
  PtList ids(special_id.size());
  for (size_t i = 0; i < ids.size(); ++i) ids[i].value = special_id[i];
  return {PtDict{{"special_id", {std::move(ids)}}, {"embeddings", {embeddings}}}};
}

/// The value of a file whose vectors come later.
PtValue announced(const std::vector<std::string>& special_id, int64_t width, at::ScalarType type,
                  const std::filesystem::path& where) {
  check_width(width, where);
  index_rows(special_id, where);
  return value_of(special_id, at::empty({static_cast<int64_t>(special_id.size()), width},
                                        at::TensorOptions(type).device(at::kMeta)));
}

const PtValue& item(const PtDict& dict, std::string_view key, const std::string& where) {
  for (const auto& [name, value] : dict) {
    if (name == key) return value;
  }
  throw data_error(
      fmt::format("{}: has no {}; expected an embedding cache with special_id and embeddings", where, key));
}

}  // namespace

EmbeddingTable read_embeddings(const std::filesystem::path& path) {
  const std::string where = path.string();
  PtDict root = read_pt(path).dict(where);
  EmbeddingTable table;
  for (const PtValue& id : item(root, "special_id", where).list(where + ": special_id")) {
    table.special_id.push_back(id.string(where + ": special_id"));
  }
  table.embeddings = item(root, "embeddings", where).tensor(where + ": embeddings");
  check(table, path, Pages::release);
  return table;
}

int64_t embedding_width(const std::filesystem::path& path) {
  const std::string where = path.string();
  const PtDict root = read_pt(path).dict(where);
  const at::Tensor& embeddings = item(root, "embeddings", where).tensor(where + ": embeddings");
  if (embeddings.dim() != 2)
    throw data_error(fmt::format("{}: embeddings have {} dimensions instead of 2", where, embeddings.dim()));
  if (embeddings.size(1) == 0) throw data_error(where + ": its embeddings have width 0");
  return embeddings.size(1);
}

void write_embeddings(const EmbeddingTable& table, const std::filesystem::path& path) {
  check(table, path, Pages::keep);
  write_pt(value_of(table.special_id, table.embeddings), path);
}

EmbeddingWriter::EmbeddingWriter(std::vector<std::string> ids, int64_t width, at::ScalarType type,
                                 std::filesystem::path path)
    : path_(std::move(path)), ids_(std::move(ids)), type_(type), file_(announced(ids_, width, type, path_), path_) {}

void EmbeddingWriter::add(const at::Tensor& rows) {
  const at::NoGradGuard no_grad;
  const at::Tensor numbers = rows.to(type_).contiguous();
  if (const int64_t bad = first_unsound_row(numbers, Pages::keep); bad >= 0)
    throw_not_finite(ids_.at(static_cast<size_t>(rows_ + bad)), path_);
  if (!first_.defined()) first_ = numbers.slice(0, 0, 1).clone();
  all_equal_ = all_equal_ && at::equal(numbers, first_.expand_as(numbers));
  file_.append({static_cast<const char*>(numbers.data_ptr()), numbers.nbytes()});
  rows_ += rows.size(0);
}

void EmbeddingWriter::commit() {
  if (rows_ > 1 && all_equal_) throw_all_equal(rows_, path_);
  file_.commit();
}

std::vector<int64_t> rows_of(const EmbeddingTable& table, const std::vector<std::string>& customer_ids,
                             const std::filesystem::path& where) {
  RowOfId row_of = index_rows(table.special_id, where);
  std::vector<int64_t> rows;
  rows.reserve(customer_ids.size());
  const std::string* first_missing = nullptr;
  for (const std::string& id : customer_ids) {
    auto found = row_of.find(id);
    if (found != row_of.end()) {
      rows.push_back(found->second);
    } else if (first_missing == nullptr) {
      first_missing = &id;
    }
  }
  if (first_missing != nullptr) {
    throw data_error(fmt::format("{}: {} of {} ids have no embedding, the first is {}", where.string(),
                                 customer_ids.size() - rows.size(), customer_ids.size(), *first_missing));
  }
  return rows;
}

}  // namespace latentcrs
