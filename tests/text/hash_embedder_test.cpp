#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <numeric>

#include "base/util/error.h"
#include "language/dialogue/agenda_simulator.h"
#include "language/text/embedder.h"
#include "language/text/genre_words.h"

using namespace latentcrs;

namespace {

double cosine(const float* a, const float* b, int dim) {
  const double ab = std::inner_product(a, a + dim, b, 0.0);
  return ab / std::sqrt(std::inner_product(a, a + dim, a, 0.0) * std::inner_product(b, b + dim, b, 0.0));
}

TextSource source_of(const std::vector<std::string>& texts) {
  return [texts](const std::function<void(const std::string&)>& take) {
    for (const std::string& text : texts) take(text);
  };
}

/// Opening requests of many users for items with one genre each, 40 per genre.
std::vector<std::string> genre_openings(const std::vector<std::string>& genres) {
  std::vector<Item> items(genres.size());
  for (size_t g = 0; g < genres.size(); ++g) {
    items[g].id = static_cast<int64_t>(g) + 1;
    items[g].title = items[g].name = "Qwxyz";
    items[g].facets = {genres[g]};
  }
  const ItemCatalogue catalogue(items);
  DatasetOptions dataset;
  dataset.item_noun = "movies";
  auto simulator = make_agenda_simulator(catalogue, dataset, {}, 1);
  std::vector<SplitRecord> records;
  for (size_t g = 0; g < genres.size(); ++g)
    for (int64_t u = 0; u < 40; ++u)
      records.push_back({std::to_string(100 * g + u) + "_raw_raw", u, {}, static_cast<int32_t>(g) + 1});
  std::vector<UtteranceRequest> requests(records.size());
  for (size_t i = 0; i < records.size(); ++i) requests[i].record = &records[i];
  std::vector<std::string> texts;
  for (auto& answer : simulator->speak(requests).all) texts.push_back(answer.text.value());
  return texts;
}

}  // namespace

TEST_CASE("Utterances about the same facet are nearer than about others", "[embedder]") {
  const auto texts = genre_openings({"Comedy", "Horror", "War", "Western", "Romance", "Sci-Fi"});
  EmbedOptions options;
  auto embedder = make_hash_embedder(options, source_of(texts), 1);
  const auto vectors = embedder->embed(texts);
  double same = 0, different = 0;
  int num_same = 0, num_different = 0;
  for (size_t i = 0; i < texts.size(); ++i)
    for (size_t j = 0; j < i; ++j) {
      const double c = cosine(&vectors[i * 512], &vectors[j * 512], 512);
      (i / 40 == j / 40 ? same : different) += c;
      ++(i / 40 == j / 40 ? num_same : num_different);
    }
  INFO("same " << same / num_same << ", different " << different / num_different);
  CHECK(same / num_same > different / num_different + 0.4);
}

TEST_CASE("Vectors are deterministic, of norm sqrt(dim), and depend on text, seed and options", "[embedder]") {
  const std::vector<std::string> corpus = {"a war movie", "a funny comedy", "an old western", "a comedy about war"};
  EmbedOptions options;
  options.text_embedding_dim = 64;
  auto embedder = make_hash_embedder(options, source_of(corpus), 1);
  const auto vectors = embedder->embed(corpus);
  REQUIRE(vectors.size() == 4 * 64);
  CHECK(embedder->dim() == 64);
  CHECK(vectors == embedder->embed(corpus));
  CHECK(vectors == make_hash_embedder(options, source_of(corpus), 1)->embed(corpus));
  CHECK(vectors != make_hash_embedder(options, source_of(corpus), 2)->embed(corpus));
  for (int i = 0; i < 4; ++i) {
    const float* v = &vectors[i * 64];
    CHECK(std::inner_product(v, v + 64, v, 0.0) == Approx(64));
  }
  const auto again = embedder->embed({"A Funny Comedy!!"});
  CHECK(std::equal(again.begin(), again.end(), vectors.begin() + 64));
}

TEST_CASE("Inflected words are near through their characters; unknown text is zero", "[embedder]") {
  const std::vector<std::string> corpus = {"comedies", "westerns", "documentaries", "dramas"};
  EmbedOptions options;
  auto embedder = make_hash_embedder(options, source_of(corpus), 1);
  const auto v = embedder->embed({"comedies", "a comedy", "westerns", "xqz"});
  CHECK(cosine(&v[0], &v[512], 512) > 0.2);
  CHECK(cosine(&v[0], &v[512], 512) > cosine(&v[1024], &v[512], 512) + 0.2);
  CHECK(std::all_of(v.begin() + 3 * 512, v.end(), [](float x) { return x == 0; }));
  options.char_ngrams = 0;
  const auto words_only = make_hash_embedder(options, source_of(corpus), 1)->embed({"comedy"});
  CHECK(std::all_of(words_only.begin(), words_only.end(), [](float x) { return x == 0; }));
}

TEST_CASE("The fingerprint tells parameters and statistics apart", "[embedder]") {
  const EmbedOptions options;
  const auto print = [](const EmbedOptions& o, const std::vector<std::string>& corpus, uint64_t seed) {
    return make_hash_embedder(o, source_of(corpus), seed)->fingerprint();
  };
  const std::string base = print(options, {"a war movie", "x"}, 1);
  CHECK(base == print(options, {"x", "a war movie"}, 1));
  CHECK(base != print(options, {"a war movie", "y"}, 1));
  CHECK(base != print(options, {"a war movie", "x"}, 2));
  EmbedOptions other = options;
  other.char_weight = 0.5;
  CHECK(base != print(other, {"a war movie", "x"}, 1));
  CHECK_THROWS_AS(print(options, {}, 1), Error);
}

TEST_CASE("mark_negation tells what is turned down from what is wanted", "[embedder]") {
  const std::vector<std::string> corpus = {"a horror film", "no horror film", "a comedy film", "no comedy film"};
  EmbedOptions options;
  options.char_ngrams = 0;
  options.word_ngrams = 1;
  const auto likeness = [&](bool mark) {
    options.mark_negation = mark;
    const auto vectors = make_hash_embedder(options, source_of(corpus), 1)->embed({"a horror film", "no horror film"});
    return cosine(vectors.data(), vectors.data() + 512, 512);
  };
  CHECK(likeness(false) > 0.9);
  CHECK(likeness(true) < 0.3);
}

TEST_CASE("genre_weight says in the last coordinates which genres the words name", "[embedder]") {
  const std::vector<std::string> corpus = {"a horror film", "a comedy"};
  EmbedOptions options;
  options.text_embedding_dim = 64;
  const auto plain = make_hash_embedder(options, source_of(corpus), 1);
  options.genre_weight = 4;
  const auto embedder = make_hash_embedder(options, source_of(corpus), 1);
  CHECK(embedder->dim() == 64);
  CHECK(embedder->fingerprint() != plain->fingerprint());
  REQUIRE(genre_coordinates(options) == 18);
  const std::vector<float> vectors = embedder->embed({"a scary comedy, no drama", "xyzzy"});
  double squares = 0;
  for (size_t d = 0; d < 46; ++d) squares += vectors[d] * vectors[d];
  CHECK(squares == Approx(46));
  std::map<std::string_view, float> named;
  for (size_t g = 0; g < 18; ++g)
    if (vectors[46 + g] != 0) named[genre_name(g)] = vectors[46 + g];
  CHECK(named == std::map<std::string_view, float>{{"Comedy", 4.F}, {"Drama", -4.F}, {"Horror", 4.F}});
  CHECK(std::all_of(vectors.begin() + 64, vectors.end(), [](float v) { return v == 0; }));
}
