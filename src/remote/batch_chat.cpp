#include <fmt/format.h>

#include <utility>

#include "check_options.h"
#include "latentcrs/remote/gemini.h"
#include "latentcrs/remote/vertex_batch.h"
#include "latentcrs/util/error.h"
#include "remote_chat.h"
#include "vertex_access.h"

namespace latentcrs {

namespace {

namespace fs = std::filesystem;
using Kind = ChatOutcome::Kind;

GcsOptions storage_options(const RetryOptions& retry, const RemoteContext& context) {
  GcsOptions options = gcs_emulator(context).value_or(GcsOptions{});
  options.retry = retry;
  return options;
}

class VertexBatchChat : public Chat {
 public:
  VertexBatchChat(const ChatOptions& options, const BatchOptions& batch, const RemoteContext& context)
      : options_(options),
        batch_(batch),
        clock_(context.clock),
        access_(find_vertex_access(options, context)),
        emulator_(gcs_emulator(context) ? make_no_credentials() : nullptr),
        client_(context, *access_.credentials, {options.http, options.retry, {}}),
        storage_client_(context, emulator_ ? *emulator_ : *access_.credentials, {options.http, options.retry, {}}),
        storage_(storage_client_, context.clock, storage_options(options.retry, context)),
        protocol_(make_vertex_protocol(options, access_.project, access_.location)),
        service_(make_vertex_batch(client_, storage_, service_options())),
        cache_(options.cache),
        meter_(options.price, options.max_cost) {}

  std::vector<ChatOutcome> complete(const std::vector<ChatRequest>& requests) override {
    auto questions = plan_questions(requests, *protocol_, cache_);
    if (count_open(questions) > 0) {
      std::map<std::string, BatchRow> failures;
      if (!options_.offline) failures = answer_open(requests, questions);
      for (ChatQuestion& question : questions) read_answer(question, failures);
    }
    std::vector<ChatOutcome> outcomes(requests.size());
    for (const ChatQuestion& question : questions)
      for (const size_t asker : question.askers) outcomes[asker] = *question.outcome;
    return outcomes;
  }

  CostEstimate estimate(const std::vector<ChatRequest>& requests) override {
    const auto questions = plan_questions(requests, *protocol_, cache_);
    CostEstimate estimate;
    estimate.requests = static_cast<int64_t>(count_open(questions));
    estimate.cached = static_cast<int64_t>(questions.size()) - estimate.requests;
    estimate.usage = expected_usage(questions);
    estimate.cost = cost_of(estimate.usage, options_.price);
    return estimate;
  }

 private:
  VertexBatchOptions service_options() const {
    const std::string base =
        options_.base_url.empty() ? vertex_base_url(access_.location) : checked_base_url(options_.base_url, "base_url");
    return {base, access_.project, access_.location, options_.model, parse_gcs_path(batch_.folder, "batch.folder")};
  }

  /// State files of jobs that are found at this place only.
  fs::path job_folder() const {
    return fs::path(options_.cache) / "batches" / fmt::format("vertex-{}-{}", access_.project, access_.location);
  }

  static size_t count_open(const std::vector<ChatQuestion>& questions) {
    size_t open = 0;
    for (const ChatQuestion& question : questions) open += question.outcome ? 0 : 1;
    return open;
  }

  Usage expected_usage(const std::vector<ChatQuestion>& questions) const {
    Usage usage;
    for (const ChatQuestion& question : questions)
      if (!question.outcome) usage += {estimate_tokens(question.body.dump()), options_.price.expected_output_tokens};
    return usage;
  }

  /// Runs the jobs; `questions` is planned anew, because jobs left open by an earlier run may have answered some.
  std::map<std::string, BatchRow> answer_open(const std::vector<ChatRequest>& requests,
                                              std::vector<ChatQuestion>& questions) {
    BatchRunner runner(*service_, cache_, clock_, batch_, job_folder());
    runner.finish_open_jobs();
    questions = plan_questions(requests, *protocol_, cache_);
    std::vector<BatchTask> tasks;
    for (const ChatQuestion& question : questions)
      if (!question.outcome) tasks.push_back({question.key, question.body});
    const Usage expected = expected_usage(questions);
    meter_.reserve(expected);
    auto failures = runner.run(std::move(tasks));
    Usage used;
    for (const ChatQuestion& question : questions)
      if (const auto reply = question.outcome ? std::nullopt : cache_.find(question.key))
        used += protocol_->parse(*reply).usage;
    meter_.settle(expected, used);
    return failures;
  }

  void read_answer(ChatQuestion& question, const std::map<std::string, BatchRow>& failures) {
    if (question.outcome) return;
    if (const auto reply = cache_.find(question.key)) {
      question.outcome = protocol_->parse(*reply);
      return;
    }
    const auto failure = failures.find(question.key);
    question.outcome = {
        .kind = Kind::failed,
        .reason = failure != failures.end() ? failure->second.failure : "not in the cache, and offline=true"};
  }

  const ChatOptions options_;
  const BatchOptions batch_;
  Clock& clock_;
  const VertexAccess access_;
  const std::unique_ptr<Credentials> emulator_;  ///< of a storage emulator, which gets none
  ApiClient client_, storage_client_;
  Gcs storage_;
  const std::unique_ptr<ChatProtocol> protocol_;
  const std::unique_ptr<BatchService> service_;
  RequestCache cache_;
  CostMeter meter_;
};

}  // namespace

std::unique_ptr<Chat> make_vertex_batch_chat(const ChatOptions& options, const BatchOptions& batch,
                                             const RemoteContext& context) {
  check_options(options);
  check_options(batch);
  return std::make_unique<VertexBatchChat>(options, batch, context);
}

}  // namespace latentcrs
