#include "language/text/negation.h"

#include <catch2/catch.hpp>

using namespace latentcrs;

namespace {

/// The words with "/" between them and "not " before each that is negated.
std::string marked(const std::string& text) {
  const std::vector<Word> words = split_words(text);
  const std::vector<bool> negated = negated_words(text, words);
  std::string all;
  for (size_t i = 0; i < words.size(); ++i)
    all += (all.empty() ? "" : "/") + std::string(negated[i] ? "not " : "") + words[i].text;
  return all;
}

}  // namespace

TEST_CASE("negated words are marked up to the end of their clause", "[negation]") {
  CHECK(marked("I don't really like horror movies what about thrillers") ==
        "i/dont/not really/not like/not horror/not movies/what/about/thrillers");
  CHECK(marked("No horror, please. A comedy!") == "no/not horror/please/a/comedy");
  CHECK(marked("not scary but funny") == "not/not scary/but/funny");
  CHECK(marked("I hate westerns\nI love musicals") == "i/hate/not westerns/i/love/musicals");
  CHECK(marked("I like comedies") == "i/like/comedies");
  CHECK(marked("no, never") == "no/never");
  CHECK(marked("") == "");
}

TEST_CASE("a negation within a negated clause stays itself", "[negation]") {
  CHECK(marked("no not that") == "no/not/not that");
}

namespace {

/// The words with "+", "-" or "~" before each that is asked for, refused or allowed.
std::string stances(const std::string& text) {
  const std::vector<Word> words = split_words(text);
  const std::vector<Stance> all = stances_in_talk(text, words);
  std::string marked;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string mark = all[i] == Stance::refused ? "-" : all[i] == Stance::allowed ? "~" : "+";
    if (words[i].text == "horror" || words[i].text == "comedy") marked += mark + words[i].text;
  }
  return marked;
}

using Strings = std::vector<std::string>;

/// Those of the texts whose stances are others.
Strings heard_otherwise(const Strings& texts, const std::string& expected) {
  Strings others;
  for (const std::string& text : texts)
    if (stances(text) != expected) others.push_back(text);
  return others;
}

}  // namespace

TEST_CASE("people refuse, allow and ask in many words", "[negation]") {
  CHECK(heard_otherwise({"no horror",
                         "not horror please",
                         "I don't want a horror film",
                         "I do not want horror",
                         "anything but horror",
                         "Everything but horror.",
                         "no more horror",
                         "I'm tired of horror",
                         "something other than horror",
                         "less horror this time",
                         "skip the horror",
                         "I cannot stand horror",
                         "non-horror",
                         "I don't think I want horror",
                         "I want anything except horror",
                         "instead of horror",
                         "neither drama nor horror",
                         "I hate horror",
                         "I have had enough of horror",
                         "anything apart from horror"},
                        "-horror") == Strings());
  CHECK(heard_otherwise({"horror", "why not a horror film", "nothing but horror", "I wouldn't mind horror",
                         "I would not mind some horror", "I don't want anything but horror", "no, horror please",
                         "I can't get enough of horror", "nothing other than horror", "I don't know, maybe horror"},
                        "+horror") == Strings());
  CHECK(heard_otherwise({"I don't mind horror", "not just horror", "it doesn't have to be horror", "not only horror",
                         "I have nothing against horror", "I don't hate horror", "not necessarily horror"},
                        "~horror") == Strings());
}

TEST_CASE("a sentence may refuse one thing and ask for another", "[negation]") {
  CHECK(stances("no horror, maybe a comedy") == "-horror+comedy");
  CHECK(stances("a comedy, not horror") == "+comedy-horror");
  CHECK(stances("a comedy instead of horror") == "+comedy-horror");
  CHECK(stances("I'm sick of comedy but horror is fine") == "-comedy+horror");
  CHECK(stances("I don't mind horror, no comedy though") == "~horror-comedy");
  CHECK(stances("no comedy or horror") == "-comedy-horror");
}
