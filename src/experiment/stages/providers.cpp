#include "experiment/stages/providers.h"

#include <fmt/format.h>

#include "base/config/conditions.h"
#include "base/config/provider_names.h"
#include "base/util/error.h"
#include "base/util/random.h"
#include "experiment/stages/embedders.h"
#include "language/dialogue/agenda_simulator.h"
#include "language/dialogue/named_features.h"
#include "language/dialogue/refusals.h"
#include "language/dialogue/remote_extractor.h"
#include "language/dialogue/remote_simulator.h"
#include "language/dialogue/zero_shot.h"
#include "language/llm/providers.h"
#include "language/llm/remote_chat.h"
#include "language/llm/service_check.h"
#include "language/text/prompt_template.h"
#include "language/transport/curl_http.h"

namespace latentcrs {

namespace {

/// The section where the user finds `chat`, which is one of the config's.
std::string section_of(const Config& config, const ChatOptions& chat) {
  if (&chat == &config.evaluate.extractor.chat) return "evaluate.extractor.chat";
  if (&chat == &config.evaluate.zero_shot.chat) return "evaluate.zero_shot.chat";
  return "simulate.chat";
}

/// `provider`: a setting that names a chat provider. `chat`: one of the config's.
ChatService chat_service(const Config& config, const std::string& provider, const ChatOptions& chat) {
  ChatService service = {.provider = service_of(provider),
                         .options = chat,
                         .shared = config.services,
                         .section = section_of(config, chat)};
  const ZeroShotOptions& zero_shot = config.evaluate.zero_shot;
  // Parameters that are the simulator's were made for one utterance.
  if (&chat == &zero_shot.chat && chat.parameters == config.simulate.chat.parameters)
    service.options.parameters = zero_shot_parameters(chat.parameters, zero_shot.titles);
  return service;
}

std::unique_ptr<UserSimulator> make_simulator(const StageContext& context, const std::string& provider,
                                              const ItemCatalogue& catalogue, Waiting waiting) {
  const SimulateOptions& options = context.config.simulate;
  if (!asks_service(provider))
    return make_agenda_simulator(catalogue, context.config.datasets, options, derive_seed(context.seed(), "simulate"));
  return make_remote_simulator(make_provider_chat(context, provider, options.chat, waiting), catalogue,
                               options.keep_sentences ? CutReplies::keep_sentences : CutReplies::leave_out);
}

Waiting waiting_of(const StageContext& context) { return context.detach ? Waiting::not_at_all : Waiting::until_ended; }

PromptTemplate extractor_prompt(const StageContext& context) {
  return PromptTemplate::load(context.prompt_template(context.config.evaluate.extractor.prompt_template),
                              kExtractorFields);
}

ExtractorOptions extractor_options(const StageContext& context, const ItemCatalogue& catalogue) {
  return {.item_noun = context.config.datasets.item_noun, .facets = catalogue.all_facets()};
}

/// A task of the config that a chat model has.
struct ChatRole {
  std::string section;  ///< that names the provider
  ChatProviderChoice choice;
  std::string setting;  ///< the choice as the user writes it, "vertex_batch"
  ChatService service;
};

std::vector<ChatRole> chat_roles(const Config& config) {
  const EvaluateOptions& evaluate = config.evaluate;
  std::vector<ChatRole> roles;
  const auto add = [&](const std::string& section, const std::string& setting, const ChatOptions& chat) {
    if (const auto choice = find_chat_provider(setting))
      roles.push_back({section, *choice, setting, chat_service(config, setting, chat)});
  };
  add("simulate", config.simulate.provider, config.simulate.chat);
  if (evaluate.multi_turn) {
    add("evaluate.simulator", evaluate.simulator.provider, config.simulate.chat);
    add("evaluate.extractor", evaluate.extractor.provider, evaluate.extractor.chat);
  }
  add("evaluate.zero_shot", evaluate.zero_shot.provider, evaluate.zero_shot.chat);
  return roles;
}

/// Throws Error(config) naming the first of the `required` settings of `section` that is empty.
template <class Options>
void require_settings(const std::string& section, const std::vector<RequiredSetting<Options>>& required,
                      const Options& options, const std::string& provider) {
  for (const auto& [name, value] : required)
    if ((options.*value).empty())
      throw config_error(fmt::format("{}.{}: required with provider {}", section, name, provider));
}

/// Whether the role is one of the stage with that name: evaluate.extractor is one of evaluate.
bool belongs_to(const ChatRole& role, const std::string& stage) {
  return role.section == stage || role.section.starts_with(stage + ".");
}

ServiceState state_of(const std::string& role, const ServiceCheck& check) {
  return {role, check.address, check.credentials, check.problem};
}

}  // namespace

RemoteContext remote_context(const Config& config) {
  return {.http = make_curl_http(config.services.http),
          .clock = system_clock(),
          .environment = process_environment(),
          .seed = static_cast<uint64_t>(config.random_seed)};
}

bool asks_by_batch(const std::string& provider) {
  const auto choice = find_chat_provider(provider);
  return choice && choice->by_batch;
}

std::shared_ptr<Chat> make_provider_chat(const StageContext& context, const std::string& provider,
                                         const ChatOptions& chat, Waiting waiting) {
  const Config& config = context.config;
  const ChatService service = chat_service(config, provider, chat);
  const RemoteContext remote = remote_context(config);
  if (asks_by_batch(provider)) return make_batch_chat(service, config.simulate.batch, remote, waiting);
  return make_chat(service, remote);
}

std::shared_ptr<Chat> make_offline_chat(const Config& config, const std::string& provider, const ChatOptions& chat) {
  ChatService service = chat_service(config, provider, chat);
  service.shared.offline = true;
  service.options.max_cost = 0;
  return make_chat(service, remote_context(config));
}

std::unique_ptr<UserSimulator> make_user_simulator(const StageContext& context, const ItemCatalogue& catalogue,
                                                   Waiting waiting) {
  return make_simulator(context, context.config.simulate.provider, catalogue, waiting);
}

std::unique_ptr<UserSimulator> make_direct_simulator(const StageContext& context, const ItemCatalogue& catalogue) {
  return make_simulator(context, service_of(context.config.simulate.provider), catalogue, Waiting::until_ended);
}

const std::string& dialogue_provider(const Config& config) {
  const std::string& own = config.evaluate.simulator.provider;
  return own.empty() ? config.simulate.provider : own;
}

std::unique_ptr<UserSimulator> make_dialogue_simulator(const StageContext& context, const ItemCatalogue& catalogue) {
  return make_simulator(context, dialogue_provider(context.config), catalogue, waiting_of(context));
}

namespace {

GenreWording genre_wording(const Config& config) {
  return looks_for_genres(config) ? GenreWording::people : GenreWording::names;
}

/// The extractor of genres or categories.
std::unique_ptr<IntentExtractor> make_facet_extractor(const StageContext& context, const ItemCatalogue& catalogue) {
  const DialogueExtractorOptions& options = context.config.evaluate.extractor;
  if (!asks_service(options.provider))
    return make_offline_extractor(catalogue.all_facets(), context.config.datasets.item_noun,
                                  genre_wording(context.config));
  return make_remote_extractor(make_provider_chat(context, options.provider, options.chat, waiting_of(context)),
                               catalogue, extractor_prompt(context), extractor_options(context, catalogue));
}

}  // namespace

std::unique_ptr<IntentExtractor> make_extractor(const StageContext& context, const ItemCatalogue& catalogue) {
  auto extractor = make_facet_extractor(context, catalogue);
  return has_item_names(context.config.datasets) ? with_names(std::move(extractor), catalogue) : std::move(extractor);
}

std::unique_ptr<IntentExtractor> make_talk_extractor(const StageContext& context, const ItemCatalogue& catalogue) {
  const Config& config = context.config;
  return hearing_refusals(make_extractor(context, catalogue), catalogue,
                          {.item_noun = config.datasets.item_noun,
                           .wording = genre_wording(config),
                           .names = has_item_names(config.datasets),
                           .decides_wishes = !asks_service(config.evaluate.extractor.provider)});
}

std::vector<ChatRequest> extraction_requests(const StageContext& context, const ItemCatalogue& catalogue,
                                             const std::vector<std::vector<DialogueTurn>>& dialogues) {
  const PromptTemplate prompt = extractor_prompt(context);
  const ExtractorOptions options = extractor_options(context, catalogue);
  std::vector<ChatRequest> requests;
  for (const auto& turns : dialogues) requests.push_back(extractor_request(turns, catalogue, prompt, options));
  return requests;
}

std::vector<std::filesystem::path> evaluation_templates(const StageContext& context) {
  const EvaluateOptions& options = context.config.evaluate;
  std::vector<std::filesystem::path> files;
  if (options.multi_turn) files = embedding_templates(context);
  if (options.multi_turn && asks_service(options.extractor.provider))
    files.push_back(context.prompt_template(options.extractor.prompt_template));
  if (asks_service(options.zero_shot.provider))
    for (const std::string& input : options.zero_shot.inputs)
      files.push_back(context.prompt_template(zero_shot_template(options.zero_shot, input)));
  return files;
}

const std::string& zero_shot_template(const ZeroShotOptions& options, const std::string& input) {
  return input == "text"    ? options.prompt_template_text
         : input == "items" ? options.prompt_template_items
                            : options.prompt_template;
}

void check_service_settings(const Config& config, const std::string& stage) {
  for (const ChatRole& role : chat_roles(config)) {
    if (!belongs_to(role, stage)) continue;
    const ChatProvider& provider = *role.choice.provider;
    require_settings(role.service.section, provider.required, role.service.options, role.setting);
    if (role.choice.by_batch && !config.services.offline)
      require_settings("simulate.batch", provider.batch->required, config.simulate.batch, role.setting);
  }
  if (stage == "embed")
    require_settings("embed.remote", embedding_provider(config.embed.provider).required, config.embed.remote,
                     config.embed.provider);
}

void check_credentials(const StageContext& context, const std::string& stage) {
  const EvaluateOptions& evaluate = context.config.evaluate;
  const bool also_in_dialogues = evaluate.multi_turn && evaluate.simulator.provider.empty();
  for (const ChatRole& role : chat_roles(context.config)) {
    const bool opens = role.section == "simulate";
    if (stage == "simulate" ? opens : stage == "evaluate" && (!opens || also_in_dialogues))
      check_chat(role.service, remote_context(context.config));
  }
}

std::vector<ServiceState> try_services(const StageContext& context) {
  const Config& config = context.config;
  const RemoteContext remote = remote_context(config);
  std::vector<ServiceState> states;
  for (ChatRole role : chat_roles(config)) {
    role.service.shared.offline = false;
    states.push_back(state_of(role.section, check_chat_service(role.service, remote)));
    if (!role.choice.by_batch) continue;
    if (const auto& storage = role.choice.provider->batch->storage)
      states.push_back(state_of(fmt::format("{}, {}", role.section, storage->name),
                                check_batch_storage(role.service, config.simulate.batch, remote)));
  }
  const auto files = embedding_templates(context);
  for (size_t task = 0; task < files.size(); ++task) {
    const EmbedOptions& embed = config.embed;
    const int width = embed.remote.ask_width ? 0 : embed.text_embedding_dim;
    EmbeddingService service = embedding_service(context, files[task]);
    service.shared.offline = false;
    const std::string role = files.size() == 1 ? "embed" : "embed, " + config.datasets.meta_task_keys.at(task);
    states.push_back(state_of(role, check_embedding_service(service, width, remote)));
  }
  return states;
}

}  // namespace latentcrs
