#include "llm/batch_chat.h"

#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <utility>

#include "llm/batch_backend.h"
#include "llm/check_options.h"
#include "llm/remote_chat.h"
#include "util/error.h"
#include "util/files.h"
#include "util/log.h"

namespace latentcrs {

namespace {

using Kind = ChatOutcome::Kind;

std::unique_ptr<BatchBackend> make_backend(const ChatOptions& options, const BatchOptions& batch,
                                           const RemoteContext& context) {
  if (options.provider == "vertex") return make_vertex_backend(options, batch, context);
  if (options.provider == "gemini") return make_gemini_backend(options, context);
  if (options.provider == "openai") return make_openai_backend(options, context);
  throw config_error(fmt::format("provider={}: gemini, vertex or openai", options.provider));
}

class BatchChat : public Chat {
 public:
  BatchChat(const ChatOptions& options, const BatchOptions& batch, const RemoteContext& context, Waiting waiting)
      : options_(options),
        context_(context),
        waiting_(waiting),
        backend_(make_backend(options, batch, context)),
        batch_(backend_->limited(batch)),
        cache_(options.cache),
        meter_(options.price, options.max_cost) {}

  std::vector<ChatOutcome> complete(const std::vector<ChatRequest>& requests) override {
    auto questions = plan_questions(requests, backend_->protocol(), cache_);
    if (count_open(questions) > 0) {
      if (!direct_ && !backend_->service().available()) {
        log::warn("{}: this server has no batch jobs; its requests are sent one by one, {} at a time",
                  display_url(backend_->protocol().url()), options_.concurrency);
        direct_ = make_chat(options_, context_);
      }
      if (direct_) return direct_->complete(requests);
      answer_open(requests, questions);
      for (ChatQuestion& question : questions) read_answer(question);
    }
    return outcomes_of(questions, requests.size());
  }

  CostEstimate estimate(const std::vector<ChatRequest>& requests) override {
    return estimate_questions(plan_questions(requests, backend_->protocol(), cache_), options_.price);
  }

 private:
  /// State files of jobs that are found at this place only, and that another model must not take up.
  std::filesystem::path job_folder() const {
    const std::string name = fmt::format("{}-{}-{}", options_.provider, options_.model, backend_->place());
    return std::filesystem::path(options_.cache) / "batches" /
           fmt::format("{}-{}", options_.provider, sha256(name).substr(0, 12));
  }

  static size_t count_open(const std::vector<ChatQuestion>& questions) {
    size_t open = 0;
    for (const ChatQuestion& question : questions) open += question.outcome ? 0 : 1;
    return open;
  }

  /// Runs the jobs; `questions` is planned anew, because jobs left open by an earlier run may have answered some.
  void answer_open(const std::vector<ChatRequest>& requests, std::vector<ChatQuestion>& questions) {
    BatchRunner runner(backend_->service(), cache_, context_.clock, batch_, job_folder());
    OpenJobs open = runner.finish_open_jobs(waiting_ == Waiting::until_ended ? BatchRunner::Until::collected
                                                                             : BatchRunner::Until::submitted);
    questions = plan_questions(requests, backend_->protocol(), cache_);
    for (auto& [key, row] : open.failures)
      if (!row.temporary) given_up_.insert_or_assign(key, std::move(row));
    std::vector<BatchTask> tasks;
    size_t running = 0;
    for (const ChatQuestion& question : questions) {
      if (question.outcome || given_up_.contains(question.key)) continue;
      if (open.running.contains(question.key))
        ++running;
      else
        tasks.push_back({question.key, question.body});
    }
    const Usage expected = expected_usage(questions, options_.price);
    naming_settings(options_.section, [&] { meter_.reserve(expected); });
    if (waiting_ == Waiting::not_at_all) {
      runner.submit(tasks);  // the estimate stays reserved: the money is as good as spent
      if (running + tasks.size() > 0) throw JobsLeftRunning{running + tasks.size()};
      return;
    }
    for (auto& [key, row] : runner.run(std::move(tasks))) given_up_.insert_or_assign(key, std::move(row));
    Usage used;
    for (const ChatQuestion& question : questions)
      if (const auto reply = question.outcome ? std::nullopt : cache_.find(question.key))
        used += backend_->protocol().parse(*reply).usage;
    meter_.settle(expected, used);
  }

  void read_answer(ChatQuestion& question) {
    if (question.outcome) return;
    if (const auto reply = cache_.find(question.key)) {
      question.outcome = stored_outcome(backend_->protocol(), question, *reply);
      return;
    }
    const auto failure = given_up_.find(question.key);
    question.outcome = {.kind = Kind::failed,
                        .reason = failure != given_up_.end() ? failure->second.failure : std::string(kNoRow),
                        .unusable = question.unusable};
  }

  const ChatOptions options_;
  const RemoteContext context_;
  const Waiting waiting_;
  const std::unique_ptr<BatchBackend> backend_;
  const BatchOptions batch_;
  RequestCache cache_;
  CostMeter meter_;
  /// By key, what has failed for good or in the last round of jobs: this process does not ask for it again.
  std::map<std::string, BatchRow> given_up_;
  std::unique_ptr<Chat> direct_;  ///< in place of jobs, once the server is known to have none
};

}  // namespace

std::unique_ptr<Chat> make_batch_chat(const ChatOptions& options, const BatchOptions& batch,
                                      const RemoteContext& context, Waiting waiting) {
  if (options.offline) return make_chat(options, context);
  return naming_settings(options.section, [&]() -> std::unique_ptr<Chat> {
    check_options(options);
    return std::make_unique<BatchChat>(options, batch, context, waiting);
  });
}

}  // namespace latentcrs
