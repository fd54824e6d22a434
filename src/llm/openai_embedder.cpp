#include "llm/openai_embedder.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstring>
#include <mutex>
#include <optional>
#include <utility>

#include "llm/check_options.h"
#include "llm/embedding_probe.h"
#include "llm/hopeless_reply.h"
#include "llm/openai.h"
#include "transport/api_client.h"
#include "transport/api_error.h"
#include "transport/encoding.h"
#include "transport/json_fields.h"
#include "transport/parallel.h"
#include "transport/request_cache.h"
#include "transport/url.h"
#include "util/error.h"
#include "util/text.h"

namespace latentcrs {

namespace {

using nlohmann::json;

static_assert(std::endian::native == std::endian::little, "base64 vectors are little-endian floats");

Error wrong_reply(const std::string& what) { return {ErrorKind::remote, "embeddings: " + what}; }

/// A JSON value on one short line, for messages.
std::string short_text(const json& value) {
  constexpr size_t limit = 60;
  std::string text = value.dump(-1, ' ', false, json::error_handler_t::replace);
  if (text.size() > limit) text = text.substr(0, limit) + "\u2026";
  return text;
}

/// The list of numbers in `value`: `value` itself, or the only row of a list of rows, as some servers write it.
const json& only_row(const json& value) {
  if (!value.is_array() || value.empty() || !value.front().is_array()) return value;
  if (value.size() > 1)
    throw wrong_reply(fmt::format("the server returns a vector per token ({} rows for a text), so pooling is off; {}",
                                  value.size(), how_to_start_embeddings()));
  return value.front();
}

std::vector<float> parse_vector(const json& given) {
  const json& value = only_row(given);
  std::vector<float> vector;
  if (value.is_array()) {
    for (const json& number : value) {
      if (!number.is_number()) throw wrong_reply("a vector holds something that is no number: " + short_text(number));
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

/// The index of the text that each row of `data` belongs to. Servers leave out an index of 0 or, where the list is in
/// order, every index.
std::vector<size_t> row_order(const json& data) {
  std::vector<std::optional<size_t>> given;
  for (const json& row : data) {
    const json& index = field(row, "index");
    size_t number = 0;
    if (index.is_number() && index.get<double>() >= 0 && std::floor(index.get<double>()) == index.get<double>()) {
      given.emplace_back(static_cast<size_t>(std::min(index.get<double>(), 0x1p53)));  // past any index
    } else if (index.is_string()) {
      const std::string& text = index.get_ref<const std::string&>();
      const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (failure != std::errc() || end != text.data() + text.size())
        throw wrong_reply(fmt::format("index {} is no number", short_text(index)));
      given.emplace_back(number);
    } else if (index.is_null()) {
      given.emplace_back();
    } else {
      throw wrong_reply(fmt::format("index {} is no number", short_text(index)));
    }
  }
  const auto without = std::count(given.begin(), given.end(), std::nullopt);
  std::vector<size_t> order;
  std::vector<bool> seen(data.size());
  for (size_t i = 0; i < given.size(); ++i) {
    const bool in_order = without == static_cast<ptrdiff_t>(given.size());
    if (!given[i] && !in_order && without > 1) throw wrong_reply("index is missing in some rows");
    order.push_back(given[i] ? *given[i] : in_order ? i : 0);
    if (order.back() >= data.size() || seen[order.back()])
      throw wrong_reply(fmt::format("index {} is missing, repeated or too large", order.back()));
    seen[order.back()] = true;
  }
  return order;
}

std::string to_base64(const float* vector, size_t size) {
  return base64_encode({reinterpret_cast<const char*>(vector), size * sizeof(float)});
}

class OpenAiEmbedder : public Embedder {
 public:
  OpenAiEmbedder(const EmbeddingService& service, int dim, const RemoteContext& context, const std::string& base_url)
      : service_(service),
        options_(service_.options),
        dim_(dim),
        url_(openai_url(base_url, "embeddings")),
        parameters_(parameters_object(options_.parameters, "parameters")),
        prompt_(service_.prompt, "prompt", kEmbeddingFields),
        credentials_(service_.shared.offline ? make_no_credentials()
                                             : make_openai_credentials(options_.credentials, base_url, context)),
        client_(context, *credentials_, {service_.shared.http, service_.shared.retry, {}}) {
    if (!service_.shared.cache.empty()) cache_.emplace(service_.shared.cache);
  }

  int dim() const override { return dim_; }

  std::string fingerprint() const override {
    return json{{"url", url_}, {"model", options_.model}, {"parameters", parameters_}, {"prompt", service_.prompt}}
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
    if (service_.shared.offline)
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

  /// A vector as a reply in base64, which takes half the space of the server's reply.
  json as_reply(const float* vector) const {
    return {{"data", json::array({{{"index", 0}, {"embedding", to_base64(vector, width())}}})}};
  }

  json ask(json input) {
    json body = parameters_;
    body["model"] = options_.model;
    body["input"] = std::move(input);
    body["encoding_format"] = options_.encoding;
    const HttpResponse response = client_.call(
        {.method = "POST", .url = url_, .headers = {{"Content-Type", "application/json"}}, .body = body.dump()},
        without_hidden_error);
    throw_if_hopeless(response, url_, service_.section);
    if (!response.success())
      throw Error(ErrorKind::remote,
                  fmt::format("{}: {}{}", display_url(url_), describe_failure(response), advice(response)));
    json reply = json::parse(response.body, nullptr, false);
    if (!reply.is_object()) throw wrong_reply(display_url(url_) + " answered something that is no JSON object");
    return reply;
  }

  /// Advice on a refusal whose words name its cause; empty for others.
  std::string advice(const HttpResponse& response) const {
    const std::string body = lower_case(response.body);
    const auto says = [&](std::string_view words) { return body.find(words) != std::string::npos; };
    if (says("too large to process")) return "; start llama-server with larger -b and -ub";
    if (says("pooling type 'none'")) return std::string("; pooling is off: ") + std::string(how_to_start_embeddings());
    if (response.status != 400 && response.status != 422) return {};
    bool unknown = false;
    std::string names;
    for (const auto& [name, value] : parameters_.items()) {
      names += (names.empty() ? "" : ", ") + name;
      unknown = unknown || says(name);
    }
    for (const std::string_view words :
         {"extra_forbidden", "extra inputs", "unrecognized", "unrecognised", "unknown field", "unknown parameter",
          "unexpected", "unknown name", "not permitted", "additional properties", "unsupported parameter"})
      unknown = unknown || says(words);
    if (!unknown || names.empty()) return {};
    return fmt::format("; the server does not take all of {} ({}): leave out what it does not know",
                       setting_name(service_.section, "parameters"), names);
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
    check_probe_vectors(parse_embeddings(reply, 2, dim_), service_);
    check_prompt_tokens(client_, first, service_);
  }

  const EmbeddingService service_;
  const RemoteEmbedOptions& options_;  ///< of service_
  const int dim_;
  const std::string url_;
  const json parameters_;
  const PromptTemplate prompt_;
  const std::unique_ptr<Credentials> credentials_;
  ApiClient client_;
  std::optional<RequestCache> cache_;
  std::once_flag probed_;
};

/// The length of a special token's text at the start of `text`, 0 if it does not begin with one. Such a text is <…> of
/// letters, digits, _, | and /, or [INST] and the like.
size_t marker_length(std::string_view text) {
  constexpr size_t longest = 64;
  const char close = text[0] == '<' ? '>' : text[0] == '[' ? ']' : '\0';
  if (close == '\0') return 0;
  for (size_t i = 1; i < std::min(text.size(), longest); ++i) {
    const char c = text[i];
    if (c == close) return i > 1 ? i + 1 : 0;
    const bool upper = c >= 'A' && c <= 'Z', other = c == '_' || c == '|' || c == '/';
    const bool lower = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    // Only capitals make a token in brackets: [INST], but not [sic].
    if (!upper && !other && !(lower && close == '>')) return 0;
  }
  return 0;
}

}  // namespace

std::string strip_markers(std::string_view text) {
  std::string result(text);
  // Removing one token may join the halves of another.
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
  const std::vector<size_t> order = row_order(data);
  for (size_t i = 0; i < count; ++i) {
    const size_t at = order[i];
    const std::vector<float> vector = parse_vector(field(data[i], "embedding"));
    if (vector.size() != width)
      throw wrong_reply(fmt::format("a vector of {} numbers in place of {}", vector.size(), dim));
    std::copy(vector.begin(), vector.end(), vectors.begin() + static_cast<ptrdiff_t>(at * width));
  }
  return vectors;
}

std::unique_ptr<Embedder> make_openai_embedder(const EmbeddingService& service, int dim, const RemoteContext& context) {
  return naming_settings(service.section, [&]() -> std::unique_ptr<Embedder> {
    check_options(service);
    return std::make_unique<OpenAiEmbedder>(service, dim, context,
                                            checked_base_url(service.options.base_url, "base_url"));
  });
}

}  // namespace latentcrs
