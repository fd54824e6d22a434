// Finding the people and makers that running text names: "something with Tom Hanks", "not Adam Sandler".
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "datasets/data/item_catalogue.h"
#include "language/text/negation.h"

namespace latentcrs {

struct NameWord;

/// Somebody whom a text names.
struct NameMention {
  std::string_view name;           ///< as the first item writes it; the finder's
  std::span<const int64_t> items;  ///< raw ids of the items with this name; the finder's
  bool asked = false;              ///< a clause names it without a negation
  bool rejected = false;           ///< a clause negates it: "not Adam Sandler"
};

/// Finds the names of a catalogue's items (Item::names). Case, accents and punctuation do not count, nor does a
/// possessive ending ("Spielberg's"); initials are one word ("J. K. Rowling", "JK Rowling"), and may be left out inside
/// a name that nobody else has then ("Samuel Jackson").
class NameFinder {
 public:
  explicit NameFinder(const ItemCatalogue& catalogue);

  /// The names in `text`, each once, in the order in which they come first; the longest name that begins at a word
  /// counts. "Nintendo", a single word, counts where it can be a name by itself (is_lone_name()), and "The Beatles",
  /// with one word of content, where that begins with a capital. Words of titles (words_in_titles()) name nobody,
  /// unless a small word comes next ("Tom Hanks in Big (1988)"), and clauses are negated as negated_words() says. Takes
  /// time in proportion to the words.
  std::vector<NameMention> find(std::string_view text) const;
  /// The same where `stances` says what the text wants of each of split_words(text); a name that is only allowed is
  /// neither asked for nor rejected.
  std::vector<NameMention> find(std::string_view text, const std::vector<Stance>& stances) const;

 private:
  struct Name {
    std::string spelled;
    bool stands_alone = false;  ///< has words of content enough to count in any letters
    std::vector<int64_t> items;
  };
  void add(const std::string& spelled, int64_t item);
  void place(const std::vector<NameWord>& words, size_t name);
  void add_without_initials();

  std::vector<Name> names_;
  std::unordered_map<std::string, size_t> places_;         // in names_, by the words of a name
  std::unordered_map<std::string, size_t> most_words_of_;  // of the names that begin with a word
};

}  // namespace latentcrs
