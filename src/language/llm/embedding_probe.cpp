#include "language/llm/embedding_probe.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>

#include "base/util/error.h"
#include "base/util/log.h"
#include "language/llm/check_options.h"
#include "language/llm/openai_embedder.h"
#include "language/llm/special_tokens.h"
#include "language/text/vector_spread.h"
#include "language/transport/json_fields.h"
#include "language/transport/url.h"

namespace latentcrs {

namespace {

using nlohmann::json;
using Tokens = std::vector<int64_t>;

constexpr std::string_view kHowToStart =
    "start vLLM with --runner pooling --convert embed --pooler-config "
    R"('{"pooling_type":"LAST","use_activation":false}')"
    ", or llama.cpp with llama-server --embedding --pooling last -c N -b N -ub N";

/// /tokenize of a server, in one of the two forms that it may have.
class Tokenizer {
 public:
  Tokenizer(ApiClient& client, const RemoteEmbedOptions& options)
      : client_(client),
        model_(options.model),
        adds_(parameters_object(options.parameters, "parameters").value("add_special_tokens", true)) {
    root_ = checked_base_url(options.base_url, "base_url");
    if (root_.ends_with("/v1")) root_.resize(root_.size() - 3);
    for (const Form form : {Form::vllm, Form::llama_cpp}) {
      form_ = form;
      known_ = known_ || !tokens("a", Special::as_for_vectors).empty();
      if (known_) break;
    }
  }

  enum class Special { as_for_vectors, none };

  /// Whether the server has /tokenize.
  bool known() const { return known_; }

  Tokens tokens(const std::string& text, Special special) const {
    const bool add = special == Special::as_for_vectors && adds_;
    const json vllm = {{"model", model_}, {"prompt", text}, {"add_special_tokens", add}};
    const json llama_cpp = {{"content", text}, {"add_special", add}, {"parse_special", true}};
    const HttpResponse response = client_.call({.method = "POST",
                                                .url = root_ + "/tokenize",
                                                .headers = {{"Content-Type", "application/json"}},
                                                .body = (form_ == Form::vllm ? vllm : llama_cpp).dump()});
    const json reply = response.success() ? json::parse(response.body, nullptr, false) : json();
    const json& list = field(reply, "tokens");
    Tokens tokens;
    if (!list.is_array()) return tokens;
    for (const json& token : list) {
      if (!token.is_number_integer()) return {};
      tokens.push_back(token.get<int64_t>());
    }
    return tokens;
  }

  /// The token that the server puts in front of a text; nothing if it puts none there.
  std::optional<int64_t> start() const {
    const Tokens with = tokens("a", Special::as_for_vectors), without = tokens("a", Special::none);
    const bool added = with.size() > without.size() && !without.empty() && with.front() != without.front();
    return added ? std::optional(with.front()) : std::nullopt;
  }

 private:
  enum class Form { vllm, llama_cpp };

  ApiClient& client_;
  const std::string model_;
  const bool adds_;
  std::string root_;
  Form form_ = Form::vllm;
  bool known_ = false;
};

double length_of(std::span<const float> vector) {
  double sum = 0;
  for (const float value : vector) sum += static_cast<double>(value) * value;
  return std::sqrt(sum);
}

/// |a - b| / |b|
double relative_distance(std::span<const float> a, std::span<const float> b) {
  std::vector<float> difference(a.begin(), a.end());
  for (size_t i = 0; i < difference.size(); ++i) difference[i] -= b[i];
  return length_of(difference) / std::max(length_of(b), 1e-30);
}

/// The bytes for each token that the server counted over all prompts; 0 where it did not count.
double bytes_per_token(const EmbeddingProbe& probe) {
  int64_t tokens = 0, bytes = 0;
  for (const json& reply : probe.together) tokens += count(field(reply, "usage"), "prompt_tokens");
  for (const std::string& prompt : probe.prompts) bytes += static_cast<int64_t>(prompt.size());
  return tokens > 0 ? static_cast<double>(bytes) / static_cast<double>(tokens) : 0;
}

void check_counts(const EmbeddingProbe& probe, const EmbeddingService& service) {
  constexpr double refused = 20, doubtful = 8;
  const double bytes = bytes_per_token(probe);
  const std::string server = display_url(service.options.base_url);
  if (bytes > refused)
    throw config_error(fmt::format(
        "{}: counts one token for {:.0f} bytes: it does not embed the prompts as they are sent", server, bytes));
  if (bytes > doubtful) log::warn("{}: counts one token for {:.1f} bytes: it may shorten texts", server, bytes);
}

void check_markers(const Tokenizer& tokenizer, const EmbeddingService& service) {
  for (const std::string& marker : special_markers(service.prompt))
    if (tokenizer.tokens(marker, Tokenizer::Special::none).size() != 1)
      throw config_error(fmt::format(
          "{}: '{}' of the prompt is no single token of {}; take the file with this model's chat markers for "
          "embed.prompt_templates: prompts/embedding.txt (Llama 3), embedding_gemma.txt, embedding_chatml.txt (Qwen, "
          "SmolLM), or embedding_plain.txt for a model of sentences",
          display_url(service.options.base_url), marker, service.options.model));
}

}  // namespace

std::string_view how_to_start_embeddings() { return kHowToStart; }

void check_probe_vectors(const std::vector<float>& vectors, const EmbeddingService& service) {
  const RemoteEmbedOptions& options = service.options;
  constexpr double near = 1e-3;
  const size_t dim = vectors.size() / 2;
  double norms[2] = {0, 0}, distance = 0;
  for (size_t i = 0; i < dim; ++i) {
    const double a = vectors[i], b = vectors[dim + i];
    norms[0] += a * a;
    norms[1] += b * b;
    distance += (a - b) * (a - b);
  }
  const std::string server = display_url(options.base_url);
  if (distance <= 1e-12 * norms[0])
    throw config_error(fmt::format("{}: different texts have the same vector: the last token is not what is pooled; {}",
                                   server, kHowToStart));
  const bool unit =
      std::all_of(std::begin(norms), std::end(norms), [&](double n) { return std::abs(std::sqrt(n) - 1) < near; });
  if (unit && !options.accept_unit_vectors)
    throw config_error(
        fmt::format("{}: its vectors have length 1, but the model's own are wanted; {} (or set "
                    "{}=true)",
                    server, kHowToStart, setting_name(service.section, "accept_unit_vectors")));
}

std::vector<std::string> probe_texts(const RemoteEmbedOptions& options) {
  const std::vector<std::string> texts = {"I would like something light for a rainy evening.",
                                          "Do you know any old war stories?",
                                          "A comedy from the nineties with the children would be great.",
                                          "Something frightening, please, but without much blood.",
                                          "What is good for a long journey by train?",
                                          "I loved the last one, so more of the same director.",
                                          "Robots and spaceships!",
                                          "It should be about a family that falls apart, sad but honest."};
  const size_t most = options.alone ? texts.size() : static_cast<size_t>(std::max(options.batch_size, 2));
  return {texts.begin(), texts.begin() + static_cast<ptrdiff_t>(std::min(texts.size(), most))};
}

void check_probe(const EmbeddingProbe& probe, int dim, const EmbeddingService& service) {
  constexpr double visible_effect = 1e-3;
  const auto width = static_cast<size_t>(dim);
  std::vector<float> vectors;
  for (const json& reply : probe.together) {
    const std::vector<float> some = parse_embeddings(reply, probe.prompts.size() / probe.together.size(), dim);
    vectors.insert(vectors.end(), some.begin(), some.end());
  }
  const auto row = [&](size_t i) { return std::span<const float>(vectors).subspan(i * width, width); };
  check_probe_vectors({vectors.begin(), vectors.begin() + static_cast<ptrdiff_t>(2 * width)}, service);
  check_counts(probe, service);
  const VectorSpread spread = spread_of(vectors, width);
  const std::string server = display_url(service.options.base_url);
  std::string line = fmt::format("{}: vectors of {} numbers, {}", server, dim, to_text(spread));
  if (const double bytes = bytes_per_token(probe); bytes > 0) line += fmt::format(", {:.1f} bytes a token", bytes);
  double effect = 0;
  for (size_t i = 0; i < probe.alone.size(); ++i)
    effect = std::max(effect, relative_distance(row(i == 0 ? 0 : probe.prompts.size() - 1),
                                                parse_embeddings(probe.alone[i], 1, dim)));
  if (!probe.alone.empty()) line += fmt::format(", a text beside others differs by {:.2g} of its length", effect);
  log::info("{}", line);
  if (effect > visible_effect)
    log::warn(
        "{}: a text's vector changes by {:.1f} % with the texts beside it, as quantised models' do: vectors that are "
        "made in another order, or after an interruption, are others; {}=true sends one text at a time",
        server, 100 * effect, setting_name(service.section, "alone"));
  if (varies_little(spread))
    log::warn("{}: the vectors hardly differ; try embed.center=true, or a prompt without chat markers", server);
}

void check_prompt_tokens(ApiClient& client, const std::string& prompt, const EmbeddingService& service) {
  const RemoteEmbedOptions& options = service.options;
  const std::string server = display_url(options.base_url);
  if (options.bos_marker.empty() && special_markers(service.prompt).empty()) return;
  const Tokenizer tokenizer(client, options);
  if (!tokenizer.known()) {
    log::debug("{}: no /tokenize, so the prompt's tokens cannot be checked", server);
    return;
  }
  check_markers(tokenizer, service);
  if (options.bos_marker.empty()) return;
  const bool asked = options.bos_marker == "auto";
  std::optional<int64_t> start;
  if (asked) {
    start = tokenizer.start();
  } else {
    const Tokens marker = tokenizer.tokens(options.bos_marker, Tokenizer::Special::none);
    if (marker.size() != 1)
      throw config_error(
          fmt::format("{}: '{}' is no single token of {}; set {} to the model's own, or to auto (empty: "
                      "not checked)",
                      server, options.bos_marker, options.model, setting_name(service.section, "bos_marker")));
    start = marker.front();
  }
  if (!start) return;
  const Tokens tokens = tokenizer.tokens(prompt, Tokenizer::Special::as_for_vectors);
  const auto rest = std::find_if(tokens.begin(), tokens.end(), [&](int64_t token) { return token != *start; });
  const auto found = std::distance(tokens.begin(), rest);
  const auto wanted = asked ? 1 : options.bos_tokens;
  if (found != wanted)
    throw config_error(fmt::format("{}: the prompt begins with {} start-of-text tokens in place of {}; {}", server,
                                   found, wanted,
                                   found > wanted ? "the server adds one itself: leave the marker out of `prompt`"
                                                  : "put the marker at the start of `prompt`"));
}

}  // namespace latentcrs
