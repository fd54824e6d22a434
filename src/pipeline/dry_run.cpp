#include "pipeline/dry_run.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/utterances.h"
#include "dialogue/remote_simulator.h"
#include "stages/embedders.h"
#include "stages/opening_requests.h"
#include "stages/providers.h"
#include "stages/zero_shot_evaluation.h"
#include "util/error.h"
#include "util/files.h"

namespace latentcrs {

namespace {

CostEstimate& operator+=(CostEstimate& sum, const CostEstimate& more) {
  sum.requests += more.requests;
  sum.cached += more.cached;
  sum.usage += more.usage;
  sum.cost += more.cost;
  return sum;
}

class DryRun {
 public:
  DryRun(const StageContext& context, bool retry)
      : context_(context),
        again_(read_unanswered(retry ? unanswered_file(context.folder) : retry_file(context.folder))),
        config_(context.config),
        interactions_(read_interactions(needed(context.folder.interactions()))),
        catalogue_(read_item_catalogue(needed(context.folder.features()), config_.datasets)) {}

  void simulate() {
    const SimulateOptions& options = config_.simulate;
    if (options.provider == "offline") return;
    const auto chat = make_offline_chat(config_, options.provider, options.chat);
    const OpeningPrompts prompts(context_, interactions_, catalogue_, again_);
    CostEstimate sum;
    for (const std::string& key : all_split_keys(config_.datasets)) {
      const OpeningRequests opening = prompts.of(key);
      std::vector<ChatRequest> requests;
      for (const UtteranceRequest& request : opening.requests)
        requests.push_back(simulator_request(request, catalogue_));
      sum += chat->estimate(requests);
    }
    add_row("simulate", options.provider, options.chat, sum);
  }

  void embed() {
    const EmbedOptions& options = config_.embed;
    if (options.provider == "offline") return;
    const int64_t batch = options.remote.batch_size;
    CostEstimate sum;
    for (const std::string& key : all_split_keys(config_.datasets)) {
      const auto [texts, bytes] = texts_of(key);
      for (const auto& file : embedding_templates(context_)) {
        const auto around = static_cast<int64_t>(read_file(file).size());
        sum.requests += (texts + batch - 1) / batch;
        sum.usage.input += (bytes + texts * around) / 4;
      }
    }
    sum.cost = static_cast<double>(sum.usage.input) * options.remote.price_per_million / 1e6;
    add_row("embed", options.provider, options.remote.model, sum, options.remote.price_per_million > 0);
  }

  void evaluate() {
    if (config_.evaluate.multi_turn) dialogues();
    if (config_.evaluate.zero_shot.provider != "none") zero_shot();
  }

  std::vector<Table> tables() const {
    if (table_.rows.size() == 1) return {{"", {{"No stage asked for speaks to a model: its providers are offline"}}}};
    Table table = table_;
    if (table.rows.size() > 2)
      table.rows.push_back({"sum", "", fmt::format("{}", total_.requests), fmt::format("{}", total_.cached),
                            fmt::format("{}", total_.usage.input), fmt::format("{}", total_.usage.output),
                            unpriced_ ? "-" : fmt::format("{:.2f}", total_.cost)});
    return {table};
  }

 private:
  static const std::filesystem::path& needed(const std::filesystem::path& file) {
    if (!fs::is_regular_file(file))
      throw data_error(
          fmt::format("the dry run needs {}: run `latentcrs preprocess` with the same config first", file.string()));
    return file;
  }

  /// Number and bytes of a split's utterances; before they exist, of as many tokens as a reply is expected to have.
  std::pair<int64_t, int64_t> texts_of(const std::string& key) const {
    const auto file = context_.folder.utterances(key);
    if (fs::exists(file)) {
      int64_t count = 0, bytes = 0;
      for (const Utterance& utterance : read_utterances(file)) {
        count += utterance.response.empty() ? 0 : 1;
        bytes += static_cast<int64_t>(utterance.response.size());
      }
      return {count, bytes};
    }
    const auto count = static_cast<int64_t>(make_split(interactions_, key, config_.datasets.max_history).size());
    return {count, count * 4 * config_.simulate.chat.price.expected_output_tokens};
  }

  /// Words as long as an answer is expected to be, another's for each user.
  static std::string filler(int tokens, int64_t user) {
    std::string words = std::to_string(user) + " ";
    words.resize(std::max(words.size(), 4 * static_cast<size_t>(tokens)), 'x');
    return words;
  }

  /// Every sampled user fails in every turn: as many requests as there can be. What is said is as long as expected.
  void dialogues() {
    const EvaluateOptions& options = config_.evaluate;
    const std::string& speaker = dialogue_provider(config_);
    const bool speaks = speaker != "offline", reads = options.extractor.provider != "offline";
    if (!speaks && !reads) return;
    OpeningRequests opening = OpeningPrompts(context_, interactions_, catalogue_).of("test");
    const auto sample = multi_turn_sample(static_cast<int64_t>(opening.requests.size()),
                                          config_.datasets.multi_turn_users, config_.datasets.multi_turn_seed);
    std::vector<ChatRequest> spoken;
    std::vector<std::vector<DialogueTurn>> read;
    for (const int64_t user : sample) {
      UtteranceRequest& request = opening.requests[static_cast<size_t>(user)];
      const std::string words = filler(config_.simulate.chat.price.expected_output_tokens, user);
      for (int turn = 1; turn <= options.max_turns; ++turn) {
        request.turns.push_back({.user = words, .shown_items = {}});
        read.push_back(request.turns);
        request.turns.back().shown_items = some_items(turn);
        if (turn < options.max_turns && speaks) spoken.push_back(simulator_request(request, catalogue_));
      }
    }
    if (speaks) {
      const auto chat = make_offline_chat(config_, speaker, config_.simulate.chat);
      add_row("evaluate, user simulator (at most)", speaker, config_.simulate.chat, chat->estimate(spoken));
    }
    if (reads) {
      const auto& extractor = options.extractor;
      const auto chat = make_offline_chat(config_, extractor.provider, extractor.chat);
      const auto requests = extraction_requests(context_, catalogue_, read);
      add_row("evaluate, extractor (at most)", extractor.provider, extractor.chat, chat->estimate(requests));
    }
  }

  std::vector<int64_t> some_items(int turn) const {
    const auto& items = catalogue_.items();
    std::vector<int64_t> shown;
    for (int i = 0; i < config_.evaluate.shown_items; ++i)
      shown.push_back(items[static_cast<size_t>(turn * config_.evaluate.shown_items + i) % items.size()].id);
    return shown;
  }

  void zero_shot() {
    const ZeroShotOptions& options = config_.evaluate.zero_shot;
    const auto chat = make_offline_chat(config_, options.provider, options.chat);
    std::vector<SplitRecord> records = make_split(interactions_, "test", config_.datasets.max_history);
    std::vector<Utterance> users;
    const int utterance = config_.simulate.chat.price.expected_output_tokens;
    for (const size_t i : zero_shot_sample(config_, records.size()))
      users.push_back(
          {.record = std::move(records[i]), .prompt = {}, .response = filler(utterance, static_cast<int64_t>(i))});
    for (const std::string& input : options.inputs)
      add_row("evaluate, zero shot, " + input, options.provider, options.chat,
              chat->estimate(zero_shot_requests(context_, catalogue_, input, users)));
  }

  void add_row(const std::string& what, const std::string& provider, const ChatOptions& chat,
               const CostEstimate& estimate) {
    const bool priced = chat.price.input_per_million > 0 || chat.price.output_per_million > 0;
    add_row(what, provider, chat.model, estimate, priced);
  }

  void add_row(const std::string& what, const std::string& provider, const std::string& model,
               const CostEstimate& estimate, bool priced) {
    table_.rows.push_back({what, fmt::format("{} ({})", model, provider), fmt::format("{}", estimate.requests),
                           fmt::format("{}", estimate.cached), fmt::format("{}", estimate.usage.input),
                           fmt::format("{}", estimate.usage.output),
                           priced ? fmt::format("{:.2f}", estimate.cost) : "-"});
    total_ += estimate;
    unpriced_ = unpriced_ || !priced;
  }

  const StageContext& context_;
  const std::vector<Unanswered> again_;
  const Config& config_;
  const Interactions interactions_;
  const ItemCatalogue catalogue_;
  Table table_{"Dry run: nothing is sent. Cost is that of the config's price (- where it gives none)",
               {{"for", "model", "requests", "cached", "tokens in", "tokens out", "cost"}}};
  CostEstimate total_;
  bool unpriced_ = false;
};

}  // namespace

std::vector<Table> dry_run(const LoadedConfig& loaded, const std::vector<std::string>& stages, bool retry) {
  check_service_settings(loaded.config);
  const StageContext context = make_context(loaded, c10::kCPU);
  const auto wanted = [&](const char* stage) { return std::find(stages.begin(), stages.end(), stage) != stages.end(); };
  if (const std::string lacking = lacks_features(context); !lacking.empty())
    throw data_error("the dry run needs " + lacking);
  DryRun run(context, retry);
  if (wanted("simulate")) run.simulate();
  if (wanted("embed")) run.embed();
  if (wanted("evaluate")) run.evaluate();
  return run.tables();
}

}  // namespace latentcrs
