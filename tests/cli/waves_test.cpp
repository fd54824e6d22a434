// The stages simulate and embed with more records than they ask a server for at once: 8192 to a wave of questions and
// to a batch of texts.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <functional>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "base/util/random.h"
#include "services/fake_models.h"
#include "support/running_process.h"
#include "support/subprocess.h"
#include "support/temp_dir.h"

using namespace latentcrs::test;
using Catch::Matchers::Contains;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

constexpr int kUsers = 5'600;  // each has a record in three splits, so there are 16,800: three waves
constexpr size_t kRecords = 3 * kUsers;
constexpr size_t kWave = 8'192;
constexpr size_t kDim = 16;
constexpr std::array kSplits = {"raw", "valid", "test"};

constexpr const char* kSpoken = "I would like something like ";

/// What the user of this prompt says. It differs from prompt to prompt.
std::string spoken(const std::string& prompt) {
  return fmt::format("{}q{:x}q.", kSpoken, std::hash<std::string>()(prompt));
}

std::vector<float> vector_of(const std::string& text) {
  std::vector<float> vector(kDim, 0.F);
  for (size_t c = 0; c < text.size(); ++c) vector[(static_cast<unsigned char>(text[c]) + c) % kDim] += 1;
  return vector;
}

/// A language model and an embedder that answer a question always alike, and count how often they heard it. Texts with
/// which the program tries the embedder out are not counted.
class Models {
 public:
  std::string url() const { return server_.url(); }
  /// Questions heard so far, the same one again included.
  size_t heard() const { return heard_; }
  /// Questions heard so far that differ.
  size_t different() {
    const std::lock_guard lock(mutex_);
    return times_.size();
  }
  void wait_for(size_t questions) const {
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(5);
    while (heard_ < questions && std::chrono::steady_clock::now() < end)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  /// Must be called before the first question.
  void before_first_answer(std::function<void()> action) { before_first_answer_ = std::move(action); }

 private:
  Answer answer(const Request& request) {
    const json asked = json::parse(request.body, nullptr, false);
    if (request.path == "/v1/chat/completions") {
      const std::string prompt = openai_question(asked);
      hear(prompt);
      json reply = openai_reply(spoken(prompt));
      reply["usage"]["prompt_tokens"] = prompt.size() / 4;
      return {.body = reply.dump()};
    }
    if (request.path != "/v1/embeddings") return {.status = 404};
    json data = json::array();
    for (const std::string text : asked.at("input")) {
      if (text.starts_with(kSpoken)) hear(text);
      data.push_back({{"index", data.size()}, {"embedding", vector_of(text)}});
    }
    return {.body = json{{"data", data}}.dump()};
  }
  void hear(const std::string& question) {
    const std::lock_guard lock(mutex_);
    if (heard_ == 0 && before_first_answer_) before_first_answer_();
    ++times_[question];
    ++heard_;
  }

  std::mutex mutex_;
  std::map<std::string, int> times_;
  std::atomic<size_t> heard_{0};
  std::function<void()> before_first_answer_;
  FakeServer server_{[this](const Request& request) { return answer(request); }};  // last: it stops first
};

/// Six ratings of each user, of films of the tiny catalogue.
std::string ratings() {
  std::vector<std::string> films;
  std::istringstream catalogue(read_text(source_path("data/tiny/ml/movies.dat")));
  for (std::string line; std::getline(catalogue, line);) films.push_back(line.substr(0, line.find("::")));
  latentcrs::Rng random(1);
  std::string rows;
  for (size_t user = 1; user <= kUsers; ++user)
    for (size_t i = 0; i < 6; ++i) {
      std::swap(films[i], films[i + random.below(films.size() - i)]);
      rows += fmt::format("{}::{}::5::{}\n", user, films[i], 1'000'000'000 + user * 10 + i);
    }
  return rows;
}

/// A run with a folder and a cache of its own, in which the program asks so many questions at once.
struct Run {
  explicit Run(int at_once) : concurrency(at_once) { write_text(dir / "ratings.dat", ratings()); }

  std::vector<std::string> command(const std::string& name, const Models& models) const {
    return {LATENTCRS_BINARY,
            name,
            "-c",
            source_path("configs/tiny.yaml"),
            "threads=1",
            "exp_name=waves",
            "datasets.interactions=" + (dir / "ratings.dat").string(),
            "datasets.filter_keys=[raw]",
            "services.cache=" + cache,
            "simulate=openai",
            "simulate.chat.model=chatter",
            "simulate.chat.base_url=" + models.url() + "/v1",
            fmt::format("simulate.chat.concurrency={}", concurrency),
            "embed=openai",
            "embed.prompt_templates=[prompts/embedding_plain.txt]",
            "embed.text_embedding_dim=16",
            "embed.remote.model=embedder",
            "embed.remote.base_url=" + models.url() + "/v1",
            fmt::format("embed.remote.batch_size={}", 60 * concurrency),
            fmt::format("embed.remote.concurrency={}", concurrency)};
  }
  Finished run(const std::string& name, const Models& models, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = command(name, models);
    words.insert(words.end(), more.begin(), more.end());
    return run_process(words, {.folder = dir.path()});
  }
  fs::path utterances(const std::string& key) const {
    return dir / ("outputs/waves/simulate/processed_data/tiny-ml_raw_seed" + key + ".jsonl");
  }
  fs::path embeddings(const std::string& key) const {
    return dir / ("outputs/waves/embed/embedding_cache/raw_" + key + ".pt");
  }

  TempDir dir;
  int concurrency;
  std::string cache = "cache";
};

/// The lines of a split's file of utterances.
std::vector<json> utterances(const Run& run, const std::string& key) {
  return parse_rows(read_text(run.utterances(key)));
}

/// The vectors of some texts as float32, one after the other.
std::string bytes_of_vectors(const std::vector<json>& spoken) {
  std::string bytes;
  for (const json& line : spoken) {
    const std::vector<float> vector = vector_of(line.at("response"));
    bytes.append(reinterpret_cast<const char*>(vector.data()), vector.size() * sizeof(float));
  }
  return bytes;
}

void make(const Run& run, const std::string& stage, const Models& models, const std::vector<std::string>& more = {}) {
  const Finished finished = run.run(stage, models, more);
  INFO(finished.err);
  REQUIRE(finished.exit_code == 0);
}

/// The same questions at another pace, with a kill in the second wave.
void check_utterances_after_kill(const Run& plain, size_t questions) {
  Models models;
  const Run killed(3);
  make(killed, "preprocess", models);
  {
    RunningProcess simulate(killed.command("simulate", models), {.folder = killed.dir.path()});
    models.wait_for(kWave + 1'000);
    CHECK(simulate.end(SIGKILL).exit_code == 128 + SIGKILL);
  }
  CHECK(fs::exists(killed.utterances("raw")));  // which ended in the first wave
  CHECK_FALSE(fs::exists(killed.utterances("valid")));
  CHECK(models.heard() < 2 * kWave);
  make(killed, "simulate", models);
  for (const std::string key : kSplits) CHECK(read_text(killed.utterances(key)) == read_text(plain.utterances(key)));
  // Answers that had come but were not on disk are asked for again: at most twice as many as are asked for at once.
  CHECK(models.different() == questions);
  CHECK(models.heard() <= questions + 2 * static_cast<size_t>(killed.concurrency));
}

/// A file takes the place of the folder: the vectors of the first batch cannot be written while the second is asked
/// for.
void check_vectors_after_failed_write(Run& run) {
  Models models;
  const fs::path folder = run.embeddings("raw").parent_path();
  models.before_first_answer([&] {
    fs::remove_all(folder);
    write_text(folder, "in the way");
  });
  const Finished failed = run.run("embed", models);
  INFO(failed.err);
  CHECK(failed.exit_code == 4);
  CHECK_THAT(failed.err, Contains(folder.filename().string()));
  // All that was asked for is kept.
  CHECK(models.heard() == 2 * kWave);
  fs::remove(folder);
  make(run, "embed", models);
  CHECK(models.heard() == kRecords);
  CHECK(models.different() == kRecords);
}

}  // namespace

TEST_CASE("three waves of questions and texts: the same bytes at any pace, after a kill and after a failed write",
          "[services][waves]") {
  Models users;
  Run run(32);
  make(run, "preprocess", users);
  make(run, "simulate", users);
  for (const std::string key : kSplits) {
    const std::vector<json> lines = utterances(run, key);
    CHECK(lines.size() == kUsers);
    CHECK(std::all_of(lines.begin(), lines.end(),
                      [](const json& line) { return line.at("response") == spoken(line.at("prompt")); }));
  }
  CHECK(users.heard() == kRecords);
  CHECK(users.different() == kRecords);
  check_utterances_after_kill(run, kRecords);

  run.concurrency = 1;
  check_vectors_after_failed_write(run);
  std::map<std::string, std::string> files;
  for (const std::string key : kSplits) {
    files[key] = read_text(run.embeddings(key));
    CHECK(files.at(key).find(bytes_of_vectors(utterances(run, key))) != std::string::npos);
  }
  Models models;
  run.concurrency = 4;
  run.cache = "another_cache";
  make(run, "embed", models, {"--force"});
  CHECK(models.heard() == kRecords);
  for (const std::string key : kSplits) CHECK(read_text(run.embeddings(key)) == files.at(key));
}
