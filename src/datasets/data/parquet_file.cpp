#include "datasets/data/parquet_file.h"

#include "base/util/error.h"
#include "datasets/data/raw_file_check.h"
#include "datasets/data/record_columns.h"

#ifdef LATENTCRS_ARROW
#include <arrow/api.h>
#include <arrow/io/file.h>
#include <fmt/format.h>
#include <parquet/arrow/reader.h>

#include "base/util/text.h"
#endif

namespace latentcrs {

#ifdef LATENTCRS_ARROW
namespace {

namespace fs = std::filesystem;

Error arrow_error(const fs::path& path, const arrow::Status& status) {
  return data_error(fmt::format("{}: {}", path.string(), status.message()));
}

template <class T>
T value_or_throw(const fs::path& path, arrow::Result<T> result) {
  if (!result.ok()) throw arrow_error(path, result.status());
  return std::move(result).ValueUnsafe();
}

/// Adds the text of a value, or the texts of a list; nothing for null.
void add_texts(const fs::path& path, const arrow::Array& array, int64_t row, std::vector<std::string>& texts) {
  if (array.IsNull(row)) return;
  if (const auto* list = dynamic_cast<const arrow::ListArray*>(&array)) {
    for (int64_t i = list->value_offset(row); i < list->value_offset(row + 1); ++i)
      add_texts(path, *list->values(), i, texts);
  } else if (const auto* large = dynamic_cast<const arrow::LargeListArray*>(&array)) {
    for (int64_t i = large->value_offset(row); i < large->value_offset(row + 1); ++i)
      add_texts(path, *large->values(), i, texts);
  } else if (const auto* dictionary = dynamic_cast<const arrow::DictionaryArray*>(&array)) {
    add_texts(path, *dictionary->dictionary(), dictionary->GetValueIndex(row), texts);
  } else {
    texts.push_back(value_or_throw(path, array.GetScalar(row))->ToString());
  }
}

/// The batches of a file, one after the other.
class ParquetTable {
 public:
  explicit ParquetTable(fs::path path) : path_(std::move(path)) {
    const auto file = value_or_throw(path_, arrow::io::ReadableFile::Open(path_.string()));
    file_ = value_or_throw(path_, parquet::arrow::OpenFile(file, arrow::default_memory_pool()));
    batches_ = value_or_throw(path_, file_->GetRecordBatchReader());
    names_ = batches_->schema()->field_names();
  }

  const std::vector<std::string>& names() const { return names_; }
  bool next_row() {
    while (!batch_ || ++row_ >= batch_->num_rows()) {
      if (const arrow::Status status = batches_->ReadNext(&batch_); !status.ok()) throw arrow_error(path_, status);
      if (!batch_) return false;
      row_ = -1;
    }
    return true;
  }
  std::vector<std::string> texts(int column) const {
    std::vector<std::string> found;
    add_texts(path_, *batch_->column(column), row_, found);
    return found;
  }

 private:
  fs::path path_;
  std::unique_ptr<parquet::arrow::FileReader> file_;
  std::shared_ptr<arrow::RecordBatchReader> batches_;
  std::shared_ptr<arrow::RecordBatch> batch_;
  std::vector<std::string> names_;
  int64_t row_ = -1;
};

class ParquetRecords : public RecordReader {
 public:
  ParquetRecords(const fs::path& path, std::vector<WantedField> wanted, const std::string& expected)
      : wanted_(std::move(wanted)), rows_(path, expected), table_(path), record_(wanted_.size()) {
    const std::vector<std::string_view> header(table_.names().begin(), table_.names().end());
    columns_ = find_record_columns(header, RecordForm(), wanted_, path.string());
  }

  void for_each(const Visit& visit) override {
    while (table_.next_row()) {
      rows_.begin_row();
      for (size_t w = 0; w < wanted_.size(); ++w) take_field(columns_.indices[w], record_[w]);
      if (const std::string reason = visit(record_); !reason.empty()) rows_.malformed(reason);
    }
    rows_.end_rows();
  }
  const RawReader& lines() const override { return rows_; }
  bool has(size_t wanted) const override { return columns_.indices[wanted] != RecordColumns::kAbsent; }
  std::string header_of(size_t wanted) const override {
    const int column = columns_.indices[wanted];
    return column >= 0 ? columns_.header[static_cast<size_t>(column)] : std::string();
  }
  std::vector<std::string> remarks() const override { return {"a table in Parquet"}; }

 private:
  void take_field(int column, RecordField& field) {
    field = {};
    if (column < 0) return;
    field.list = table_.texts(column);
    field.present = !field.list.empty() && !is_blank(field.list[0]);
    if (field.present) field.text = trimmed(field.list[0]);
  }

  std::vector<WantedField> wanted_;
  RawReader rows_;
  ParquetTable table_;
  RecordColumns columns_;
  std::vector<RecordField> record_;
};

std::string as_one_text(const std::vector<std::string>& texts) {
  if (texts.size() == 1) return texts[0];
  std::string list;
  for (const std::string& text : texts) list += (list.empty() ? "['" : "', '") + text;
  return list.empty() ? list : list + "']";
}

}  // namespace

std::vector<std::vector<std::string>> read_parquet_rows(const fs::path& path, size_t most) {
  ParquetTable table(path);
  std::vector<std::vector<std::string>> rows = {table.names()};
  while (rows.size() <= most && table.next_row()) {
    std::vector<std::string> row;
    for (int column = 0; column < static_cast<int>(table.names().size()); ++column)
      row.push_back(as_one_text(table.texts(column)));
    rows.push_back(std::move(row));
  }
  return rows;
}

std::unique_ptr<RecordReader> open_parquet_records(const fs::path& path, std::vector<WantedField> wanted,
                                                   const std::string& expected) {
  return std::make_unique<ParquetRecords>(path, std::move(wanted), expected);
}

#else

std::vector<std::vector<std::string>> read_parquet_rows(const std::filesystem::path& path, size_t /*most*/) {
  throw data_error(parquet_advice(path));
}

// NOLINTNEXTLINE(performance-unnecessary-value-param): the reader with Arrow keeps the fields.
std::unique_ptr<RecordReader> open_parquet_records(const std::filesystem::path& path, std::vector<WantedField>,
                                                   const std::string&) {
  throw data_error(parquet_advice(path));
}

#endif

}  // namespace latentcrs
