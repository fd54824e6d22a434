#include "llm/embedding_probe.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "llm/check_options.h"
#include "transport/json_fields.h"
#include "transport/url.h"
#include "util/error.h"
#include "util/log.h"

namespace latentcrs {

namespace {

using nlohmann::json;
using Tokens = std::vector<int64_t>;

constexpr std::string_view kHowToStart =
    "start vLLM with --runner pooling --convert embed --pooler-config "
    R"('{"pooling_type":"LAST","use_activation":false}')"
    ", or llama.cpp with llama-server --embedding --pooling last -c N -b N -ub N";

std::optional<Tokens> tokens_in(const HttpResponse& response) {
  const json reply = response.success() ? json::parse(response.body, nullptr, false) : json();
  const json& list = field(reply, "tokens");
  if (!list.is_array() || list.empty()) return std::nullopt;
  Tokens tokens;
  for (const json& token : list) {
    if (!token.is_number_integer()) return std::nullopt;
    tokens.push_back(token.get<int64_t>());
  }
  return tokens;
}

std::optional<Tokens> tokenize(ApiClient& client, const std::string& text, const RemoteEmbedOptions& options) {
  std::string root = checked_base_url(options.base_url, "base_url");
  if (root.ends_with("/v1")) root.resize(root.size() - 3);
  const json parameters = parameters_object(options.parameters, "parameters");
  const bool add_special = parameters.value("add_special_tokens", true);
  const json vllm = {{"model", options.model}, {"prompt", text}, {"add_special_tokens", add_special}};
  const json llama_cpp = {{"content", text}, {"add_special", true}, {"parse_special", true}};
  for (const json& body : {vllm, llama_cpp}) {
    const HttpResponse response = client.call({.method = "POST",
                                               .url = root + "/tokenize",
                                               .headers = {{"Content-Type", "application/json"}},
                                               .body = body.dump()});
    if (auto tokens = tokens_in(response)) return tokens;
  }
  return std::nullopt;
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

void check_prompt_tokens(ApiClient& client, const std::string& prompt, const EmbeddingService& service) {
  const RemoteEmbedOptions& options = service.options;
  if (options.bos_marker.empty()) return;
  const std::string server = display_url(options.base_url);
  const auto marker = tokenize(client, options.bos_marker, options);
  if (!marker) {
    log::debug("{}: no /tokenize, so the start of the prompt cannot be checked", server);
    return;
  }
  if (marker->size() > 2 || marker->front() != marker->back())
    throw config_error(fmt::format("{}: '{}' is no single token of {}; set {} to the model's own (empty: none)", server,
                                   options.bos_marker, options.model, setting_name(service.section, "bos_marker")));
  const auto tokens = tokenize(client, prompt, options);
  if (!tokens) return;
  const auto rest = std::find_if(tokens->begin(), tokens->end(), [&](int64_t t) { return t != marker->back(); });
  const auto found = std::distance(tokens->begin(), rest);
  if (found != options.bos_tokens)
    throw config_error(fmt::format(
        "{}: the prompt begins with {} start-of-text tokens in place of {}; {}", server, found, options.bos_tokens,
        found > options.bos_tokens ? "the server adds one itself: leave the marker out of `prompt`"
                                   : "put the marker at the start of `prompt`"));
}

}  // namespace latentcrs
