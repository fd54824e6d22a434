#include "latentcrs/remote/openai_embedder.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <mutex>
#include <optional>
#include <utility>

#include "check_options.h"
#include "embedding_probe.h"
#include "json_fields.h"
#include "latentcrs/remote/api_client.h"
#include "latentcrs/remote/api_error.h"
#include "latentcrs/remote/encoding.h"
#include "latentcrs/remote/openai.h"
#include "latentcrs/remote/parallel.h"
#include "latentcrs/remote/request_cache.h"
#include "latentcrs/util/error.h"

namespace latentcrs {

namespace {

using nlohmann::json;

static_assert(std::endian::native == std::endian::little, "base64 vectors are little-endian floats");

Error wrong_reply(const std::string& what) { return {ErrorKind::remote, "embeddings: " + what}; }

std::vector<float> parse_vector(const json& value) {
  std::vector<float> vector;
  if (value.is_array()) {
    for (const json& number : value) {
      if (!number.is_number()) throw wrong_reply("a vector holds something that is no number: " + number.dump());
      vector.push_back(number.get<float>());
    }
  } else if (value.is_string()) {
    const auto bytes = base64_decode(value.get_ref<const std::string&>());
    if (!bytes || bytes->size() % sizeof(float) != 0) throw wrong_reply("a vector is no base64 of floats");
    vector.resize(bytes->size() / sizeof(float));
    std::memcpy(vector.data(), bytes->data(), bytes->size());
  }
  for (const float number : vector)
    if (!std::isfinite(number)) throw wrong_reply("a vector holds a number that is not finite");
  return vector;
}

std::string to_base64(const float* vector, size_t size) {
  return base64_encode({reinterpret_cast<const char*>(vector), size * sizeof(float)});
}

class OpenAiEmbedder : public Embedder {
 public:
  OpenAiEmbedder(const RemoteEmbedOptions& options, int dim, const RemoteContext& context, std::string base_url)
      : options_(options),
        dim_(dim),
        url_(openai_url(base_url, "embeddings")),
        parameters_(parameters_object(options.parameters, "parameters")),
        prompt_(options.prompt, "prompt", kEmbeddingFields),
        credentials_(options.offline ? make_no_credentials()
                                     : make_openai_credentials(options.credentials, base_url, context)),
        client_(context, *credentials_, {options.http, options.retry, {}}) {
    if (!options.cache.empty()) cache_.emplace(options.cache);
  }

  int dim() const override { return dim_; }

  std::string fingerprint() const override {
    return json{{"url", url_}, {"model", options_.model}, {"parameters", parameters_}, {"prompt", options_.prompt}}
        .dump();
  }

  std::vector<float> embed(const std::vector<std::string>& texts) override {
    std::vector<float> vectors(texts.size() * width());
    std::vector<std::string> prompts, keys;
    std::vector<size_t> open;
    for (size_t i = 0; i < texts.size(); ++i) {
      prompts.push_back(prompt_.render({{"text", strip_markers(texts[i])}}));
      keys.push_back(cache_ ? RequestCache::key({{"embedder", fingerprint()}, {"prompt", prompts.back()}}) : "");
      const auto cached = cache_ ? cache_->find(keys.back()) : std::nullopt;
      if (!cached)
        open.push_back(i);
      else
        put(parse_embeddings(*cached, 1, dim_).data(), vectors, i);
    }
    if (open.empty()) return vectors;
    if (options_.offline)
      throw Error(ErrorKind::remote, fmt::format("embeddings: {} of {} texts are not in the cache, and offline=true",
                                                 open.size(), texts.size()));
    std::call_once(probed_, [this] { probe(); });

    const size_t batch = static_cast<size_t>(options_.batch_size);
    for_each_concurrently((open.size() + batch - 1) / batch, options_.concurrency, [&](size_t b) {
      const size_t begin = b * batch, end = std::min(begin + batch, open.size());
      json input = json::array();
      for (size_t k = begin; k < end; ++k) input.push_back(prompts[open[k]]);
      const std::vector<float> answer = parse_embeddings(ask(std::move(input)), end - begin, dim_);
      for (size_t k = begin; k < end; ++k) {
        const float* vector = answer.data() + (k - begin) * width();
        if (cache_) cache_->store(keys[open[k]], as_reply(vector));
        put(vector, vectors, open[k]);
      }
    });
    return vectors;
  }

 private:
  size_t width() const { return static_cast<size_t>(dim_); }

  void put(const float* vector, std::vector<float>& vectors, size_t row) const {
    std::copy(vector, vector + dim_, vectors.begin() + static_cast<ptrdiff_t>(row * width()));
  }

  /// One vector as a reply in base64, half the size of the server's.
  json as_reply(const float* vector) const {
    return {{"data", json::array({{{"index", 0}, {"embedding", to_base64(vector, width())}}})}};
  }

  json ask(json input) {
    json body = parameters_;
    body["model"] = options_.model;
    body["input"] = std::move(input);
    body["encoding_format"] = options_.encoding;
    const HttpResponse response = client_.call(
        {.method = "POST", .url = url_, .headers = {{"Content-Type", "application/json"}}, .body = body.dump()});
    if (!response.success()) {
      const bool too_long = response.body.find("too large to process") != std::string::npos;
      throw Error(ErrorKind::remote, fmt::format("{}: {}{}", display_url(url_), describe_failure(response),
                                                 too_long ? "; start llama-server with larger -b and -ub" : ""));
    }
    json reply = json::parse(response.body, nullptr, false);
    if (!reply.is_object()) throw wrong_reply(display_url(url_) + " answered something that is no JSON object");
    return reply;
  }

  void probe() {
    const std::string first = prompt_.render({{"text", "I would like something light for a rainy evening."}});
    const std::string second = prompt_.render({{"text", "Do you know any old war stories?"}});
    const json reply = ask({first, second});
    const json& data = field(reply, "data");
    if (data.is_array() && !data.empty()) {
      const size_t width_there = parse_vector(field(data.front(), "embedding")).size();
      if (width_there != width())
        throw config_error(
            fmt::format("{}: its vectors have {} numbers, text_embedding_dim is {}; set that, or the model, right",
                        display_url(url_), width_there, dim_));
    }
    check_probe_vectors(parse_embeddings(reply, 2, dim_), options_);
    check_prompt_tokens(client_, first, options_);
  }

  const RemoteEmbedOptions options_;
  const int dim_;
  const std::string url_;
  const json parameters_;
  const PromptTemplate prompt_;
  const std::unique_ptr<Credentials> credentials_;
  ApiClient client_;
  std::optional<RequestCache> cache_;
  std::once_flag probed_;
};

/// Length of a special token's text at the start of `text`, 0 if there is none: <…> of letters, digits, _, | and /, or
/// [INST] and its like.
size_t marker_length(std::string_view text) {
  constexpr size_t longest = 64;
  const char close = text[0] == '<' ? '>' : text[0] == '[' ? ']' : '\0';
  if (close == '\0') return 0;
  for (size_t i = 1; i < std::min(text.size(), longest); ++i) {
    const char c = text[i];
    if (c == close) return i > 1 ? i + 1 : 0;
    const bool upper = c >= 'A' && c <= 'Z', other = c == '_' || c == '|' || c == '/';
    const bool lower = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    // In brackets capitals only: [INST], but not [sic].
    if (!upper && !other && !(lower && close == '>')) return 0;
  }
  return 0;
}

}  // namespace

std::string strip_markers(std::string_view text) {
  std::string result(text);
  // Taking one out may join the halves of another.
  for (bool found = true; found;) {
    found = false;
    std::string kept;
    for (size_t i = 0; i < result.size();) {
      const size_t length = marker_length(std::string_view(result).substr(i));
      if (length == 0) kept += result[i];
      found = found || length > 0;
      i += std::max<size_t>(length, 1);
    }
    result = std::move(kept);
  }
  return result;
}

std::vector<float> parse_embeddings(const json& reply, size_t count, int dim) {
  const json& data = field(reply, "data");
  if (!data.is_array() || data.size() != count)
    throw wrong_reply(fmt::format("{} vectors in place of {}", data.is_array() ? data.size() : 0, count));
  const auto width = static_cast<size_t>(dim);
  std::vector<float> vectors(count * width);
  std::vector<bool> seen(count);
  for (const json& row : data) {
    const json& index = field(row, "index");
    if (!index.is_number_unsigned() || index.get<size_t>() >= count || seen[index.get<size_t>()])
      throw wrong_reply(fmt::format("index {} is missing, repeated or too large", index.dump()));
    const auto at = index.get<size_t>();
    seen[at] = true;
    const std::vector<float> vector = parse_vector(field(row, "embedding"));
    if (vector.size() != width)
      throw wrong_reply(fmt::format("a vector of {} numbers in place of {}", vector.size(), dim));
    std::copy(vector.begin(), vector.end(), vectors.begin() + static_cast<ptrdiff_t>(at * width));
  }
  return vectors;
}

std::unique_ptr<Embedder> make_openai_embedder(const RemoteEmbedOptions& options, int dim,
                                               const RemoteContext& context) {
  check_options(options);
  return std::make_unique<OpenAiEmbedder>(options, dim, context, checked_base_url(options.base_url, "base_url"));
}

}  // namespace latentcrs
