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
