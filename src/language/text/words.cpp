#include "language/text/words.h"

#include <algorithm>
#include <array>
#include <unordered_set>

#include "base/util/utf8.h"

namespace latentcrs {

namespace {

bool is_ascii_word(unsigned char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// ASCII spelling of U+00C0..U+00FF; "" separates words.
constexpr std::array<std::string_view, 64> kLatin1 = {
    "a", "a", "a", "a", "a", "a", "ae", "c", "e", "e", "e", "e", "i", "i", "i",  "i",   //
    "d", "n", "o", "o", "o", "o", "o",  "",  "o", "u", "u", "u", "u", "y", "th", "ss",  //
    "a", "a", "a", "a", "a", "a", "ae", "c", "e", "e", "e", "e", "i", "i", "i",  "i",   //
    "d", "n", "o", "o", "o", "o", "o",  "",  "o", "u", "u", "u", "u", "y", "th", "y"};

enum class CharacterRole { letter, apostrophe, separator };

/// The role in a word of the character at text[i], which has `length` bytes; if it is a letter, its spelling is
/// appended to `out`.
CharacterRole classify(std::string_view text, size_t i, size_t length, std::string& out) {
  const auto byte = [&](size_t k) { return static_cast<unsigned char>(text[i + k]); };
  if (byte(0) < 0x80) {
    if (byte(0) == '\'') return CharacterRole::apostrophe;
    if (!is_ascii_word(byte(0))) return CharacterRole::separator;
    out += static_cast<char>(byte(0) >= 'A' && byte(0) <= 'Z' ? byte(0) + 32 : byte(0));
    return CharacterRole::letter;
  }
  if (length == 2 && byte(0) == 0xC2) return CharacterRole::separator;  // U+0080..U+00BF: signs and spaces
  if (length == 2 && byte(0) == 0xC3) {
    const std::string_view letters = kLatin1[byte(1) & 0x3F];
    out += letters;
    return letters.empty() ? CharacterRole::separator : CharacterRole::letter;
  }
  if (length == 3 && byte(0) == 0xE2 && byte(1) >= 0x80 && byte(1) <= 0x81) {  // U+2000..U+207F: dashes, quotes, spaces
    const bool apostrophe = byte(1) == 0x80 && (byte(2) == 0x98 || byte(2) == 0x99);
    return apostrophe ? CharacterRole::apostrophe : CharacterRole::separator;
  }
  out += text.substr(i, length);
  return CharacterRole::letter;
}

std::unordered_set<std::string_view> split_at_spaces(std::string_view list) {
  std::unordered_set<std::string_view> words;
  for (size_t begin = 0; begin < list.size();) {
    const size_t end = std::min(list.find(' ', begin), list.size());
    words.insert(list.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

}  // namespace

std::vector<Word> split_words(std::string_view text) {
  std::vector<Word> words;
  bool inside = false;
  std::string letters;
  for (size_t i = 0; i < text.size();) {
    const size_t length = utf8_length(text.substr(i));
    letters.clear();
    const CharacterRole role = classify(text, i, length, letters);
    if (role == CharacterRole::letter) {
      if (!inside) words.push_back({.text = {}, .begin = i, .end = i});
      inside = true;
      words.back().text += letters;
      words.back().end = i + length;
    } else if (role == CharacterRole::separator) {
      inside = false;
    }
    i += length;
  }
  return words;
}

bool begins_with_capital(std::string_view text) {
  const auto byte = static_cast<unsigned char>(text[0]);
  if ((byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9')) return true;
  return byte == 0xC3 && text.size() > 1 && static_cast<unsigned char>(text[1]) <= 0x9E;  // U+00C0..U+00DE
}

std::vector<std::pair<size_t, size_t>> quoted_ranges(std::string_view text) {
  constexpr std::string_view open = "\u201C", close = "\u201D";
  std::vector<std::pair<size_t, size_t>> ranges;
  for (size_t i = 0; i < text.size();) {
    const bool curly = text.substr(i).starts_with(open);
    if (!curly && text[i] != '"') {
      ++i;
      continue;
    }
    const size_t end = curly ? text.find(close, i) : text.find('"', i + 1);
    if (end == std::string_view::npos) break;
    ranges.emplace_back(i, end);
    i = end + (curly ? close.size() : 1);
  }
  return ranges;
}

std::string without_plural(std::string_view word) {
  if (word.size() > 4 && word.ends_with("ies")) return std::string(word.substr(0, word.size() - 3)) + "y";
  if (word.size() > 2 && word.ends_with('s') && !word.ends_with("ss"))
    return std::string(word.substr(0, word.size() - 1));
  return std::string(word);
}

bool is_stop_word(std::string_view word) {
  static const auto kStopWords = split_at_spaces(
      "a about afraid after again all also although always am an and another any anyone anything anyway "
      "are arent around as ask asking at back be because been before being between bit both but by came "
      "can cant case chance choose choosing close closer come comes could couldnt craving currently day "
      "days decent did didnt different do does doesnt doing done dont down each either else enjoy enjoyed "
      "enjoys even evening ever every everything exactly fan fancy favorite favourite feel feeling felt "
      "few find finding fine for found from gave get getting give go goes going good got great had has "
      "have havent having he hello help helps her here heres hey hi him his hmm hope hoped hoping how i id "
      "idea ideas if ill im in instead interest interested into is isnt it its ive just kind know known "
      "lately least less lets like liked likes listen listening look looking looks lot love loved loves "
      "made make many may maybe me mean meant might mine mood more most much must my need needed needs "
      "neither never new next nice no none nor not nothing now of off offer oh ok okay on one ones only "
      "onto option options or other others our out over perhaps pick picks play playing please prefer "
      "preferred proper quite rather read reading really recently recommend recommendation recommendations "
      "recommended recommending right said same say saying search searching see seeing seen shall she "
      "should show showing shown similar since so solid some someone something soon sorry sort still stuff "
      "such suggest suggested suggestion suggestions take tell than thank thanks that thats the their them "
      "then there theres these they theyre thing things think thinking this those though thought through "
      "time times to today told tomorrow tonight too tried try trying type under up us very want wanted "
      "wanting wants was wasnt watch watched watching way we week weekend well went were what whats when "
      "where which while who whom whose why will with without wont would wouldnt yeah yes yet you youd "
      "youll your youre youve");
  return kStopWords.contains(word);
}

}  // namespace latentcrs
