// The program with language models behind it: a server on this machine plays all of them.
#include <algorithm>
#include <catch2/catch.hpp>
#include <mutex>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "base/util/files.h"
#include "services/fake_models.h"
#include "support/subprocess.h"
#include "support/temp_dir.h"

using namespace latentcrs::test;
using Catch::Matchers::Contains;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

constexpr const char* kKey = "sk-a-very-secret-key";
constexpr size_t kDim = 16;

/// Answers as a user, an extractor, a recommender or an embedder, depending on the request.
Answer every_model(const Request& request) {
  if (request.path == "/v1/models") return {.body = R"({"data":[{"id":"chatter"}]})"};
  if (request.path == "/v1/embeddings") {
    json data = json::array();
    const json inputs = json::parse(request.body).at("input");
    for (size_t i = 0; i < inputs.size(); ++i) {
      std::vector<double> vector(kDim, 0.0);
      const std::string text = inputs[i];
      for (size_t c = 0; c < text.size(); ++c) vector[static_cast<unsigned char>(text[c]) % kDim] += 1;
      data.push_back({{"index", i}, {"embedding", vector}});
    }
    return {.body = json{{"data", data}}.dump()};
  }
  if (request.path != "/v1/chat/completions") return {.status = 404};
  const std::string asked = openai_question(json::parse(request.body));
  if (asked.find("human intents") != std::string::npos)
    return {.body = openai_reply(R"({"human intents": ["a calm evening"], "item features": []})").dump()};
  if (asked.find("JSON array") != std::string::npos)
    return {.body = openai_reply(R"x(["No Such Film (1901)", "Another One"])x").dump()};
  json reply = openai_reply("I would like something calm, in " + std::to_string(asked.size()) + " letters.");
  reply["usage"]["prompt_tokens"] = asked.size() / 4;
  return {.body = reply.dump()};
}

struct Services {
  std::vector<std::string> command(const std::string& name, std::vector<std::string> more) const {
    std::vector<std::string> words = {LATENTCRS_BINARY, name, "-c", source_path("configs/tiny.yaml")};
    for (const char* word : {"threads=1", "exp_name=served", "pretrain.epochs=1", "epochs=1",
                             "datasets.filter_keys=[raw]", "datasets.multi_turn_users=6", "simulate=openai",
                             "embed=openai", "embed.text_embedding_dim=16", "evaluate.extractor.provider=openai",
                             "evaluate.zero_shot.provider=openai", "evaluate.zero_shot.inputs=[all, text, items]",
                             "evaluate.zero_shot.users=5", "embed.remote.model=embedder", "simulate.chat.model=chatter",
                             "simulate.chat.price.input_per_million=2", "simulate.chat.price.output_per_million=10"})
      words.emplace_back(word);
    words.push_back("simulate.chat.base_url=" + url + "/v1");
    words.push_back("embed.remote.base_url=" + url + "/v1");
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  Finished run(const std::string& name, const std::vector<std::string>& more = {}) const {
    const Finished finished =
        run_process(command(name, more), {.folder = dir.path(), .environment = {{"OPENAI_API_KEY", kKey}}});
    CHECK_FALSE(Contains(kKey).match(finished.out + finished.err));
    return finished;
  }
  fs::path folder() const { return dir / "outputs/served"; }

  TempDir dir;
  std::string url;
};

size_t files_with_key(const fs::path& folder) {
  size_t found = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    found += entry.is_regular_file() && Contains(kKey).match(latentcrs::read_file(entry.path())) ? 1 : 0;
  return found;
}

}  // namespace

TEST_CASE("the whole pipeline with language models: dry run, run, replay without them", "[services]") {
  Services services;
  std::string utterances;
  {
    FakeServer server(every_model);
    services.url = server.url();
    REQUIRE(services.run("preprocess").exit_code == 0);
    const Finished dry = services.run("run", {"--dry-run"});
    INFO(dry.err);
    CHECK(dry.exit_code == 0);
    CHECK_THAT(dry.out, Contains("simulate") && Contains("embed") && Contains("extractor (at most)") &&
                            Contains("zero shot, items") && Contains("chatter (openai)"));
    CHECK(server.count() == 0);
    CHECK_FALSE(fs::exists(services.folder() / "simulate"));

    const Finished run = services.run("run", {"--tables"});
    INFO(run.err);
    REQUIRE(run.exit_code == 0);
    CHECK_THAT(run.out, Contains("zero shot, all, in catalogue") && Contains("SR@5"));
    for (const Request& request : server.requests())
      if (request.path == "/v1/chat/completions")
        CHECK(request.header("authorization") == std::string("Bearer ") + kKey);
    utterances = read_text(services.folder() / "simulate/processed_data/tiny-ml_combination.jsonl");
    CHECK_THAT(utterances, Contains("I would like something calm"));
    CHECK_THAT(read_text(services.folder() / "evaluate/transcripts.jsonl"), Contains("a calm evening"));
    CHECK_THAT(read_text(services.folder() / "evaluate/zero_shot_text.jsonl"), Contains("No Such Film"));
    CHECK(files_with_key(services.dir.path()) == 0);

    CHECK_THAT(services.run("run").err, Contains("simulate: up to date") && Contains("evaluate: up to date"));
    // The way of asking does not change an answer; the question does.
    CHECK_THAT(services.run("simulate", {"simulate.chat.concurrency=2", "services.retry.max_attempts=2"}).err,
               Contains("simulate: up to date"));
    CHECK_THAT(services.run("doctor", {"--services"}).out, Contains("evaluate.zero_shot") && Contains("works"));
    CHECK(services.run("doctor", {"--services", "simulate.chat.model=nobody"}).exit_code == 4);

    // Users without a reply leave every row of the table where a setting says so.
    const fs::path said = services.folder() / "simulate/processed_data/tiny-ml_raw_seedtest.jsonl";
    const std::string all = read_text(said);
    write_text(said, all.substr(all.find('\n') + 1));
    const Finished fewer = services.run("evaluate", {"compat.drop_missing_replies=true", "evaluate.zero_shot.users=0"});
    INFO(fewer.err);
    REQUIRE(fewer.exit_code == 0);
    const json table = json::parse(read_text(services.folder() / "evaluate/zero_shot.json"));
    for (const auto& [name, row] : table.items()) {
      CAPTURE(name);
      CHECK(row.at("users") == table.at("with text").at("users"));
    }
    write_text(said, all);
  }
  // The server is gone.
  const Finished replay = services.run("run", {"--force", "services.offline=true"});
  INFO(replay.err);
  CHECK(replay.exit_code == 0);
  CHECK(read_text(services.folder() / "simulate/processed_data/tiny-ml_combination.jsonl") == utterances);
  CHECK_THAT(services.run("run", {"--dry-run"}).out, Contains(" 0 "));
  // Every utterance's vector is in the cache.
  CHECK(std::regex_search(services.run("embed", {"--dry-run"}).out, std::regex(R"(embed +\S+ \(openai\) +0 +[1-9])")));
}

TEST_CASE("zero-shot lists get room of their own, cut ones count in part, and score reads them", "[services]") {
  FakeServer server([](const Request& request) {
    Answer answer = every_model(request);
    if (request.path != "/v1/chat/completions") return answer;
    const json asked = json::parse(request.body);
    if (openai_question(asked).find("JSON array") == std::string::npos) return answer;
    json reply = openai_reply(R"x(["No Such Film (1901)", "Another One", "A Third O)x");
    reply["choices"][0]["finish_reason"] = "length";
    answer.body = reply.dump();
    return answer;
  });
  Services services;
  services.url = server.url();
  const Finished run = services.run("run", {"evaluate.zero_shot.inputs=[items]"});
  INFO(run.err);
  REQUIRE(run.exit_code == 0);
  CHECK_THAT(run.err, Contains("zero shot, items: 5 replies were cut at their length limit"));
  std::set<int> limits;
  for (const Request& request : server.requests())
    if (request.path == "/v1/chat/completions") limits.insert(json::parse(request.body).value("max_tokens", 0));
  CHECK(limits == std::set<int>{256, 1024});  // of an utterance, and of twenty titles
  const std::string line = read_text(services.folder() / "evaluate/zero_shot_items.jsonl");
  const json first = json::parse(line.substr(0, line.find('\n')));
  CHECK(first.at("titles") == json{"No Such Film (1901)", "Another One"});
  CHECK(first.at("cut") == true);
  CHECK(first.at("seen").size() > 3);
  const Finished scored = services.run("score");
  INFO(scored.err);
  CHECK(scored.exit_code == 0);
  CHECK_THAT(scored.out, Contains("served, zero shot, items: 5 targets of 5 turns in 5 dialogues, catalogue links") &&
                             Contains("served, with text, items: 5 targets") &&
                             Contains("and 4 more: The reply was cut"));
}

TEST_CASE("several embedding tasks, each with its prompt", "[services]") {
  FakeServer server(every_model);
  Services services;
  services.url = server.url();
  write_text(services.dir / "mood.txt", "The mood of {text}");
  const std::vector<std::string> tasks = {"datasets.meta_task_keys=[raw, mood]",
                                          "embed.prompt_templates=[prompts/embedding.txt, mood.txt]"};
  const Finished run = services.run("run", tasks);
  INFO(run.err);
  REQUIRE(run.exit_code == 0);
  std::set<std::string> beginnings;
  for (const Request& request : server.requests()) {
    if (request.path != "/v1/embeddings") continue;
    const json body = json::parse(request.body);
    for (const json& text : body.at("input")) beginnings.insert(text.get<std::string>().substr(0, 8));
  }
  CHECK(beginnings == std::set<std::string>{"<|start_", "The mood"});
  for (const char* file : {"raw_raw.pt", "raw_valid.pt", "raw_test.pt", "mood_raw.pt", "mood_valid.pt", "mood_test.pt"})
    CHECK(fs::exists(services.folder() / "embed/embedding_cache" / file));
  CHECK_THAT(services.run("run", tasks).err, Contains("embed: up to date") && Contains("evaluate: up to date"));
  CHECK_THAT(services.run("doctor", {tasks[0], tasks[1], "--services"}).out, Contains("embed, mood"));

  write_text(services.dir / "mood.txt", "The mood of {txt}");
  const Finished wrong = services.run("run", tasks);
  CHECK(wrong.exit_code == 3);
  CHECK_THAT(wrong.err, Contains("mood.txt:1: unknown field {txt}"));
  CHECK_THAT(services.run("run", {tasks[0], "embed.provider=offline"}).err,
             Contains("datasets.meta_task_keys: the offline embedder reads no prompt"));
}

TEST_CASE("a batch job is left running and collected later", "[services]") {
  FakeOpenAi server;
  server.looks_until_end = 2;
  Services services;
  services.url = server.server.url();
  REQUIRE(services.run("preprocess").exit_code == 0);
  const std::vector<std::string> detached = {"simulate.provider=openai_batch", "simulate.max_attempts=1", "--detach"};
  for (int run = 0; run < 2; ++run) {
    const Finished left = services.run("simulate", detached);
    CHECK(left.exit_code == 0);
    CHECK_THAT(left.err, Contains("847 answers are still to come"));
    CHECK_THAT(left.err, Contains("20 of the first 20 replies are usable"));
    CHECK(server.jobs.size() == 1);
    CHECK(parse_rows(server.files.at("file-1")).size() == 847);
  }
  const Finished collected = services.run("simulate", detached);
  INFO(collected.err);
  CHECK(collected.exit_code == 0);
  CHECK_THAT(collected.err, Contains("simulate: done"));
  CHECK(server.jobs.size() == 1);
  // The same answers count for requests that are sent one by one.
  CHECK_THAT(services.run("simulate", {"simulate.max_attempts=1"}).err, Contains("simulate: up to date"));
}

TEST_CASE("a model that does not fit its prompt is noticed before a batch job", "[services]") {
  FakeOpenAi server;
  server.server.disturb(
      [](const Request& request) -> std::optional<Answer> {
        if (request.path != "/v1/chat/completions") return std::nullopt;
        json reply = openai_reply("[END]");
        reply["usage"]["prompt_tokens"] = openai_question(json::parse(request.body)).size() / 4;
        return Answer{.body = reply.dump()};
      },
      [](const Request&, Answer&) {});
  Services services;
  services.url = server.server.url();
  REQUIRE(services.run("preprocess").exit_code == 0);
  const Finished wordless = services.run("simulate", {"simulate.provider=openai_batch"});
  INFO(wordless.err);
  CHECK(wordless.exit_code == 5);
  CHECK_THAT(wordless.err, Contains("0 of the first 20 replies are usable") && Contains("does not follow the prompt"));
  CHECK(server.jobs.empty());
  // Nothing is tried where no share is asked for.
  const Finished untried =
      services.run("simulate", {"simulate.provider=openai_batch", "simulate.least_usable=0", "--detach"});
  CHECK_THAT(untried.err, Contains("answers are still to come"));
  CHECK(server.jobs.size() == 1);
}

TEST_CASE("blocked answers are listed, and asked for again on request", "[services]") {
  FakeOpenAi server;
  server.looks_until_end = 1;
  const json blocked = {{"choices", {{{"message", {{"content", nullptr}}}, {"finish_reason", "content_filter"}}}}};
  server.rows = [&](const Rows& input) {
    Rows rows = FakeOpenAi::good_rows(input);
    if (server.jobs.size() == 1)
      for (const size_t i : {3, 7}) rows[i]["response"]["body"] = blocked;
    if (server.jobs.size() == 1)
      rows[9] = {{"custom_id", input[9]["custom_id"]}, {"error", {{"code", "invalid"}, {"message", "odd"}}}};
    return rows;
  };
  Services services;
  services.url = server.server.url();
  REQUIRE(services.run("preprocess").exit_code == 0);
  const auto simulate = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"simulate.provider=openai_batch", "simulate.max_attempts=1"});
    const Finished finished = services.run("simulate", more);
    CHECK(finished.exit_code == 0);
    return finished;
  };
  const auto lines_of = [&](const char* name) {
    const std::string text = read_text(services.folder() / "simulate" / name);
    return std::count(text.begin(), text.end(), '\n');
  };
  CHECK_THAT(simulate({}).err, Contains("3 of 867 records have no utterance: blocked (content_filter) 2, "
                                        "failed (invalid: odd) 1; ") &&
                                   Contains("unanswered.jsonl lists them") && Contains("--retry"));
  CHECK(server.jobs.size() == 1);
  const json first = parse_rows(read_text(services.folder() / "simulate/unanswered.jsonl")).at(0);
  CHECK_THAT(first["customer_id"].get<std::string>(), Catch::EndsWith("_raw_raw"));
  const auto answered = lines_of("processed_data/tiny-ml_combination.jsonl");
  CHECK_THAT(simulate({}).err, Contains("simulate: up to date"));
  CHECK_THAT(simulate({"--retry", "--dry-run"}).out, Contains("chatter (openai_batch)         3     864 "));
  CHECK(lines_of("unanswered.jsonl") == 3);

  const Finished retry = simulate({"--retry"});
  CHECK_THAT(retry.err, Contains("--retry: 3 answers are wanted again"));
  REQUIRE(server.jobs.size() == 2);
  CHECK(parse_rows(server.files.at("file-2")).size() == 3);
  CHECK(lines_of("unanswered.jsonl") == 0);
  CHECK_FALSE(fs::exists(services.folder() / "simulate/retry.jsonl"));
  CHECK(lines_of("processed_data/tiny-ml_combination.jsonl") == answered + 3);
  CHECK_THAT(simulate({"--retry"}).err, Contains("simulate: up to date"));
  CHECK(server.jobs.size() == 2);
}

TEST_CASE("what stays blocked is asked for once with each request, directly too", "[services]") {
  std::mutex mutex;
  std::string victim;
  FakeServer server([&](const Request& request) -> Answer {
    const std::string asked = openai_question(json::parse(request.body));
    const std::lock_guard lock(mutex);
    if (victim.empty()) victim = asked;
    if (asked != victim) return every_model(request);
    return {.body = R"({"choices":[{"message":{"content":null,"refusal":"no"},"finish_reason":"stop"}]})"};
  });
  Services services;
  services.url = server.url();
  REQUIRE(services.run("preprocess").exit_code == 0);
  CHECK_THAT(services.run("simulate").err, Contains("1 of 867 records have no utterance: blocked (refusal) 1; "));
  const size_t all = server.count();
  CHECK_THAT(services.run("simulate", {"--force"}).err, Contains("1 of 867 records have no utterance"));
  CHECK(server.count() == all);
  for (size_t again = 1; again < 3; ++again) {
    CHECK_THAT(services.run("simulate", {"--retry"}).err, Contains("1 of 867 records have no utterance"));
    CHECK(server.count() == all + again);
  }
}

TEST_CASE("a server that is down, or a model that never ends, leaves nothing done", "[services]") {
  Services services;
  std::mutex mutex;
  std::string text = "I would like";
  FakeServer server([&](const Request& request) -> Answer {
    if (request.path != "/v1/chat/completions") return every_model(request);
    const std::lock_guard lock(mutex);
    json reply = openai_reply(text);
    reply["choices"][0]["finish_reason"] = "length";
    reply["usage"]["prompt_tokens"] = 0;
    return {.body = reply.dump()};
  });
  const std::vector<std::string> few = {"simulate.users=3", "services.retry.max_attempts=1"};
  services.url = closed_port_url();
  REQUIRE(services.run("preprocess").exit_code == 0);
  for (int run = 0; run < 2; ++run) {
    const Finished down = services.run("simulate", few);
    INFO(down.err);
    CHECK(down.exit_code == 5);
    CHECK_THAT(down.err, Contains("0 of the first 9 replies are usable") && Contains("the server does not answer") &&
                             !Contains("simulate: up to date"));
  }

  services.url = server.url();
  const Finished cut = services.run("simulate");
  INFO(cut.err);
  CHECK(cut.exit_code == 5);
  CHECK_THAT(cut.err, Contains("0 of the first 20 replies are usable, simulate.least_usable is 0.25") &&
                          Contains("does not stop") && Contains("\"I would like\""));
  CHECK(server.count() == 20);
  // Whole sentences before the cut count where the settings say so.
  {
    const std::lock_guard lock(mutex);
    text = "A calm film, please. Or else";
  }
  const Finished kept = services.run(
      "simulate", {"simulate.users=4", "simulate.keep_sentences=true", "simulate.chat.parameters.max_tokens=9"});
  INFO(kept.err);
  CHECK(kept.exit_code == 0);
  CHECK_THAT(kept.err, Contains("12 of 12 replies were cut off; their whole sentences count"));
  const json report = json::parse(read_text(services.folder() / "simulate/simulation_report.json"));
  for (const char* key : {"raw", "valid", "test"}) {
    CHECK(report.at(key).at("records") == 4);
    CHECK(report.at(key).at("shortened") == 4);
  }
  CHECK_THAT(read_text(services.folder() / "simulate/processed_data/tiny-ml_raw_seedtest.jsonl"),
             Contains("A calm film, please.") && !Contains("Or else"));
}

TEST_CASE("a few utterances are shown with what became of each reply", "[services]") {
  Services services;
  FakeServer server([&](const Request& request) -> Answer {
    const json body = json::parse(request.body);
    const std::string asked = openai_question(body);
    const std::string hoped = "hopes to be offered: ";
    const size_t begin = asked.find(hoped) + hoped.size();
    json reply = openai_reply("I want " + asked.substr(begin, asked.find('\n', begin) - begin - 1) + "!");
    reply["usage"]["prompt_tokens"] = asked.size() / 4;
    return {.body = reply.dump()};
  });
  services.url = server.url();
  REQUIRE(services.run("preprocess").exit_code == 0);
  const std::vector<std::string> show = {"--show", "3", "simulate.max_attempts=2"};
  const Finished shown = services.run("simulate", show);
  INFO(shown.err);
  REQUIRE(shown.exit_code == 0);
  CHECK_THAT(shown.out, Contains("_raw_raw wants ") && Contains("| What this person secretly hopes to be offered") &&
                            Contains("reply 1 (whole, gives the title away, asked again):") &&
                            Contains("reply 2 (whole, gives the title away):") &&
                            Contains("3 of 3 are usable, 3 gave the title away at the first try"));
  CHECK_FALSE(fs::exists(services.folder() / "simulate"));
  CHECK(server.count() == 6);
  CHECK(services.run("simulate", show).out == shown.out);
  CHECK(server.count() == 6);
  CHECK_THAT(services.run("simulate", {"--show", "2", "simulate.provider=offline"}).out, Contains("2 of 2 are usable"));
  CHECK(services.run("simulate", {"--show", "0"}).exit_code == 2);
}

TEST_CASE("some users, a width that is asked for, and centred vectors go to the tables", "[services]") {
  Services services;
  FakeServer server(every_model);
  services.url = server.url();
  const std::vector<std::string> settings = {
      "simulate.users=20",           "embed.remote.ask_width=true",  "embed.center=true",
      "embed.text_embedding_dim=99", "embed.remote.bos_marker=auto", "evaluate.zero_shot.provider=none"};
  const Finished run = services.run("run", settings);
  INFO(run.err);
  REQUIRE(run.exit_code == 0);
  CHECK_THAT(run.err, Contains("vectors of 16 numbers") && Contains("before the mean is subtracted"));
  CHECK(fs::exists(services.folder() / "embed/embedding_cache/raw_mean.npy"));
  const json table = json::parse(read_text(services.folder() / "evaluate/one_turn.json"));
  CHECK_THAT(table.dump(), Contains("\"users\":20"));
  CHECK_THAT(services.run("run", settings).err, Contains("evaluate: up to date"));
  // The server says "16" no more, and is not asked: the vectors are in the cache.
  CHECK_THAT(services.run("embed", {settings[0], settings[1], settings[2], settings[3], settings[4], "--force"}).err,
             Contains("width 16"));
}

TEST_CASE("a provider without what it needs is told so before anything starts", "[services]") {
  const TempDir dir;
  const auto run = [&](const std::vector<std::string>& more) {
    std::vector<std::string> words = {LATENTCRS_BINARY, "run", "-c", source_path("configs/tiny.yaml")};
    words.insert(words.end(), more.begin(), more.end());
    const Finished finished = run_process(words, {.folder = dir.path()});
    CHECK(finished.exit_code == 3);
    CHECK_FALSE(fs::exists(dir / "outputs"));
    return finished.err;
  };
  CHECK_THAT(run({"simulate.provider=gemini"}), Contains("simulate.chat.model: required"));
  CHECK_THAT(run({"simulate=vertex_batch"}), Contains("simulate.batch.folder: required"));
  CHECK_THAT(run({"simulate.provider=gemeni"}), Contains("did you mean gemini?"));
  write_text(dir / "mine.txt", "Name {count} of them.\nThe user likes {histroy}.");
  CHECK_THAT(run({"evaluate.zero_shot.provider=gemini", "simulate.chat.model=m", "evaluate.zero_shot.inputs=items",
                  "evaluate.zero_shot.prompt_template_items=" + (dir / "mine.txt").string()}),
             Contains("mine.txt:2: unknown field {histroy}"));
  CHECK_THAT(run({"evaluate.extractor.provider=gemini"}), Contains("evaluate.extractor.chat.model: required"));
  for (const char* role : {"simulate", "evaluate.extractor", "evaluate.zero_shot"})
    CHECK_THAT(run({std::string(role) + ".provider=gemini", "simulate.chat.model=m",
                    "simulate.chat.credentials.api_key_env=NO_SUCH_VARIABLE"}),
               Contains("NO_SUCH_VARIABLE"));
}
