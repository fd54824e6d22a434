// Settings of the language-model services: defaults that are the values of other keys, and objects sent as they are.
#include <catch2/catch.hpp>

#include "base/util/error.h"
#include "config/config_files.h"

namespace latentcrs::test {

using Catch::Matchers::Contains;

TEST_CASE("The other models' settings follow the simulator's, one by one") {
  const Config config = ConfigFiles()
                            .load({"simulate.chat.model=a", "simulate.chat.concurrency=3",
                                   "simulate.chat.credentials.api_key_env=KEY", "evaluate.extractor.chat.model=b"})
                            .config;
  CHECK(config.evaluate.extractor.chat.model == "b");
  CHECK(config.evaluate.extractor.chat.concurrency == 3);
  CHECK(config.evaluate.extractor.chat.credentials.api_key_env == "KEY");
  CHECK(config.evaluate.zero_shot.chat.model == "a");
  // The default is the value of the simulator's setting.
  CHECK(ConfigFiles()
            .load({"simulate.chat.model=a", "evaluate.extractor.chat.model=b", "~evaluate.extractor.chat.model"})
            .config.evaluate.extractor.chat.model == "a");
}

TEST_CASE("Parameters are a map, or the text of a JSON object") {
  const auto parameters = [](const std::string& text) {
    return ConfigFiles("simulate: {chat: {parameters: " + text + "}}\n").load().config.simulate.chat.parameters;
  };
  CHECK(parameters("{temperature: 0.5, seed: 7, stop: [a, 'b c'], think: {level: LOW}, stream: false}") ==
        R"({"temperature":0.5,"seed":7,"stop":["a","b c"],"think":{"level":"LOW"},"stream":false})");
  CHECK(parameters(R"('{"seed": "7"}')") == R"({"seed": "7"})");
  CHECK(parameters("{}") == "{}");
  CHECK(parameters("") == "{}");
  CHECK_THROWS_WITH(parameters("[1]"), Contains("simulate.chat.parameters") && Contains("JSON object"));
  CHECK_THROWS_WITH(parameters("'{1}'"), Contains("JSON object"));
  CHECK(ConfigFiles().load({"simulate.chat.parameters={seed: 7}"}).config.evaluate.zero_shot.chat.parameters ==
        R"({"seed":7})");
}

TEST_CASE("Every embedding task has a prompt of its own") {
  const auto embed = [](std::vector<std::string> overrides) {
    overrides.emplace_back("embed.provider=openai");
    return ConfigFiles().load(overrides).config.embed;
  };
  CHECK(embed({}).prompt_templates == std::vector<std::string>{"prompts/embedding.txt"});
  CHECK(embed({"embed.prompt_template=mine.txt"}).prompt_templates == std::vector<std::string>{"mine.txt"});
  const std::string tasks = "datasets.meta_task_keys=[raw, Emotion Detection]";
  CHECK(embed({tasks, "embed.prompt_templates=[a.txt, b.txt]"}).prompt_templates.size() == 2);
  CHECK_THROWS_WITH(embed({tasks}), Contains("2 embedding tasks, but 1 prompt templates"));
  CHECK_NOTHROW(ConfigFiles().load({tasks}));  // files of these tasks may come from elsewhere
  for (const char* bad : {"[raw, raw]", "[a/b]", "[..]", "['']"})
    CHECK_THROWS_WITH(ConfigFiles().load({std::string("datasets.meta_task_keys=") + bad}), Contains("meta_task_keys"));
}

TEST_CASE("Mistakes in the services' settings are found at load") {
  const auto fails = [](const std::string& override, const std::string& why) {
    CHECK_THROWS_WITH(ConfigFiles().load({override}), Contains(why));
  };
  fails("simulate.provider=vertex_bach", "did you mean vertex_batch?");
  fails("simulate.provider=none", "choices: offline, gemini, gemini_batch, vertex, vertex_batch, openai, openai_batch");
  fails("embed.provider=gemini", "choices: offline, openai");
  fails("simulate.chat.concurrency=0", "must be in [1, 256]");
  fails("evaluate.extractor.chat.concurrency=257", "must be in [1, 256]");
  fails("simulate.chat.credentials.kind=password", "choices: auto, api_key");
  fails("simulate.chat.credentials.api_key=abc", "unknown key");  // no key is ever part of a config
  fails("simulate.batch.max_megabytes=0", "must be in (0, 1000]");
  fails("services.retry.max_wait=0.5", "is less than the first wait");
  fails("simulate.chat.max_cost=3", "a limit needs a price");
  fails("services.http.proxy=proxy.example.org:port", "must be an address");
  fails("services.http.proxy_env=LOGIN", "of no use without services.http.proxy");
  CHECK_THROWS_WITH(ConfigFiles().load({"services.http.proxy=http://me:S3cret@proxy:3128"}),
                    Contains("services.http.proxy_env") && !Contains("S3cret"));
  CHECK_THROWS_WITH(ConfigFiles("services: {http: {proxy: 'http://me:S3cret@proxy:3128'}}\n").load(),
                    Contains("must hold no user and password") && !Contains("S3cret"));
  for (const char* good : {"http://proxy:3128", "https://proxy.example.org", "socks5h://[::1]:1080", "proxy:3128"})
    CHECK_NOTHROW(ConfigFiles().load({"services.http.proxy='" + std::string(good) + "'"}));
  fails("evaluate.zero_shot.inputs=[all, both]", "choices: all, text, items");
}

}  // namespace latentcrs::test
