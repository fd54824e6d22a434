#include "datasets/data/file_sample.h"

#include <fmt/format.h>

#include <array>

#include "base/util/error.h"
#include "base/util/files.h"
#include "base/util/open_file.h"
#include "base/util/text.h"
#include "datasets/data/raw_file_check.h"

namespace latentcrs {
namespace {

constexpr size_t kMostLines = 5000;
constexpr size_t kMostBytes = 4'000'000;
constexpr size_t kLongestRecord = 50;  // lines of a quoted field

void look_at_bytes(FileSample& sample) {
  OpenFile file(sample.path);
  std::array<char, 4096> bytes{};
  const std::string_view begin(bytes.data(), file.read(bytes.data(), bytes.size()));
  sample.parquet = is_parquet(sample.path);
  sample.byte_order_mark = begin.starts_with("\xEF\xBB\xBF");
  sample.carriage_returns = begin.find("\r\n") != std::string_view::npos;
}

}  // namespace

FileSample sample_file(const fs::path& path) {
  if (fs::is_directory(path)) throw data_error(fmt::format("{} is a folder", path.string()));
  FileSample sample{.path = path, .name = lower_case(path.filename().string())};
  if (sample.name.ends_with(".gz")) sample.name.resize(sample.name.size() - 3);
  look_at_bytes(sample);
  if (sample.parquet) return sample;
  LineReader reader(path);
  std::string_view line;
  for (size_t bytes = 0; reader.next(line); bytes += line.size()) {
    if (sample.lines.size() == kMostLines || bytes > kMostBytes) return sample;
    if (!is_blank(line, " \t")) sample.lines.emplace_back(line);
  }
  sample.whole = true;
  return sample;
}

bool SampleTable::is_regular(size_t columns) const {
  if (rows.empty() || width() < columns) return false;
  size_t regular = 0;
  for (const auto& row : rows) regular += row.size() == width();
  constexpr size_t kOneIn = 50;
  return (rows.size() - regular) * kOneIn <= rows.size();
}

SampleTable split_sample(const FileSample& sample, std::string_view separator, Quoting quoting) {
  SampleTable table{.separator = std::string(separator), .rows = {}};
  LineSplitter splitter{std::string(separator), quoting};
  std::vector<std::string_view> fields;
  for (size_t i = 0; i < sample.lines.size(); ++i) {
    std::string record = sample.lines[i];
    size_t next = i + 1;
    bool closed = splitter.split(record, fields);
    while (!closed && next < sample.lines.size() && next < i + kLongestRecord) {
      record += '\n' + sample.lines[next++];
      closed = splitter.split(record, fields);
    }
    if (closed) i = next - 1;
    std::vector<std::string> row;
    if (closed) {
      for (const std::string_view field : fields) row.emplace_back(trimmed(field));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::vector<std::string> column_of(const SampleTable& table, size_t column, size_t first_row) {
  std::vector<std::string> texts;
  for (size_t row = first_row; row < table.rows.size(); ++row) {
    if (column < table.rows[row].size()) texts.push_back(table.rows[row][column]);
  }
  return texts;
}

}  // namespace latentcrs
