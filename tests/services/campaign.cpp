#include "services/campaign.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <map>
#include <mutex>
#include <random>
#include <stdexcept>
#include <thread>

#include "base/util/error.h"
#include "base/util/files.h"
#include "base/util/log.h"
#include "language/llm/batch_chat.h"
#include "language/llm/chat.h"
#include "language/llm/remote_chat.h"
#include "language/transport/curl_http.h"
#include "services/certificates.h"
#include "services/fake_google.h"
#include "services/fake_models.h"
#include "support/log_level.h"
#include "support/temp_dir.h"

extern char** environ;

namespace latentcrs::test {

namespace {

using nlohmann::json;
using Kind = ChatOutcome::Kind;
using Seconds = std::chrono::duration<double>;

constexpr const char* kVariable = "LATENTCRS_CAMPAIGN";
constexpr const char* kApiKey = "AIza-the-secret-key-of-the-campaign";
constexpr const char* kTokenStart = "ya29.secret-token-";
constexpr int kConcurrency = 16;
constexpr int kServiceFailed = 5;  ///< the worker's exit code where another run goes on

bool is_batch(const std::string& way) { return way.ends_with("_batch"); }
std::string service_of(const std::string& way) { return way.substr(0, way.find('_')); }

std::string question(size_t i, size_t text_size) {
  return "question " + std::to_string(i) + std::string(text_size, '.');
}

/// Waits a five-hundredth of the time it is told; otherwise most processes would be asleep when they are killed.
class HurriedClock : public Clock {
 public:
  double now() override { return Seconds(std::chrono::system_clock::now().time_since_epoch()).count(); }
  double steady() override { return Seconds(std::chrono::steady_clock::now().time_since_epoch()).count(); }
  void sleep(double seconds) override { std::this_thread::sleep_for(Seconds(std::min(seconds / 500, 0.05))); }
};

struct Task {
  std::string way, models_url, storage_url;
  std::filesystem::path folder;
  size_t requests = 0, job_size = 0, text_size = 0;

  json to_json() const {
    return {
        {"way", way},           {"models_url", models_url}, {"storage_url", storage_url}, {"folder", folder.string()},
        {"requests", requests}, {"job_size", job_size},     {"text_size", text_size}};
  }
  static Task from_json(const json& value) {
    return {.way = value.at("way"),
            .models_url = value.at("models_url"),
            .storage_url = value.at("storage_url"),
            .folder = value.at("folder").get<std::string>(),
            .requests = value.at("requests"),
            .job_size = value.at("job_size"),
            .text_size = value.at("text_size")};
  }
};

ChatService chat_service(const Task& task) {
  ChatService service;
  service.provider = service_of(task.way);
  ChatOptions& options = service.options;
  options.model = "m";
  options.base_url = task.models_url;
  options.project = "p";
  options.location = "us-central1";
  options.concurrency = kConcurrency;
  options.max_failures_in_a_row = 1000;
  options.credentials.credentials_file = (task.folder / "credentials" / "key.json").string();
  service.shared.cache = (task.folder / "cache").string();
  service.shared.http.timeout = 1;
  service.shared.http.stall_timeout = 5;
  return service;
}

std::vector<ChatRequest> chat_requests(const Task& task) {
  std::vector<ChatRequest> requests;
  for (size_t i = 0; i < task.requests; ++i)
    requests.push_back({.messages = {{ChatMessage::Role::user, question(i, task.text_size)}}});
  return requests;
}

size_t count_right(const Task& task, const std::vector<ChatOutcome>& outcomes) {
  size_t right = 0;
  for (size_t i = 0; i < outcomes.size(); ++i)
    right += outcomes[i].kind == Kind::text && outcomes[i].text == "echo of " + question(i, task.text_size) ? 1 : 0;
  return right;
}

/// The faults of the servers, and the account of the good answers. Thread-safe.
class Trouble {
 public:
  explicit Trouble(uint64_t seed) : random_(seed) {}

  /// Replaces a handler: nothing has been done yet.
  std::optional<Answer> before(const Request& request) {
    const std::lock_guard lock(mutex_);
    ++exchanges;
    if (const std::string token = request.header("authorization"); token.find(kTokenStart) != std::string::npos) {
      constexpr int life = 60;  // uses, more than there are threads
      if (++uses_[token] > life) return fault({.status = 401, .body = R"({"error":{"code":401,"message":"expired"}})"});
    }
    const int draw = percent();
    if (draw < 2) return fault({.status = 429, .body = error(429), .headers = {{"Retry-After", "3"}}});
    if (draw < 4) return fault({.status = 429, .body = error(429)});
    if (draw < 5) return fault({.status = 500, .body = error(500)});
    if (draw < 6)
      return fault({.status = 503, .body = "<html><body>Service Unavailable</body></html>", .type = "text/html"});
    if (draw < 7) return fault({.body = "<html><body>Please log in</body></html>", .headers = {}, .type = "text/html"});
    if (draw < 8) return fault({.delivery = Delivery::never});
    if (draw < 9) return fault({.body = ""});
    return std::nullopt;
  }

  /// Notes that a request was fulfilled; its answer may still be lost.
  void after(const Request& request, Answer& answer) {
    const std::lock_guard lock(mutex_);
    const int draw = percent();
    constexpr size_t longest_drip = 400;
    const bool spoilt = draw < 6 && answer.status < 300;
    if (spoilt) {
      fault({});
      if (draw == 0) answer.delivery = Delivery::never;
      if (draw == 1) answer.delivery = Delivery::half;
      if (draw == 2) answer = {.status = 500, .body = error(500)};
      if (draw == 3) answer = {.status = 503, .body = ""};
      if (draw == 4) answer.delivery = answer.body.size() < longest_drip ? Delivery::drip : Delivery::half;
      if (draw == 5) answer.body = "{\"candidates\": [";
      if (draw == 5) answer.headers.clear();
      return;
    }
    const bool chat = request.path.ends_with(":generateContent") || request.path.ends_with("/chat/completions");
    if (chat) ++good[json::parse(request.body).dump()];
  }

  /// The rows of a job's output, with the faults that services were seen to make.
  Rows spoil(const Rows& input, Rows rows, const std::function<json(const json& row, int code)>& failed,
             bool rows_say_what_was_asked) {
    const std::lock_guard lock(mutex_);
    Rows result;
    for (size_t i = 0; i < rows.size(); ++i) {
      const std::string asked = input[i].dump();
      const int draw = percent();
      if (draw < 8) ++bad_rows;
      if (draw < 3) continue;  // missing
      if (draw < 5) {
        result.push_back(failed(rows[i], draw == 3 ? 429 : 503));
      } else if (draw < 6) {
        result.push_back(rows[i].dump().substr(0, 40));
      } else if (draw < 8 && rows_say_what_was_asked && i + 1 < rows.size()) {
        std::swap(rows[i]["customer_id"], rows[i + 1]["customer_id"]);
        result.push_back(rows[i]);
        result.push_back(rows[++i]);
        ++bad_rows;
      } else {
        if (draw < 8) --bad_rows;
        ++good[asked];
        result.push_back(rows[i]);
        if (draw < 11) result.push_back(rows[i]);
      }
    }
    std::shuffle(result.begin(), result.end(), random_);
    return result;
  }

  size_t exchanges = 0, faults = 0, bad_rows = 0;
  std::map<std::string, size_t> good;  ///< question to the number of good answers given

 private:
  static std::string error(int code) { return json{{"error", {{"code", code}, {"message", "not now"}}}}.dump(); }
  int percent() { return static_cast<int>(random_() % 100); }
  Answer fault(Answer answer) {
    ++faults;
    return answer;
  }

  std::mutex mutex_;
  std::mt19937_64 random_;
  std::map<std::string, int> uses_;
};

json gemini_failure(const json& row, int code) {
  return {{"key", row["key"]}, {"error", {{"code", code == 429 ? 8 : 14}, {"message", "not now"}}}};
}
json vertex_failure(const json& row, int code) {
  const std::string status = "Error: {\"error\":{\"code\":" + std::to_string(code) + ",\"message\":\"not now\"}}";
  return {{"customer_id", row["customer_id"]}, {"status", status}, {"request", json::object()}};
}
json openai_failure(const json& row, int code) {
  return {
      {"custom_id", row["custom_id"]}, {"response", {{"status_code", code}, {"body", nullptr}}}, {"error", nullptr}};
}

/// The servers of one kind of service.
struct Servers {
  explicit Servers(uint64_t seed) : trouble(seed) {
    for (FakeServer* server : {&google.server, &gemini.server, &openai.server})
      server->disturb([this](const Request& request) { return trouble.before(request); },
                      [this](const Request& request, Answer& answer) { trouble.after(request, answer); });
    constexpr size_t MiB = size_t{1} << 20;
    google.session_bytes_kept = 5 * MiB;
    google.rows = [this](const Rows& input) {
      return trouble.spoil(input, FakeGoogle::good_rows(input), vertex_failure, true);
    };
    gemini.rows = [this](const Rows& input) {
      return trouble.spoil(input, FakeGemini::good_rows(input), gemini_failure, false);
    };
    openai.rows = [this](const Rows& input) {
      return trouble.spoil(input, FakeOpenAi::good_rows(input), openai_failure, false);
    };
  }

  Task task(const std::string& way, const CampaignOptions& options) {
    const std::string vertex = way == "vertex" ? gemini.server.url() : google.server.url();
    const std::string url = service_of(way) == "gemini"   ? gemini.server.url()
                            : service_of(way) == "openai" ? openai.server.url() + "/v1"
                                                          : vertex;
    return {.way = way,
            .models_url = url,
            .storage_url = google.server.url(),
            .folder = options.folder / way,
            .requests = options.requests,
            .job_size = options.job_size,
            .text_size = options.text_size};
  }

  size_t jobs() const { return google.jobs.size() + gemini.jobs.size() + openai.jobs.size(); }

  Trouble trouble;
  FakeGoogle google;
  FakeGemini gemini;
  FakeOpenAi openai;
};

/// A worker process with its output appended to worker.out.
class Worker {
 public:
  Worker(const std::vector<std::string>& command, const Task& task) {
    const std::string variable = std::string(kVariable) + "=" + task.to_json().dump();
    std::vector<char*> arguments, environment;
    for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    for (char** entry = environ; *entry != nullptr; ++entry) environment.push_back(*entry);
    environment.push_back(const_cast<char*>(variable.c_str()));
    environment.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    const std::string out = (task.folder / "worker.out").string();
    posix_spawn_file_actions_addopen(&actions, 1, out.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    const int failure = posix_spawn(&pid_, arguments[0], &actions, nullptr, arguments.data(), environment.data());
    posix_spawn_file_actions_destroy(&actions);
    if (failure != 0) throw std::runtime_error("cannot start " + command[0]);
  }

  /// The exit code; -1 if it was killed because it ran longer than `seconds`.
  int wait(double seconds) {
    const auto end = std::chrono::steady_clock::now() + Seconds(seconds);
    for (int status = 0;;) {
      if (waitpid(pid_, &status, WNOHANG) == pid_) return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
      if (std::chrono::steady_clock::now() >= end) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    kill(pid_, SIGKILL);
    int status = 0;
    waitpid(pid_, &status, 0);
    return -1;
  }

 private:
  pid_t pid_ = -1;
};

/// The files below `folder` that hold one of `secrets`, other than the credentials themselves.
std::vector<std::string> files_with(const std::vector<std::string>& secrets, const std::filesystem::path& folder) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file() || entry.path().parent_path().filename() == "credentials") continue;
    const std::string contents = read_file(entry.path());
    for (const std::string& secret : secrets)
      if (contents.find(secret) != std::string::npos) found.push_back(entry.path().string());
  }
  return found;
}

size_t count_lines(const std::filesystem::path& file) {
  size_t lines = 0;
  LineReader reader(file);
  for (std::string_view line; reader.next(line);) lines += line.empty() || line.back() != '}' ? 0 : 1;
  return lines;
}

void write_credentials(const Task& task, const RsaKey& key, const std::string& token_url) {
  write_text(task.folder / "credentials" / "key.json", json{{"type", "service_account"},
                                                            {"client_email", "a@p.iam.gserviceaccount.com"},
                                                            {"private_key", key.private_pem},
                                                            {"private_key_id", "k"},
                                                            {"token_uri", token_url}}
                                                           .dump());
}

CampaignResult run_way(const std::string& way, const CampaignOptions& options, uint64_t seed) {
  const auto start = std::chrono::steady_clock::now();
  Servers servers(seed);
  const Task task = servers.task(way, options);
  const RsaKey key = make_rsa_key();
  write_credentials(task, key, servers.gemini.server.url() + "/token");

  CampaignResult result{.way = way, .requests = task.requests};
  std::mt19937_64 random(seed);
  constexpr size_t most_runs = 1000;
  constexpr double longest_run = 300;  // seconds
  for (size_t run = 0;; ++run) {
    if (run == most_runs) throw std::runtime_error(way + ": does not come to an end");
    const bool doomed = result.kills < options.kills;
    const double life = doomed ? options.longest_life * static_cast<double>(random() % 1000 + 1) / 1000 : longest_run;
    const int code = Worker(options.worker, task).wait(life);
    if (code == 0) break;
    if (code == -1 && !doomed) throw std::runtime_error(way + ": a run does not end");
    if (code == -1) ++result.kills;
    if (code > 0 && code != kServiceFailed)
      throw std::runtime_error(way + ": a worker ended with " + std::to_string(code) + ", see " +
                               (task.folder / "worker.out").string());
  }

  ChatService replay = chat_service(task);
  replay.shared.offline = true;
  HurriedClock clock;
  const auto chat = make_chat(replay, {.http = make_curl_http({}), .clock = clock});
  result.right = count_right(task, chat->complete(chat_requests(task)).all);
  result.stored = count_lines(task.folder / "cache" / "replies.jsonl");
  result.exchanges = servers.trouble.exchanges;
  result.faults = servers.trouble.faults;
  result.bad_rows = servers.trouble.bad_rows;
  result.jobs = servers.jobs();
  for (const auto& [asked, count] : servers.trouble.good) result.repeated += count - 1;
  result.most_repeated = is_batch(way) ? 0 : 2 * result.kills * kConcurrency;
  const std::string pem = key.private_pem;
  result.leaks = files_with({kApiKey, kTokenStart, pem.substr(pem.find('\n') + 1, 60)}, task.folder);
  result.seconds = Seconds(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace

std::vector<CampaignResult> run_campaign(const CampaignOptions& options) {
  std::vector<CampaignResult> results;
  for (const std::string& way : options.ways) {
    const LogLevel quiet(log::Level::error);
    results.push_back(run_way(way, options, options.seed + results.size()));
  }
  return results;
}

bool is_campaign_worker() { return std::getenv(kVariable) != nullptr; }

int campaign_worker() {
  const Task task = Task::from_json(json::parse(std::getenv(kVariable)));
  try {
    log::add_file(task.folder / "worker.log");
    HurriedClock clock;
    const auto environment = [&](const std::string& name) -> std::string {
      if (name == "GOOGLE_API_KEY" || name == "OPENAI_API_KEY") return kApiKey;
      if (name == "STORAGE_EMULATOR_HOST") return task.storage_url;
      return name == "NO_GCE_CHECK" ? "true" : "";
    };
    const ChatService service = chat_service(task);
    const RemoteContext context{.http = make_curl_http({}),
                                .clock = clock,
                                .environment = environment,
                                .seed = static_cast<uint64_t>(getpid())};
    BatchOptions batch;
    batch.folder = "gs://bkt/run";
    batch.max_requests = static_cast<int>(task.job_size);
    const auto chat = is_batch(task.way) ? make_batch_chat(service, batch, context) : make_chat(service, context);
    return count_right(task, chat->complete(chat_requests(task)).all) == task.requests ? 0 : kServiceFailed;
  } catch (const Error& error) {
    log::warn("{}", error.what());
    return error.kind() == ErrorKind::remote ? kServiceFailed : 1;
  } catch (const std::exception& error) {
    log::warn("{}", error.what());
    return 1;
  }
}

}  // namespace latentcrs::test
