#include "datasets/data/tsv.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/util/error.h"

namespace latentcrs {

void write_tsv_row(std::ostream& out, const std::vector<std::string_view>& fields) {
  bool first = true;
  for (const std::string_view field : fields) {
    if (!first) out.put('\t');
    first = false;
    if (field.find_first_of("\t\"\r\n") == std::string_view::npos) {
      out << field;
      continue;
    }
    out.put('"');
    for (const char c : field) {
      if (c == '"') out.put('"');
      out.put(c);
    }
    out.put('"');
  }
  out.put('\n');
}

TsvReader::TsvReader(std::string_view text, std::string name) : text_(text), name_(std::move(name)) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text_.starts_with(kByteOrderMark)) position_ = kByteOrderMark.size();
}

bool TsvReader::next(std::vector<std::string>& fields) {
  while (position_ < text_.size()) {
    row_line_ = line_;
    fields.clear();
    while (true) {
      fields.push_back(take_field());
      const char end = position_ < text_.size() ? text_[position_++] : '\n';
      if (end == '\t') continue;
      if (end == '\r' && position_ < text_.size() && text_[position_] == '\n') ++position_;
      break;
    }
    ++line_;
    if (fields.size() > 1 || !fields[0].empty()) return true;
  }
  return false;
}

std::string TsvReader::take_field() {
  if (position_ >= text_.size() || text_[position_] != '"') {
    const size_t begin = position_;
    position_ = std::min(text_.find_first_of("\t\r\n", begin), text_.size());
    return std::string(text_.substr(begin, position_ - begin));
  }
  std::string field;
  while (true) {
    const size_t begin = position_ + 1;
    position_ = text_.find('"', begin);
    if (position_ == std::string_view::npos) throw data_error(where() + ": a quoted field never ends");
    field += text_.substr(begin, position_ - begin);
    ++position_;
    if (position_ >= text_.size() || text_[position_] != '"') break;
    field += '"';
  }
  line_ += std::count(field.begin(), field.end(), '\n');
  if (position_ < text_.size() && std::string_view("\t\r\n").find(text_[position_]) == std::string_view::npos) {
    throw data_error(fmt::format("{}: a quoted field goes on behind its closing quote", where()));
  }
  return field;
}

std::string TsvReader::where() const { return fmt::format("{}:{}", name_, row_line_); }

}  // namespace latentcrs
