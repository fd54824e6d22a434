#include "language/llm/batch_chat.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

#include "base/util/error.h"
#include "base/util/files.h"
#include "base/util/log.h"
#include "language/llm/batch_rows.h"
#include "language/llm/batch_runner.h"
#include "language/llm/chat_questions.h"
#include "language/llm/check_options.h"
#include "language/llm/providers.h"
#include "language/llm/remote_chat.h"
#include "language/transport/api_client.h"
#include "language/transport/request_cache.h"
#include "language/transport/url.h"

namespace latentcrs {

namespace {

const BatchJobs& batch_jobs_of(const std::string& name) {
  const ChatProvider& provider = chat_provider(name);
  if (!provider.batch) throw config_error(fmt::format("provider={}: has no batch jobs", name));
  return *provider.batch;
}

BatchOptions within(const BatchLimits& limits, BatchOptions options) {
  options.max_requests = std::min(options.max_requests, limits.max_requests);
  options.max_megabytes = std::min(options.max_megabytes, limits.max_megabytes);
  return options;
}

class BatchChat : public Chat {
 public:
  BatchChat(const ChatService& service, const BatchOptions& batch, const RemoteContext& context, Waiting waiting)
      : service_(service),
        context_(context),
        waiting_(waiting),
        connection_(batch_jobs_of(service.provider).connect(service, context)),
        client_(context, *connection_.credentials,
                {service.shared.http, service.shared.retry, connection_.also_retried}),
        jobs_(batch_jobs_of(service.provider).make_service({client_, connection_, service, batch, context})),
        batch_(within(batch_jobs_of(service.provider).limits, batch)),
        cache_(service.shared.cache),
        meter_(service.options.price, service.options.max_cost) {}

  Answers<ChatOutcome> complete(const std::vector<ChatRequest>& requests) override {
    auto questions = plan_questions(requests, protocol(), cache_);
    if (count_open(questions) > 0) {
      if (!direct_ && !jobs_->available()) {
        log::warn("{}: this server has no batch jobs; its requests are sent one by one, {} at a time",
                  display_url(protocol().url()), service_.options.concurrency);
        direct_ = make_chat(service_, context_);
      }
      if (direct_) return direct_->complete(requests);
      if (const size_t running = answer_open(requests, questions); running > 0)
        return Answers<ChatOutcome>::still_to_come(running);
      for (ChatQuestion& question : questions) read_answer(question);
    }
    return outcomes_of(questions, requests.size());
  }

  CostEstimate estimate(const std::vector<ChatRequest>& requests) override {
    return estimate_questions(plan_questions(requests, protocol(), cache_), service_.options.price);
  }

 private:
  const ChatProtocol& protocol() const { return *connection_.protocol; }

  /// The folder of the jobs' state files. Each model and each place where a service keeps jobs has its own, because
  /// jobs are found at their place only and another model must not take them up.
  std::filesystem::path job_folder() const {
    const std::string name = fmt::format("{}-{}-{}", service_.provider, service_.options.model, connection_.job_place);
    return std::filesystem::path(service_.shared.cache) / "batches" /
           fmt::format("{}-{}", service_.provider, sha256(name).substr(0, 12));
  }

  static size_t count_open(const std::vector<ChatQuestion>& questions) {
    size_t open = 0;
    for (const ChatQuestion& question : questions) open += question.outcome ? 0 : 1;
    return open;
  }

  /// Runs the jobs, and returns the number of questions whose jobs were left running. `questions` is planned anew,
  /// because jobs left open by an earlier run may have answered some.
  size_t answer_open(const std::vector<ChatRequest>& requests, std::vector<ChatQuestion>& questions) {
    BatchRunner runner(*jobs_, cache_, context_.clock, batch_, job_folder());
    OpenJobs open = runner.finish_open_jobs(waiting_ == Waiting::until_ended ? BatchRunner::Until::collected
                                                                             : BatchRunner::Until::submitted);
    questions = plan_questions(requests, protocol(), cache_);
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
    const Usage expected = expected_usage(questions, service_.options.price);
    naming_settings(service_.section, [&] { meter_.reserve(expected); });
    if (waiting_ == Waiting::not_at_all) {
      runner.submit(tasks);  // the estimate stays reserved: the money is as good as spent
      return running + tasks.size();
    }
    for (auto& [key, row] : runner.run(std::move(tasks))) given_up_.insert_or_assign(key, std::move(row));
    Usage used;
    for (const ChatQuestion& question : questions)
      if (const auto reply = question.outcome ? std::nullopt : cache_.find(question.key))
        used += protocol().parse(*reply).usage;
    meter_.settle(expected, used);
    return 0;
  }

  void read_answer(ChatQuestion& question) {
    if (question.outcome) return;
    if (const auto reply = cache_.find(question.key)) {
      question.outcome = stored_outcome(protocol(), question, *reply);
      return;
    }
    const auto failure = given_up_.find(question.key);
    question.outcome = {.kind = ChatOutcome::Kind::failed,
                        .reason = failure != given_up_.end() ? failure->second.failure : std::string(kNoRow),
                        .unusable = question.unusable};
  }

  const ChatService service_;
  const RemoteContext context_;
  const Waiting waiting_;
  const ChatConnection connection_;
  ApiClient client_;
  const std::unique_ptr<BatchService> jobs_;
  const BatchOptions batch_;
  RequestCache cache_;
  CostMeter meter_;
  /// Questions, by key, that failed for good or in the last round of jobs: this process does not ask them again.
  std::map<std::string, BatchRow> given_up_;
  std::unique_ptr<Chat> direct_;  ///< in place of jobs, once the server is known to have none
};

}  // namespace

std::unique_ptr<Chat> make_batch_chat(const ChatService& service, const BatchOptions& batch,
                                      const RemoteContext& context, Waiting waiting) {
  if (service.shared.offline) return make_chat(service, context);
  return naming_settings(service.section, [&]() -> std::unique_ptr<Chat> {
    check_options(service);
    return std::make_unique<BatchChat>(service, batch, context, waiting);
  });
}

}  // namespace latentcrs
