#include "language/llm/openai_embedder.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstring>
#include <mutex>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>

#include "base/util/error.h"
#include "base/util/text.h"
#include "language/llm/check_options.h"
#include "language/llm/embedding_probe.h"
#include "language/llm/hopeless_reply.h"
#include "language/llm/openai.h"
#include "language/llm/special_tokens.h"
#include "language/transport/api_client.h"
#include "language/transport/api_error.h"
#include "language/transport/encoding.h"
#include "language/transport/json_fields.h"
#include "language/transport/parallel.h"
#include "language/transport/request_cache.h"
#include "language/transport/url.h"

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
    if (!bytes || bytes->empty() || bytes->size() % sizeof(float) != 0)
      throw wrong_reply("a vector is no base64 of floats");
    vector.resize(bytes->size() / sizeof(float));
    std::memcpy(vector.data(), bytes->data(), bytes->size());
  }
  if (vector.empty()) throw wrong_reply("a vector holds no numbers");
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
    json all = {{"url", url_}, {"model", options_.model}, {"parameters", parameters_}, {"prompt", service_.prompt}};
    if (options_.alone) all["alone"] = true;
    return all.dump();
  }

  void on_progress(const std::function<void(size_t)>& embedded) override { embedded_ = embedded; }

  EmbeddingPlan plan(const std::vector<std::string>& texts) override {
    const Questions questions = questions_of(texts);
    EmbeddingPlan plan{.prompts = {}, .cached = questions.prompts.size() - questions.open.size()};
    for (const size_t place : questions.open) plan.prompts.push_back(questions.prompts[place]);
    return plan;
  }

  std::vector<float> embed(const std::vector<std::string>& texts) override {
    Questions questions = questions_of(texts);
    if (!questions.open.empty()) {
      if (service_.shared.offline)
        throw Error(ErrorKind::remote, fmt::format("embeddings: {} of {} texts are not in the cache, and offline=true",
                                                   questions.open.size(), texts.size()));
      std::call_once(probed_, [this] { probe(); });
    }
    ask_open(questions);
    std::vector<float> vectors(texts.size() * width());
    for (size_t i = 0; i < texts.size(); ++i) {
      const std::vector<float>& vector = questions.vectors[questions.of_text[i]];
      std::copy(vector.begin(), vector.end(), vectors.begin() + static_cast<ptrdiff_t>(i * width()));
    }
    return vectors;
  }

 private:
  size_t width() const { return static_cast<size_t>(dim_.load()); }

  /// The different prompts of some texts, in the order of their first text.
  struct Questions {
    std::vector<size_t> of_text;  ///< for each text
    std::vector<std::string> prompts, keys;
    std::vector<std::vector<float>> vectors;  ///< empty where it is open
    std::vector<size_t> open;
  };

  Questions questions_of(const std::vector<std::string>& texts) {
    Questions questions;
    std::unordered_map<std::string, size_t> known;
    const std::string identity = fingerprint();
    size_t answered = 0;
    for (const std::string& text : texts) {
      const std::string prompt = prompt_.render({{"text", strip_markers(text)}});
      const auto [place, is_new] = known.emplace(prompt, questions.prompts.size());
      questions.of_text.push_back(place->second);
      if (!is_new) continue;
      questions.prompts.push_back(prompt);
      questions.keys.push_back(cache_ ? RequestCache::key({{"embedder", identity}, {"prompt", prompt}}) : "");
      const auto cached = cache_ ? cache_->find(questions.keys.back()) : std::nullopt;
      questions.vectors.push_back(cached ? parse_embeddings(*cached, 1, dim_) : std::vector<float>{});
      if (!cached)
        questions.open.push_back(place->second);
      else if (dim_ == 0)
        dim_ = static_cast<int>(questions.vectors.back().size());
      answered += cached ? 1 : 0;
    }
    if (embedded_ && answered > 0) embedded_(answered);
    return questions;
  }

  void ask_open(Questions& questions) {
    const std::vector<size_t>& open = questions.open;
    const size_t batch = options_.alone ? 1 : static_cast<size_t>(options_.batch_size);
    std::mutex mutex;
    ask_concurrently((open.size() + batch - 1) / batch, options_.alone ? 1 : options_.concurrency, [&](size_t b) {
      const auto asked = std::span(open).subspan(b * batch, std::min(batch, open.size() - b * batch));
      json input = json::array();
      for (const size_t place : asked) input.push_back(questions.prompts[place]);
      return [this, &questions, &mutex, asked, response = send(std::move(input))] {
        keep_vectors(questions, asked, read_reply(response));
        const std::lock_guard lock(mutex);
        if (embedded_) embedded_(asked.size());
      };
    });
  }

  /// Takes the vectors of the questions `asked` from a reply, and stores them.
  void keep_vectors(Questions& questions, std::span<const size_t> asked, const json& reply) {
    const std::vector<float> answer = parse_embeddings(reply, asked.size(), dim_);
    std::vector<std::pair<std::string, json>> replies;
    for (size_t k = 0; k < asked.size(); ++k)
      replies.emplace_back(questions.keys[asked[k]], as_reply(answer.data() + k * width()));
    if (cache_) replies = stored(std::move(replies));
    for (size_t k = 0; k < asked.size(); ++k)
      questions.vectors[asked[k]] = parse_embeddings(replies[k].second, 1, dim_);
  }

  /// The replies that are in the cache now: another process may have stored one of them first.
  std::vector<std::pair<std::string, json>> stored(std::vector<std::pair<std::string, json>> replies) {
    std::vector<json> kept = cache_->store_all(replies);
    for (size_t i = 0; i < replies.size(); ++i) replies[i].second = std::move(kept[i]);
    return replies;
  }

  /// A vector as a reply in base64, which takes half the space of the server's reply.
  json as_reply(const float* vector) const {
    return {{"data", json::array({{{"index", 0}, {"embedding", to_base64(vector, width())}}})}};
  }

  json ask(json input) { return read_reply(send(std::move(input))); }

  /// The server's answer to some prompts. Throws Error(remote) for a refusal.
  HttpResponse send(json input) {
    json body = parameters_;
    body["model"] = options_.model;
    body["input"] = std::move(input);
    body["encoding_format"] = options_.encoding;
    HttpResponse response = client_.call(
        {.method = "POST", .url = url_, .headers = {{"Content-Type", "application/json"}}, .body = body.dump()},
        without_hidden_error);
    throw_if_hopeless(response, url_, service_.section);
    if (!response.success())
      throw Error(ErrorKind::remote,
                  fmt::format("{}: {}{}", display_url(url_), describe_failure(response), advice(response)));
    return response;
  }

  json read_reply(const HttpResponse& response) const {
    json reply = json::parse(response.body, nullptr, false);
    if (!reply.is_object()) throw wrong_reply(display_url(url_) + " answered something that is no JSON object");
    return reply;
  }

  /// Advice on a server that is down, and on a refusal whose words name its cause; empty for others.
  std::string advice(const HttpResponse& response) const {
    if (const std::string own = advice_on_own_server(url_, response); !own.empty()) return own;
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

  /// Takes the width of a reply's vectors where it is not known, or throws Error(config) where it is another.
  void settle_width(const json& reply) {
    const json& data = field(reply, "data");
    if (!data.is_array() || data.empty()) return;
    const size_t width_there = parse_vector(field(data.front(), "embedding")).size();
    if (dim_ == 0) dim_ = static_cast<int>(width_there);
    if (width_there != width())
      throw config_error(
          fmt::format("{}: its vectors have {} numbers, text_embedding_dim is {}; set that, or the model, right, or "
                      "{}=true",
                      display_url(url_), width_there, dim_.load(), setting_name(service_.section, "ask_width")));
  }

  void probe() {
    std::vector<std::string> prompts;
    for (const std::string& text : probe_texts(options_)) prompts.push_back(prompt_.render({{"text", text}}));
    EmbeddingProbe probe{.prompts = prompts};
    probe.together.push_back(ask(options_.alone ? json::array({prompts.front()}) : json(prompts)));
    settle_width(probe.together.front());
    if (options_.alone) {
      for (size_t i = 1; i < prompts.size(); ++i) probe.together.push_back(ask(json::array({prompts[i]})));
    } else {
      for (const std::string& prompt : {prompts.front(), prompts.back()})
        probe.alone.push_back(ask(json::array({prompt})));
    }
    check_probe(probe, dim_, service_);
    check_prompt_tokens(client_, prompts.front(), service_);
  }

  const EmbeddingService service_;
  const RemoteEmbedOptions& options_;  ///< of service_
  std::atomic<int> dim_;               ///< 0: not known yet
  const std::string url_;
  const json parameters_;
  const PromptTemplate prompt_;
  const std::unique_ptr<Credentials> credentials_;
  ApiClient client_;
  std::optional<RequestCache> cache_;
  std::once_flag probed_;
  std::function<void(size_t)> embedded_;
};

}  // namespace

std::vector<float> parse_embeddings(const json& reply, size_t count, int dim) {
  const json& data = field(reply, "data");
  if (!data.is_array() || data.size() != count)
    throw wrong_reply(fmt::format("{} vectors in place of {}", data.is_array() ? data.size() : 0, count));
  auto width = static_cast<size_t>(dim);
  if (width == 0 && count > 0) width = parse_vector(field(data.front(), "embedding")).size();
  std::vector<float> vectors(count * width);
  const std::vector<size_t> order = row_order(data);
  for (size_t i = 0; i < count; ++i) {
    const size_t at = order[i];
    const std::vector<float> vector = parse_vector(field(data[i], "embedding"));
    if (vector.size() != width)
      throw wrong_reply(fmt::format("a vector of {} numbers in place of {}", vector.size(), width));
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
