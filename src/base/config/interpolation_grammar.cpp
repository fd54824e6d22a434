#include "base/config/interpolation_grammar.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/config/words.h"

namespace latentcrs {

namespace {

using Kind = Expression::Kind;

Expression literal(Node value) {
  Expression expression;
  expression.value = std::move(value);
  return expression;
}

Expression literal_text(const std::string& text) { return literal(text_node(text)); }

Expression joined(std::vector<Expression> parts) {
  Expression expression;
  expression.kind = Kind::text;
  expression.parts = std::move(parts);
  return expression;
}

bool is_whole_name(const Expression& part) {
  return part.kind != Kind::literal || name_length(part.value.text) == part.value.text.size();
}

class ExpressionParser {
 public:
  explicit ExpressionParser(std::string_view text) : text_(text) {}

  Expression whole_text() {
    std::vector<Expression> parts = text('\0');
    if (parts.size() == 1) return std::move(parts.front());
    return joined(std::move(parts));
  }

  Expression whole_value() {
    Expression value = element();
    if (at_ != text_.size()) unexpected();
    return value;
  }

 private:
  char here(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  bool is_at(std::string_view word, size_t ahead = 0) const {
    return at_ + ahead <= text_.size() && text_.substr(at_ + ahead).starts_with(word);
  }
  size_t blanks() const {
    return std::min(text_.find_first_not_of(" \t", at_), text_.size()) - std::min(at_, text_.size());
  }
  void skip_blanks() { at_ += blanks(); }

  [[noreturn]] void unexpected() const {
    if (at_ >= text_.size()) throw WrongInterpolation("an interpolation without its closing brace");
    throw WrongInterpolation(fmt::format("'{}' is not expected in an interpolation", text_.substr(at_, 1)));
  }

  /// Takes `sign` with the blanks before it, and those after it if `blanks_after`.
  bool accept(char sign, bool blanks_after) {
    const size_t before = blanks();
    if (here(before) != sign || at_ + before >= text_.size()) return false;
    at_ += before + 1;
    if (blanks_after) skip_blanks();
    return true;
  }

  /// Up to the end of the text, or up to and with the mark `quote`.
  std::vector<Expression> text(char quote) {
    std::vector<Expression> parts;
    std::string plain;
    const auto flush = [&] {
      if (!plain.empty()) parts.push_back(literal_text(std::exchange(plain, {})));
    };
    while (at_ < text_.size()) {
      const size_t backslashes = count_backslashes();
      const bool at_interpolation = is_at("${", backslashes);
      const bool at_quote = quote != '\0' && here(backslashes) == quote;
      plain += std::string(at_interpolation || at_quote ? backslashes / 2 : backslashes, '\\');
      at_ += backslashes;
      const bool is_escaped = backslashes % 2 == 1;
      if (at_interpolation && !is_escaped) {
        flush();
        parts.push_back(interpolation());
      } else if (at_quote && !is_escaped) {
        ++at_;
        flush();
        return parts;
      } else if (at_ < text_.size()) {
        plain += text_[at_++];
        if (at_interpolation) plain += text_[at_++];  // the brace of \${
      }
    }
    if (quote != '\0') throw WrongInterpolation("a quotation mark without its partner");
    flush();
    return parts;
  }

  size_t count_backslashes() const {
    const size_t end = text_.find_first_not_of('\\', at_);
    return (end == std::string_view::npos ? text_.size() : end) - at_;
  }

  Expression interpolation() {
    constexpr int kMaxDepth = 32;
    if (++depth_ > kMaxDepth) throw WrongInterpolation(fmt::format("nested more than {} levels deep", kMaxDepth));
    const size_t begin = at_;
    at_ += 2;
    skip_blanks();
    Expression result = reference_or_call();
    result.written = text_.substr(begin, at_ - begin);
    --depth_;
    return result;
  }

  Expression reference_or_call() {
    Expression result;
    result.kind = Kind::reference;
    const auto add_sign = [&](char sign) {
      result.parts.push_back(literal_text(std::string(1, sign)));
      ++at_;
    };
    bool may_be_call = here() != '.';
    while (here() == '.') add_sign('.');
    for (bool is_first = true;; is_first = false) {
      if (here() == '[') {
        may_be_call = false;
        add_sign('[');
        result.parts.push_back(key_part());
        if (here() != ']') unexpected();
        add_sign(']');
      } else {
        if (!is_first) {
          if (here() != '.') break;
          add_sign('.');
        }
        result.parts.push_back(key_part());
        may_be_call = may_be_call && is_whole_name(result.parts.back());
      }
    }
    if (may_be_call && here() == ':') return call(std::move(result.parts));
    if (!accept('}', false)) unexpected();
    return result;
  }

  /// A part of a key: an interpolation, or text without special characters.
  Expression key_part() {
    if (is_at("${")) return interpolation();
    const size_t end = std::min(text_.find_first_of("\\{}()[]:. \t'\"", at_), text_.size());
    if (end == at_) unexpected();
    const std::string part(text_.substr(at_, end - at_));
    at_ = end;
    return literal_text(part);
  }

  Expression call(std::vector<Expression> name) {
    Expression result;
    result.kind = Kind::call;
    result.name = std::move(name);
    ++at_;
    skip_blanks();
    result.parts = sequence('}');
    return result;
  }

  /// Elements up to and with `close`; where one is left out between commas, it is the empty text.
  std::vector<Expression> sequence(char close) {
    std::vector<Expression> items;
    if (accept(close, false)) return items;
    while (true) {
      const size_t before = blanks();
      const bool is_left_out = here(before) == ',' || here(before) == close;
      items.push_back(is_left_out ? literal_text("") : element());
      if (accept(close, false)) return items;
      if (!accept(',', true)) unexpected();
    }
  }

  Expression element() {
    constexpr int kMaxDepth = 32;
    if (++depth_ > kMaxDepth) throw WrongInterpolation(fmt::format("nested more than {} levels deep", kMaxDepth));
    Expression result;
    if (here() == '[') {
      ++at_;
      skip_blanks();
      result.kind = Kind::list;
      result.parts = sequence(']');
    } else if (here() == '{') {
      ++at_;
      skip_blanks();
      result = map();
    } else if (here() == '"' || here() == '\'') {
      const char quote = here();
      ++at_;
      result = joined(text(quote));
    } else {
      result = primitive();
    }
    --depth_;
    return result;
  }

  Expression map() {
    Expression result;
    result.kind = Kind::map;
    result.value = map_node();
    if (accept('}', false)) return result;
    while (true) {
      const Node key = map_key();
      if (key.kind == Node::Kind::null) throw WrongInterpolation("null cannot be a key of a map");
      if (!accept(':', true)) unexpected();
      for (const NodeEntry& other : result.value.entries)
        if (is_same_key(other, key)) throw WrongInterpolation("duplicate key " + key_text(key));
      result.value.entries.push_back({key_text(key), null_node(), key.kind});
      result.parts.push_back(element());
      if (accept('}', false)) return result;
      if (!accept(',', true)) unexpected();
    }
  }

  Node map_key() {
    std::vector<Expression> parts = words(/*of_key=*/true);
    if (parts.size() == 1) return parts.front().value;
    std::string text;
    for (const Expression& part : parts) text += part.value.raw.empty() ? part.value.text : part.value.raw;
    return text_node(text);
  }

  Expression primitive() {
    std::vector<Expression> parts = words(/*of_key=*/false);
    if (parts.size() == 1) return std::move(parts.front());
    for (Expression& part : parts)  // words in a row are text, as they were written
      if (part.kind == Kind::literal && !part.value.raw.empty()) part.value = text_node(part.value.raw);
    return joined(std::move(parts));
  }

  /// A sign that ends the words in front of it, with the blanks that belong to it.
  bool is_at_end_of_words() const {
    const size_t before = blanks();
    return at_ + before >= text_.size() ? before == 0
                                        : std::string_view(",]}").find(here(before)) != std::string_view::npos;
  }

  std::vector<Expression> words(bool of_key) {
    std::vector<Expression> parts;
    while (!is_at_end_of_words()) {
      const size_t before = blanks();
      if (here(before) == ':') {
        if (of_key) break;
        const size_t begin = at_;
        accept(':', true);
        parts.push_back(literal_text(std::string(text_.substr(begin, at_ - begin))));
      } else if (is_at("${")) {
        if (of_key) unexpected();
        parts.push_back(interpolation());
      } else {
        const FoundWord word = longest_word(text_.substr(at_));
        if (word.kind == Word::none) unexpected();
        const std::string text(text_.substr(at_, word.length));
        at_ += word.length;
        parts.push_back(literal(word_value(word.kind, text)));
        if (word.kind == Word::null) parts.back().value.raw = text;
      }
    }
    if (parts.empty()) unexpected();
    return parts;
  }

  std::string_view text_;
  size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

Expression parse_interpolated_text(const std::string& text) { return ExpressionParser(text).whole_text(); }

Expression parse_resolver_value(const std::string& text) { return ExpressionParser(text).whole_value(); }

}  // namespace latentcrs
