#include "language/llm/openai_embedder.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>

#include "base/util/error.h"
#include "base/util/files.h"
#include "base/util/log.h"
#include "language/llm/special_tokens.h"
#include "language/transport/encoding.h"
#include "services/fake_server.h"
#include "services/remote_fixture.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using namespace latentcrs::test;
using Catch::Matchers::Contains;
using nlohmann::json;

namespace {

constexpr int kDim = 4;

/// The vector that the fake server makes of a prompt: its length and its first bytes.
std::vector<float> vector_of(const std::string& prompt, bool unit) {
  std::vector<float> vector = {static_cast<float>(prompt.size()), 0.5f, -1.25f, static_cast<float>(prompt[0])};
  double norm = 0;
  for (const float v : vector) norm += v * v;
  if (unit)
    for (float& v : vector) v = static_cast<float>(v / std::sqrt(norm));
  return vector;
}

/// An embedding server with switches for everything that may be wrong with it.
struct EmbeddingServer {
  bool unit = false, alike = false, reversed = false, has_tokenize = true, adds_bos = true, is_llama_cpp = false;
  size_t dim = kDim;
  float neighbours = 0;  ///< added to a number of each vector for every other text of the request
  int prompt_tokens = 0;

  Answer operator()(const Request& request) const {
    const json body = json::parse(request.body);
    if (request.path == "/tokenize") return tokenize(body);
    if (request.path != "/v1/embeddings") return {.status = 404};
    json data = json::array();
    for (size_t i = 0; i < body["input"].size(); ++i) {
      auto vector = vector_of(alike ? "same" : body["input"][i].get<std::string>(), unit);
      vector[1] += neighbours * static_cast<float>(body["input"].size() - 1);
      vector.resize(dim);
      json embedding = vector;
      if (body["encoding_format"] == "base64")
        embedding = base64_encode({reinterpret_cast<const char*>(vector.data()), vector.size() * sizeof(float)});
      data.push_back({{"object", "embedding"}, {"index", i}, {"embedding", embedding}});
    }
    if (reversed) std::reverse(data.begin(), data.end());
    return {.body = json{{"data", data}, {"model", "m"}, {"usage", {{"prompt_tokens", prompt_tokens}}}}.dump()};
  }

 private:
  /// One token a character and one for each of <|…|>, 128000 for the start of text.
  Answer tokenize(const json& body) const {
    if (!has_tokenize) return {.status = 404};
    const char* key = is_llama_cpp ? "content" : "prompt";
    if (!body.contains(key)) return {.body = R"({"tokens":[]})"};
    std::vector<int> tokens;
    if (adds_bos && body.value(is_llama_cpp ? "add_special" : "add_special_tokens", true)) tokens.push_back(128000);
    const std::string text = body[key];
    for (size_t i = 0; i < text.size();) {
      const size_t end = text.compare(i, 2, "<|") == 0 ? text.find("|>", i) : std::string::npos;
      const std::string marker = end == std::string::npos ? "" : text.substr(i, end + 2 - i);
      tokens.push_back(marker.empty() ? text[i] : marker == "<|begin_of_text|>" ? 128000 : 128001);
      i += std::max<size_t>(marker.size(), 1);
    }
    return {.body = json{{"count", tokens.size()}, {"tokens", tokens}}.dump()};
  }
};

const std::string kBefore = R"(<|start_header_id|>user<|end_header_id|>This sentence : ")";
const std::string kAfter = R"(" means in one word:"<|eot_id|><|start_header_id|>assistant<|end_header_id|>)";

struct EmbedderFixture {
  EmbedderFixture() {
    service.prompt = kBefore + "{text}" + kAfter;
    service.options.base_url = server.url() + "/v1";
    service.options.model = "m";
    service.options.batch_size = 3;
    service.shared.cache = "";
    service.shared.retry.max_attempts = 2;
  }
  std::unique_ptr<Embedder> embedder() { return make_openai_embedder(service, kDim, remote.context()); }
  std::string failure() {
    try {
      embedder()->embed({"x"});
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }

  EmbeddingServer behaviour;
  FakeServer server{[this](const Request& request) { return behaviour(request); }};
  RemoteFixture remote;
  EmbeddingService service;
};

}  // namespace

TEST_CASE("the shipped prompt is the published one in the chat markers of Llama 3", "[openai_embedder]") {
  CHECK(read_file(source_path("configs/prompts/embedding.txt")) == kBefore + "{text}" + kAfter + "\n");
}

TEST_CASE("the shipped prompts have the chat markers of their models", "[openai_embedder]") {
  const auto markers = [](const char* name) {
    PromptTemplate::load(source_path("configs/prompts") / name, kEmbeddingFields);
    return special_markers(read_file(source_path("configs/prompts") / name));
  };
  using Markers = std::vector<std::string>;
  CHECK(markers("embedding_plain.txt").empty());
  CHECK(markers("embedding_gemma.txt") == Markers{"<start_of_turn>", "<end_of_turn>"});
  CHECK(markers("embedding_chatml.txt") == Markers{"<|im_start|>", "<|im_end|>"});
}

TEST_CASE("the shipped prompts of further tasks have a place for the text", "[openai_embedder]") {
  for (const char* name : {"embedding_topic.txt", "embedding_mood.txt"}) {
    const auto prompt =
        PromptTemplate::load(source_path("configs/prompts") / name, kEmbeddingFields).render({{"text", "calm jazz"}});
    CHECK_THAT(prompt, Catch::StartsWith("<|start_header_id|>user<|end_header_id|>") && Contains("\"calm jazz\"") &&
                           Catch::EndsWith("in one word:\"<|eot_id|><|start_header_id|>assistant<|end_header_id|>"));
  }
}

TEST_CASE("texts go out in the model's prompt and come back as rows in order", "[openai_embedder]") {
  EmbedderFixture fixture;
  const std::vector<std::string> texts = {"a", "bbb", "cc <|eot_id|>", "dddd", "e", "ff", "g"};
  std::vector<float> expected;
  for (const std::string& text : texts) {
    const auto row = vector_of(kBefore + strip_markers(text) + kAfter, false);
    expected.insert(expected.end(), row.begin(), row.end());
  }
  CHECK(fixture.embedder()->embed(texts) == expected);
  // Of the probe: all texts and two of them alone, "a", three markers, the start of text and the prompt; three batches.
  CHECK(fixture.server.count() == 3 + 6 + 3);
  const json body = json::parse(fixture.server.requests()[0].body);
  CHECK(body["model"] == "m");
  CHECK(body["use_activation"] == false);
  CHECK(body["embd_normalize"] == -1);
  CHECK(body["encoding_format"] == "float");

  fixture.behaviour.reversed = true;
  CHECK(fixture.embedder()->embed(texts) == expected);
  fixture.service.options.encoding = "base64";
  CHECK(fixture.embedder()->embed(texts) == expected);
  CHECK(fixture.embedder()->embed({}).empty());
}

TEST_CASE("a wrong embedding server is refused before it embeds anything", "[openai_embedder]") {
  EmbedderFixture fixture;
  auto& is = fixture.behaviour;
  CHECK(fixture.failure() == "");

  is.unit = true;
  CHECK_THAT(fixture.failure(), Contains("length 1") && Contains("--pooler-config") && Contains("--pooling last"));
  fixture.service.options.accept_unit_vectors = true;
  CHECK(fixture.failure() == "");
  is.unit = false;
  is.alike = true;
  CHECK_THAT(fixture.failure(), Contains("same vector"));
  is.alike = false;
  is.dim = 3;
  CHECK_THAT(fixture.failure(), Contains("have 3 numbers, text_embedding_dim is 4"));
  is.dim = kDim;

  for (const bool llama_cpp : {false, true}) {
    is.is_llama_cpp = llama_cpp;
    is.adds_bos = true;
    CHECK(fixture.failure() == "");
    fixture.service.prompt = "<|begin_of_text|>" + kBefore + "{text}" + kAfter;
    CHECK_THAT(fixture.failure(),
               Contains("begins with 2 start-of-text tokens in place of 1") && Contains("leave the marker out"));
    fixture.service.options.bos_tokens = 2;  // the published way
    CHECK(fixture.failure() == "");
    fixture.service.options.bos_tokens = 1;
    fixture.service.prompt = kBefore + "{text}" + kAfter;
    is.adds_bos = false;
    CHECK_THAT(fixture.failure(), Contains("begins with 0") && Contains("put the marker at the start"));
  }
  // auto: what the server itself puts in front, once or not at all.
  fixture.service.options.bos_marker = "auto";
  for (const bool adds : {false, true}) {
    is.adds_bos = adds;
    CHECK(fixture.failure() == "");
  }
  fixture.service.prompt = "<|begin_of_text|>" + kBefore + "{text}" + kAfter;
  CHECK_THAT(fixture.failure(), Contains("begins with 2 start-of-text tokens in place of 1"));
  fixture.service.prompt = "<start_of_turn>user {text}";
  CHECK_THAT(fixture.failure(),
             Contains("'<start_of_turn>' of the prompt is no single token of m") && Contains("embedding_gemma.txt"));
  fixture.service.prompt = kBefore + "{text}" + kAfter;
  fixture.service.options.bos_marker = "<s>";
  CHECK_THAT(fixture.failure(), Contains("'<s>' is no single token"));
  is.has_tokenize = false;
  CHECK(fixture.failure() == "");
}

TEST_CASE("the width is asked of the server, or taken from stored vectors", "[openai_embedder]") {
  TempDir dir;
  EmbedderFixture fixture;
  fixture.service.shared.cache = (dir / "vectors").string();
  const auto any_width = [&] { return make_openai_embedder(fixture.service, 0, fixture.remote.context()); };
  const auto first = any_width();
  CHECK(first->dim() == 0);
  const auto fails = [&](const char* embedding, const std::string& why) {
    fixture.server.answer_next({{.body = fmt::format(R"({{"data":[{{"index":0,"embedding":{}}}]}})", embedding)}});
    CHECK_THROWS_WITH(any_width()->embed({"empty"}), Contains(why));
  };
  fails("[]", "holds no numbers");
  fails("\"\"", "no base64 of floats");
  fails("null", "holds no numbers");
  const auto vectors = first->embed({"one", "two"});
  CHECK(first->dim() == kDim);
  CHECK(vectors.size() == 2 * kDim);
  const size_t asked = fixture.server.count();
  const auto second = any_width();
  CHECK(second->embed({"two", "one", "two"}).size() == 3 * kDim);
  CHECK(second->dim() == kDim);
  CHECK(fixture.server.count() == asked);
}

TEST_CASE("the same text is sent once, and the number of finished texts is told", "[openai_embedder]") {
  EmbedderFixture fixture;
  const auto embedder = fixture.embedder();
  embedder->embed({"warm"});
  const size_t before = fixture.server.count();
  size_t told = 0;
  embedder->on_progress([&](size_t texts) { told += texts; });
  const auto vectors = embedder->embed({"a", "b", "a", "a", "c", "b"});
  CHECK(fixture.server.count() == before + 1);
  CHECK(told == 3);
  CHECK(std::equal(vectors.begin(), vectors.begin() + kDim, vectors.begin() + 2 * kDim));
}

TEST_CASE("what a server does silently is said", "[openai_embedder]") {
  const TempDir dir;
  const auto log_of = [&](EmbedderFixture& fixture) {
    log::add_file(dir / "log");
    fixture.embedder()->embed({"x", "y"});
    log::flush();
    std::string text = read_file(dir / "log");
    std::filesystem::remove(dir / "log");
    return text;
  };
  EmbedderFixture fixture;
  fixture.behaviour.prompt_tokens = 100;
  CHECK_THAT(log_of(fixture), Contains("vectors of 4 numbers, mean cosine of two") && Contains("bytes a token") &&
                                  Contains("beside others differs by 0 of its length") &&
                                  Contains("the vectors hardly differ"));
  fixture.behaviour.neighbours = 20;
  CHECK_THAT(log_of(fixture), Contains("changes by") && Contains("alone=true"));

  // One text at a time: nothing stands beside it.
  fixture.service.options.alone = true;
  const size_t before = fixture.server.count();
  CHECK_THAT(log_of(fixture), !Contains("changes by"));
  for (size_t i = before; i < fixture.server.count(); ++i) {
    const json body = json::parse(fixture.server.requests()[i].body);
    if (body.contains("input")) CHECK(body["input"].size() == 1);
  }
  const std::string alone = fixture.embedder()->fingerprint();
  fixture.service.options.alone = false;
  CHECK(fixture.embedder()->fingerprint() != alone);

  fixture.behaviour.prompt_tokens = 3;
  CHECK_THAT(fixture.failure(), Contains("counts one token for") && Contains("does not embed the prompts"));
}

TEST_CASE("an embedding is never made up", "[openai_embedder]") {
  EmbedderFixture fixture;
  const auto embedder = fixture.embedder();
  embedder->embed({"warm"});
  const auto fails = [&](const Answer& answer, const std::string& why) {
    fixture.server.answer_next({answer});
    CHECK_THROWS_WITH(embedder->embed({"a", "b"}), Contains(why));
  };
  fails({.status = 400, .body = R"({"error":{"message":"bad"}})"}, "HTTP 400: bad");
  fails({.body = "<html>"}, "no JSON object");
  fails({.body = R"({"data":[{"index":0,"embedding":[1,2,3,4]}]})"}, "1 vectors in place of 2");
  fails({.body = R"({"data":[{"index":0,"embedding":[1,2,3,4]},{"index":0,"embedding":[1,2,3,4]}]})"},
        "index 0 is missing, repeated");
  fails({.body = R"({"data":[{"index":0,"embedding":[1,2,3,4]},{"index":2,"embedding":[1,2,3,4]}]})"}, "index 2");
  fails({.body = R"({"data":[{"index":0,"embedding":[1,2,3,4]},{"index":1,"embedding":[1,2,3]}]})"},
        "3 numbers in place of 4");
  fails({.body = R"({"data":[{"index":0,"embedding":[1,2,3,4]},{"index":1,"embedding":[1,2,3,null]}]})"},
        "no number: null");
  fails({.body = R"({"data":[{"index":0,"embedding":[1,2,3,1e99]},{"index":1,"embedding":[1,2,3,4]}]})"}, "not finite");
  fails({.body = R"({"data":[{"index":0,"embedding":"!!"},{"index":1,"embedding":[1,2,3,4]}]})"}, "base64");
  fixture.server.answer_next(
      {{.status = 500, .body = R"({"error":{"code":500,"message":"input (900 tokens) is too large to process"}})"}});
  CHECK_THROWS_WITH(embedder->embed({"a"}), Contains("larger -b and -ub"));
  fixture.server.answer_next({{.status = 503, .body = R"({"error":{"code":503,"message":"Loading model"}})"}});
  CHECK(embedder->embed({"a"}).size() == kDim);
}

TEST_CASE("embeddings in every shape that servers give them", "[openai_embedder]") {
  const std::vector<float> expected = {1, 2, 3, 4, 5, 6, 7, 8};
  for (const char* data : {
           R"([{"index":0,"embedding":[1,2,3,4]},{"index":1,"embedding":[5,6,7,8]}])",
           R"([{"index":1,"embedding":[5,6,7,8]},{"index":0,"embedding":[1,2,3,4]}])",
           R"([{"embedding":[1,2,3,4]},{"embedding":[5,6,7,8]}])",
           R"([{"embedding":[1,2,3,4]},{"index":1,"embedding":[5,6,7,8]}])",
           R"([{"index":1,"embedding":[5,6,7,8]},{"embedding":[1,2,3,4]}])",
           R"([{"index":null,"embedding":[1,2,3,4]},{"index":null,"embedding":[5,6,7,8]}])",
           R"([{"index":"1","embedding":[5,6,7,8]},{"index":"0","embedding":[1,2,3,4]}])",
           R"([{"index":0.0,"embedding":[1,2,3,4]},{"index":1.0,"embedding":[5,6,7,8]}])",
           R"([{"index":0,"embedding":[[1,2,3,4]]},{"index":1,"embedding":[[5,6,7,8]]}])",
       }) {
    INFO(data);
    CHECK(parse_embeddings({{"data", json::parse(data)}}, 2, kDim) == expected);
  }
  const auto refused = [](const char* data) {
    try {
      parse_embeddings({{"data", json::parse(data)}}, 2, kDim);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK_THAT(refused(R"([{"index":1,"embedding":[5,6,7,8]},{"index":1.5,"embedding":[1,2,3,4]}])"),
             Contains("1.5 is no number"));
  CHECK_THAT(refused(R"([{"index":0,"embedding":[5,6,7,8]},{"embedding":[1,2,3,4]}])"),
             Contains("index 0 is missing, repeated"));
  CHECK_THAT(refused(R"([{"index":0,"embedding":[5,6,7,8]},{"index":1e300,"embedding":[1,2,3,4]}])"),
             Contains("repeated or too large"));
  const std::string tokens =
      refused(R"([{"index":0,"embedding":[[1,2,3,4],[1,2,3,4]]},{"index":1,"embedding":[[5,6,7,8]]}])");
  CHECK_THAT(tokens, Contains("a vector per token") && Contains("pooling is off") && !Contains("\n"));
}

TEST_CASE("refusals of an embedding server name the setting", "[openai_embedder]") {
  EmbedderFixture fixture;
  fixture.service.section = "embed.remote";
  const auto fails = [&](const Answer& answer, const std::string& why, size_t requests) {
    const size_t before = fixture.server.count();
    fixture.server.answer_next({answer});
    const std::string failure = fixture.failure();
    CHECK_THAT(failure, Contains(why) && !Contains("\n"));
    CHECK(failure.size() < 700);
    CHECK(fixture.server.count() == before + requests);
  };
  fails({.status = 400, .body = R"({"error":{"message":"Unrecognized request argument supplied: embd_normalize"}})"},
        "embed.remote.parameters (embd_normalize, use_activation)", 1);
  fails({.status = 422, .body = R"({"detail":[{"type":"extra_forbidden","loc":["body","use_activation"]}]})"},
        "embed.remote.parameters", 1);
  fails({.status = 307}, "check embed.remote.base_url", 1);
  fails({.status = 404}, "embed.remote.model, embed.remote.base_url", 1);
  fails({.body = R"({"error":{"message":"Insufficient credits","code":402}})"}, "Insufficient credits", 1);
  fails({.status = 500, .body = R"({"error":{"code":500,"message":"input (900 tokens) is too large to process"}})"},
        "larger -b and -ub", 1);
  std::string rows;
  for (int i = 0; i < 2000; ++i) rows += std::string(i == 0 ? "" : ",") + "[0.123456,0.2,0.3,0.4]";
  fails({.body = R"({"data":[{"index":0,"embedding":[)" + rows + R"(]},{"index":1,"embedding":[)" + rows + "]}]}"},
        "a vector per token", 1);
  fixture.service.options.base_url = "nowhere";
  CHECK_THROWS_WITH(fixture.embedder(), Contains("embed.remote.base_url=nowhere"));
}

TEST_CASE("stored vectors need no server", "[openai_embedder]") {
  TempDir dir;
  EmbedderFixture fixture;
  fixture.service.shared.cache = (dir / "vectors").string();
  const auto first = fixture.embedder()->embed({"one", "two", "three", "four"});
  const size_t asked = fixture.server.count();
  CHECK(fixture.embedder()->embed({"four", "one"}) ==
        std::vector<float>{first[12], first[13], first[14], first[15], first[0], first[1], first[2], first[3]});
  CHECK(fixture.server.count() == asked);
  CHECK(fixture.embedder()->embed({"one", "five"}).size() == 2 * kDim);
  const json last = json::parse(fixture.server.requests().back().body);
  CHECK(last["input"].size() == 1);

  const std::string before = fixture.embedder()->fingerprint();
  fixture.service.prompt = "Now: {text}";
  CHECK(fixture.embedder()->fingerprint() != before);
  fixture.service.prompt = "no field";
  CHECK_THROWS_WITH(fixture.embedder(), Contains("{text}"));
}

TEST_CASE("nothing in a text reads as a special token", "[openai_embedder]") {
  CHECK(strip_markers("I like <|eot_id|>jazz</s> [INST]now[/INST] <start_of_turn>") == "I like jazz now ");
  CHECK(strip_markers("<|eot<|eot_id|>_id|>") == "");
  CHECK(strip_markers("a < b and c > d, 3<4, [sic] [Live] <3 <> []") == "a < b and c > d, 3<4, [sic] [Live] <3 <> []");
  CHECK(strip_markers("<unfinished") == "<unfinished");
  CHECK(strip_markers("") == "");
}
