#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "base/util/error.h"
#include "base/util/files.h"
#include "base/util/random.h"
#include "base/util/utf8.h"
#include "language/text/embedder.h"
#include "language/text/genre_words.h"
#include "language/text/negation.h"
#include "language/text/words.h"

namespace latentcrs {

namespace {

constexpr double kStopWordWeight = 0.1;  ///< factor for n-grams with a stop word
constexpr int kCoordinatesPerFeature = 4;
constexpr int kShortestCharNgram = 3;

/// A hashed n-gram; the lowest bit tells whether it holds a stop word.
using Feature = uint64_t;

Feature make_feature(uint64_t hash, bool stop) { return (mix64(hash) & ~uint64_t{1}) | (stop ? 1 : 0); }

uint64_t hash_text(std::string_view text, uint64_t hash) {
  for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;  // FNV-1a
  return hash;
}

/// The n-grams of one text, sorted, with repetitions.
struct Features {
  std::vector<Feature> words, chars;
};

Features extract_features(const std::string& text, const EmbedOptions& options) {
  constexpr uint64_t kWordSeed = 0xcbf29ce484222325ull, kCharSeed = 0x84222325cbf29ce4ull;
  std::vector<Word> words = split_words(text);
  std::vector<bool> stop;
  for (const Word& word : words) stop.push_back(is_stop_word(word.text));
  if (options.mark_negation) {
    const std::vector<bool> negated = negated_words(text, words);
    for (size_t i = 0; i < words.size(); ++i)
      if (negated[i]) words[i].text.insert(0, "not ");
  }

  Features features;
  for (size_t i = 0; i < words.size(); ++i) {
    uint64_t hash = kWordSeed;
    bool any_stop = false;
    for (size_t n = 0; n < static_cast<size_t>(options.word_ngrams) && i + n < words.size(); ++n) {
      hash = hash_text(words[i + n].text, hash_text(" ", hash));
      any_stop = any_stop || stop[i + n];
      features.words.push_back(make_feature(hash, any_stop));
    }
    if (stop[i]) continue;
    const std::string padded = "<" + words[i].text + ">";
    std::vector<size_t> starts;  // where each character begins; the last entry is the end
    for (std::string_view rest = padded; !rest.empty(); rest.remove_prefix(utf8_length(rest)))
      starts.push_back(padded.size() - rest.size());
    starts.push_back(padded.size());
    for (size_t n = kShortestCharNgram; n <= static_cast<size_t>(options.char_ngrams); ++n)
      for (size_t c = 0; c + n < starts.size(); ++c)
        features.chars.push_back(make_feature(
            hash_text(std::string_view(padded).substr(starts[c], starts[c + n] - starts[c]), kCharSeed), false));
  }
  std::sort(features.words.begin(), features.words.end());
  std::sort(features.chars.begin(), features.chars.end());
  return features;
}

/// Calls visit(feature, count) for each distinct feature of a sorted list.
template <class Visit>
void for_each_distinct(const std::vector<Feature>& sorted, Visit visit) {
  for (size_t i = 0; i < sorted.size();) {
    size_t end = i;
    while (end < sorted.size() && sorted[end] == sorted[i]) ++end;
    visit(sorted[i], end - i);
    i = end;
  }
}

class HashEmbedder : public Embedder {
 public:
  HashEmbedder(const EmbedOptions& options, const TextSource& corpus, uint64_t seed)
      : options_(options), seed_(derive_seed(seed, "hash embedder")) {
    corpus([this](const std::string& text) { count(text); });
    if (num_texts_ == 0)
      throw data_error("offline embedder: there are no training utterances to take word statistics from");
    fingerprint_ = make_fingerprint();
  }

  std::vector<float> embed(const std::vector<std::string>& texts) override {
    const auto dim = static_cast<size_t>(options_.text_embedding_dim);
    std::vector<float> result(texts.size() * dim);
    std::vector<double> sum(dim - genre_coordinates(options_));
    for (size_t t = 0; t < texts.size(); ++t) {
      if (sum.size() < dim) write_genres(texts[t], &result[t * dim + sum.size()]);
      const Features features = extract_features(texts[t], options_);
      std::fill(sum.begin(), sum.end(), 0.0);
      project(features.words, 1.0, sum);
      project(features.chars, options_.char_weight, sum);
      double squares = 0;
      for (double x : sum) squares += x * x;
      if (squares == 0) continue;
      const double scale = std::sqrt(static_cast<double>(sum.size()) / squares);
      for (size_t d = 0; d < sum.size(); ++d) result[t * dim + d] = static_cast<float>(sum[d] * scale);
    }
    return result;
  }

  int dim() const override { return options_.text_embedding_dim; }
  std::string fingerprint() const override { return fingerprint_; }

 private:
  void count(const std::string& text) {
    ++num_texts_;
    const Features features = extract_features(text, options_);
    for (const auto* list : {&features.words, &features.chars})
      for_each_distinct(*list, [&](Feature feature, size_t) { ++document_counts_[feature]; });
  }

  /// The last coordinates: genre_weight for a genre that is named, its negative for one that is only turned down.
  void write_genres(const std::string& text, float* coordinates) const {
    for (const GenreMention& mention : find_genres(text)) {
      float& coordinate = coordinates[mention.genre];
      const bool rejected = mention.stance == Stance::refused;
      if (!rejected || coordinate == 0)
        coordinate = static_cast<float>(rejected ? -options_.genre_weight : options_.genre_weight);
    }
  }

  /// The tf-idf weight of a feature. It is 0 for a feature that no training utterance has, because nothing was learnt
  /// about it.
  double weight(Feature feature, size_t count) const {
    const auto found = document_counts_.find(feature);
    if (found == document_counts_.end()) return 0;
    const double idf = std::log((static_cast<double>(num_texts_) + 1) / found->second);
    const double stop = (feature & 1) != 0 ? kStopWordWeight : 1.0;
    return stop * idf * (1 + std::log(static_cast<double>(count)));
  }

  /// Adds the features' weights, scaled to the norm `norm`, to the coordinates that each feature's hash names.
  void project(const std::vector<Feature>& features, double norm, std::vector<double>& sum) const {
    double squares = 0;
    for_each_distinct(features, [&](Feature f, size_t count) { squares += std::pow(weight(f, count), 2); });
    if (squares == 0) return;
    const double scale = norm / std::sqrt(squares);
    for_each_distinct(features, [&](Feature feature, size_t count) {
      const double value = weight(feature, count) * scale;
      if (value == 0) return;
      Rng coordinates(feature ^ seed_);
      for (int i = 0; i < kCoordinatesPerFeature; ++i) {
        const uint64_t draw = coordinates.next();
        sum[(draw >> 32) * sum.size() >> 32] += (draw & 1) != 0 ? value : -value;
      }
    });
  }

  std::string make_fingerprint() const {
    std::vector<std::pair<Feature, uint32_t>> counts(document_counts_.begin(), document_counts_.end());
    std::sort(counts.begin(), counts.end());
    std::string statistics;
    for (const auto& [feature, count] : counts) statistics += fmt::format("{:x} {}\n", feature, count);
    const std::string genres =
        options_.genre_weight > 0 ? fmt::format(", genres x {}", options_.genre_weight) : std::string();
    return fmt::format(
        "offline hashed n-grams 1: dim {}, words {}, characters {} x {}{}, seed {:x}, {} texts, counts {}",
        options_.text_embedding_dim, options_.word_ngrams, options_.char_ngrams, options_.char_weight, genres, seed_,
        num_texts_, sha256(statistics));
  }

  EmbedOptions options_;
  uint64_t seed_;
  size_t num_texts_ = 0;
  std::unordered_map<Feature, uint32_t> document_counts_;
  std::string fingerprint_;
};

}  // namespace

size_t genre_coordinates(const EmbedOptions& options) { return options.genre_weight > 0 ? kNumGenres : 0; }

std::unique_ptr<Embedder> make_hash_embedder(const EmbedOptions& options, const TextSource& corpus, uint64_t seed) {
  return std::make_unique<HashEmbedder>(options, corpus, seed);
}

}  // namespace latentcrs
