// Files of which a line holds several interactions, or whose item stands above its lines.
#include <fmt/format.h>

#include "base/util/text.h"
#include "datasets/data/printable.h"
#include "datasets/data/record_columns.h"
#include "datasets/data/record_reader.h"

namespace latentcrs {
namespace {

enum NestedField : size_t { kUser, kItem, kRating, kTime };

/// Reads lines, of which each gives any number of records to `visit`.
class NestedRecords : public RecordReader {
 public:
  NestedRecords(const fs::path& path, const RecordForm& form, size_t wanted, const std::string& expected)
      : reader_(path, expected, form.accepted_malformed),
        splitter_(std::string(form.separator), Quoting::none),
        record_(wanted) {}

  void for_each(const Visit& visit) override {
    std::string_view line;
    while (reader_.next(line)) {
      splitter_.split(line, fields_);
      if (const std::string reason = visit_line(line, visit); !reason.empty()) reader_.malformed(reason);
    }
  }

  const RawReader& lines() const override { return reader_; }
  bool has(size_t wanted) const override { return wanted <= kItem; }
  std::string header_of(size_t) const override { return {}; }
  std::vector<std::string> remarks() const override { return {}; }

 protected:
  /// Why the line is malformed; empty if it is not.
  virtual std::string visit_line(std::string_view line, const Visit& visit) = 0;

  const std::vector<std::string_view>& fields() const { return fields_; }
  std::string wrong_number(size_t expected) const {
    return fmt::format("{} fields instead of {}", fields_.size(), expected);
  }
  void set(NestedField field, std::string_view text) {
    if (field >= record_.size()) return;
    record_[field].text = trimmed(text);
    record_[field].present = !record_[field].text.empty();
  }
  std::string give_item(std::string_view item, const Visit& visit) {
    set(kItem, item);
    return visit(record_);
  }
  /// A record for each word between blanks, none for an empty text.
  std::string give_items(std::string_view words, const Visit& visit) {
    std::string reason;
    for (std::string_view rest = trimmed(words); !rest.empty() && reason.empty(); rest = trimmed(rest))
      reason = give_item(take_word(rest), visit);
    return reason;
  }
  static std::string_view take_word(std::string_view& rest) {
    const std::string_view word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(word.size());
    return word;
  }

 private:
  RawReader reader_;
  LineSplitter splitter_;
  std::vector<std::string_view> fields_;
  std::vector<RecordField> record_;
};

class ListRecords : public NestedRecords {
 public:
  using NestedRecords::NestedRecords;

 private:
  std::string visit_line(std::string_view, const Visit& visit) override {
    set(kUser, fields()[0]);
    if (fields().size() == 1) return give_item("", visit);
    std::string reason;
    for (size_t i = 1; i < fields().size() && reason.empty(); ++i) reason = give_item(fields()[i], visit);
    return reason;
  }
};

class GroupRecords : public NestedRecords {
 public:
  using NestedRecords::NestedRecords;
  bool has(size_t wanted) const override { return wanted <= kTime; }

 private:
  std::string visit_line(std::string_view line, const Visit& visit) override {
    const std::string_view text = trimmed(line);
    if (fields().size() == 1 && text.ends_with(':')) {
      item_ = text.substr(0, text.size() - 1);
      return {};
    }
    constexpr size_t kFields = 3;
    if (fields().size() != kFields) return wrong_number(kFields);
    if (item_.empty()) return "no line `item:` stands above it";
    set(kUser, fields()[0]);
    set(kRating, fields()[1]);
    set(kTime, fields()[2]);
    return give_item(item_, visit);
  }

  std::string item_;
};

class HistoryRecords : public NestedRecords {
 public:
  HistoryRecords(const fs::path& path, const RecordForm& form, size_t wanted, const std::string& expected)
      : NestedRecords(path, form, wanted, expected), known_users_(form.known_users) {}
  std::vector<std::string> remarks() const override {
    return {"each line repeats its user's earlier items: of these, a user's first line alone counts"};
  }

 private:
  std::string visit_line(std::string_view, const Visit& visit) override {
    constexpr size_t kFields = 3;
    if (fields().size() != kFields) return wrong_number(kFields);
    const std::string_view user = trimmed(fields()[0]);
    if (user.starts_with("user_id:")) return {};
    set(kUser, user);
    const bool known = known_users_ != nullptr && known_users_->find(user) != StringTable::kNone;
    std::string reason = known ? std::string() : give_items(fields()[1], visit);
    return reason.empty() ? give_item(fields()[2], visit) : reason;
  }

  const StringTable* known_users_;
};

class ImpressionRecords : public NestedRecords {
 public:
  using NestedRecords::NestedRecords;
  bool has(size_t wanted) const override { return wanted <= kItem || wanted == kTime; }
  std::vector<std::string> remarks() const override {
    return {"clicked items of each impression count; the lists of earlier clicks have no times, and are left aside"};
  }

 private:
  std::string visit_line(std::string_view, const Visit& visit) override {
    constexpr size_t kFields = 5;
    if (fields().size() != kFields) return wrong_number(kFields);
    set(kUser, fields()[1]);
    set(kTime, fields()[2]);
    int clicks = 0;
    std::string reason;
    for (std::string_view rest = trimmed(fields()[4]); !rest.empty() && reason.empty(); rest = trimmed(rest)) {
      const std::string_view shown = take_word(rest);
      if (!shown.ends_with("-1") && !shown.ends_with("-0"))
        return fmt::format("'{}' does not end with -1 or -0, for clicked or not", printable(shown));
      if (!shown.ends_with("-1")) continue;
      ++clicks;
      reason = give_item(shown.substr(0, shown.size() - 2), visit);
    }
    return clicks == 0 ? give_item("", visit) : reason;
  }
};

}  // namespace

std::unique_ptr<RecordReader> open_nested_records(const fs::path& path, const RecordForm& form, size_t wanted,
                                                  const std::string& expected) {
  switch (form.lines) {
    case RecordLines::groups: return std::make_unique<GroupRecords>(path, form, wanted, expected);
    case RecordLines::histories: return std::make_unique<HistoryRecords>(path, form, wanted, expected);
    case RecordLines::impressions: return std::make_unique<ImpressionRecords>(path, form, wanted, expected);
    default: return std::make_unique<ListRecords>(path, form, wanted, expected);
  }
}

}  // namespace latentcrs
