#include "base/config/override_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/config/override_functions.h"
#include "base/config/words.h"
#include "base/util/text.h"

namespace latentcrs {

namespace {

struct Token {
  enum class Kind { word, quoted, interpolation, punctuation, end };

  Kind kind = Kind::end;
  Word word = Word::none;
  char sign = 0;  // of punctuation: one of ( , ) [ ] { } : =
  std::string text;
};

/// Length of the quoted text at the beginning of `text`: up to the first mark that no backslash escapes; 0: there is no
/// quoted text.
size_t quoted_length(std::string_view text) {
  const char quote = text[0];
  if (quote != '\'' && quote != '"') return 0;
  bool is_escaped = false;
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == quote && !is_escaped) return i + 1;
    is_escaped = text[i] == '\\' && !is_escaped;
  }
  return 0;
}

/// The text without its marks; a backslash escapes only before a mark, perhaps with others in between.
std::string unquoted(const std::string& text) {
  const char quote = text[0];
  std::string plain;
  size_t backslashes = 0;
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++backslashes;
      continue;
    }
    plain += std::string(text[i] == quote ? backslashes / 2 : backslashes, '\\');
    backslashes = 0;
    if (i + 1 < text.size()) plain += text[i];
  }
  return plain;
}

/// Length of `${…}` up to the first closing brace, as in Hydra; 0: there is no interpolation.
size_t interpolation_length(std::string_view text) {
  if (!text.starts_with("${")) return 0;
  const size_t end = text.find('}');
  return end == std::string_view::npos || end == 2 ? 0 : end + 1;
}

/// A sign with the blanks that belong to it.
std::optional<Token> punctuation(std::string_view text) {
  size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
  if (begin == text.size()) return std::nullopt;
  const char sign = text[begin];
  const bool opens = sign == '[' || sign == '{';
  const bool closes = sign == ')' || sign == ']' || sign == '}';
  if (!opens && !closes && std::string_view("(,:=").find(sign) == std::string_view::npos) return std::nullopt;
  if (opens && begin > 0) return std::nullopt;
  size_t end = begin + 1;
  if (!closes) end = std::min(text.find_first_not_of(" \t", end), text.size());
  return Token{Token::Kind::punctuation, Word::none, sign, std::string(text.substr(0, end))};
}

Token next_token(std::string_view text) {
  if (std::optional<Token> sign = punctuation(text)) return *sign;
  if (const size_t length = quoted_length(text); length > 0)
    return {Token::Kind::quoted, Word::none, 0, std::string(text.substr(0, length))};
  if (const size_t length = interpolation_length(text); length > 0)
    return {Token::Kind::interpolation, Word::none, 0, std::string(text.substr(0, length))};
  const FoundWord word = longest_word(text);
  if (word.kind == Word::none) {
    if (text[0] == '\'' || text[0] == '"') throw WrongValue("a quotation mark without its partner");
    const bool is_ascii = static_cast<unsigned char>(text[0]) < 0x80;
    throw WrongValue(fmt::format("{} cannot stand in an unquoted value: put the value in quotes",
                                 is_ascii ? fmt::format("'{}'", text[0]) : "a letter beyond ASCII"));
  }
  return {Token::Kind::word, word.kind, 0, std::string(text.substr(0, word.length))};
}

std::vector<Token> tokenize(std::string_view text) {
  std::vector<Token> tokens;
  while (!text.empty()) {
    // Hydra refuses every `~` here. The user means a path below the home folder, which no shell expands after `=`.
    const bool begins = tokens.empty() || tokens.back().kind == Token::Kind::punctuation;
    if (begins && text.starts_with("~/"))
      tokens.push_back({Token::Kind::word, Word::symbol, 0, "~"});
    else
      tokens.push_back(next_token(text));
    text.remove_prefix(tokens.back().text.size());
  }
  tokens.push_back({});
  return tokens;
}

class ValueParser {
 public:
  explicit ValueParser(const std::string& text) : tokens_(tokenize(text)) {}

  ParsedValue value() {
    OverrideValue first = element();
    if (is_sign(',')) first = simple_sweep(std::move(first));
    if (here().kind != Token::Kind::end) throw WrongValue(fmt::format("text after the end of the value: {}", rest()));
    return {std::move(first), calls_function_};
  }

 private:
  const Token& here() const { return tokens_[at_]; }
  bool is_sign(char sign) const { return here().kind == Token::Kind::punctuation && here().sign == sign; }
  bool accept(char sign) {
    if (!is_sign(sign)) return false;
    ++at_;
    return true;
  }
  void expect(char sign) {
    if (!accept(sign)) throw WrongValue(fmt::format("'{}' is missing", sign));
  }

  /// Text of blanks alone stays, so that a message can show it.
  static std::string without_blanks(const std::string& text) {
    const std::string_view inside = trimmed(text, " \t");
    return inside.empty() ? text : std::string(inside);
  }

  std::string rest() const {
    std::string text;
    for (size_t i = at_; i < tokens_.size(); ++i) text += tokens_[i].text;
    return without_blanks(text);
  }

  /// A value that may stand in a list, where sweeps may not.
  Node plain_element() {
    OverrideValue value = element();
    if (std::holds_alternative<Sweep>(value)) throw WrongValue("a sweep cannot stand inside a list, a map or a sweep");
    return std::get<Node>(std::move(value));
  }

  OverrideValue element() {
    constexpr int kMaxDepth = 32;
    if (depth_ >= kMaxDepth) throw WrongValue(fmt::format("nested more than {} levels deep", kMaxDepth));
    ++depth_;
    OverrideValue value;
    if (accept('['))
      value = list();
    else if (accept('{'))
      value = map();
    else if (is_function())
      value = function();
    else
      value = primitive();
    --depth_;
    return value;
  }

  OverrideValue simple_sweep(OverrideValue first) {
    Sweep sweep;
    sweep.is_simple = true;
    if (std::holds_alternative<Sweep>(first)) throw WrongValue("a sweep cannot stand inside a list, a map or a sweep");
    sweep.values.push_back(std::get<Node>(std::move(first)));
    while (accept(',')) sweep.values.push_back(plain_element());
    return sweep;
  }

  Node list() {
    std::vector<Node> items;
    if (!is_sign(']')) {
      do items.push_back(plain_element());
      while (accept(','));
    }
    expect(']');
    return list_node(std::move(items));
  }

  Node map() {
    Node map = map_node();
    if (!is_sign('}')) {
      do add_entry(map);
      while (accept(','));
    }
    expect('}');
    return map;
  }

  void add_entry(Node& map) {
    Node key = words(/*of_key=*/true);
    if (key.is_container() || key.kind == Node::Kind::null) throw WrongValue("a key of a map must be a word");
    if (!accept(':')) throw WrongValue("a map has the form {key: value}; its keys take no quotes");
    Node value = plain_element();
    const std::string text = key_text(key);
    for (const NodeEntry& entry : map.entries)
      if (is_same_key(entry, key)) throw WrongValue("duplicate key " + text);
    map.entries.push_back({text, std::move(value), key.kind});
  }

  bool is_function() const {
    return here().kind == Token::Kind::word && here().word == Word::name &&
           tokens_[at_ + 1].kind == Token::Kind::punctuation && tokens_[at_ + 1].sign == '(';
  }

  OverrideValue function() {
    const std::string name = here().text;
    at_ += 2;
    calls_function_ = true;
    std::vector<Argument> arguments;
    if (!is_sign(')')) {
      do arguments.push_back(argument());
      while (accept(','));
    }
    expect(')');
    try {
      return call_override_function(name, std::move(arguments));
    } catch (const WrongValue& e) {
      throw WrongValue(fmt::format("{}(…): {}", name, e.what()));
    }
  }

  Argument argument() {
    Argument argument;
    const Token& next = tokens_[std::min(at_ + 1, tokens_.size() - 1)];
    if (here().kind == Token::Kind::word && here().word == Word::name && next.kind == Token::Kind::punctuation &&
        next.sign == '=') {
      argument.name = here().text;
      at_ += 2;
    }
    argument.value = element();
    return argument;
  }

  Node primitive() {
    if (here().kind != Token::Kind::quoted) return words(/*of_key=*/false);
    Node value = text_node(unquoted(here().text));
    value.quote = here().text[0];
    ++at_;
    return value;
  }

  bool is_part_of_words(bool of_key) const {
    if (here().kind == Token::Kind::word) return true;
    return !of_key && (here().kind == Token::Kind::interpolation || is_sign(':'));
  }

  /// Words in a row: one alone has its own type, several are text.
  Node words(bool of_key) {
    const size_t begin = at_;
    while (is_part_of_words(of_key)) ++at_;
    size_t first = begin, last = at_;
    const auto is_blank = [&](size_t i) {
      return tokens_[i].kind == Token::Kind::word && tokens_[i].word == Word::blank;
    };
    if (first < last && is_blank(first)) ++first;
    if (first < last && is_blank(last - 1)) --last;
    if (first == last) {
      if (here().kind == Token::Kind::end) throw WrongValue("a value is missing at its end");
      throw WrongValue(fmt::format("'{}' was not expected", without_blanks(here().text)));
    }
    if (last - first == 1) {
      const Token& token = tokens_[first];
      return token.kind == Token::Kind::word ? word_value(token.word, token.text) : text_node(token.text);
    }
    std::string text;
    for (size_t i = first; i < last; ++i)
      text += tokens_[i].word == Word::escape ? unescape(tokens_[i].text) : tokens_[i].text;
    return text_node(text);
  }

  std::vector<Token> tokens_;
  size_t at_ = 0;
  int depth_ = 0;
  bool calls_function_ = false;
};

}  // namespace

ParsedValue parse_override_value(const std::string& text) { return ValueParser(text).value(); }

}  // namespace latentcrs
