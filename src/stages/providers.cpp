#include "stages/providers.h"

#include <fmt/format.h>

#include "dialogue/remote_simulator.h"
#include "dialogue/user_prompt.h"
#include "dialogue/zero_shot.h"
#include "llm/service_check.h"
#include "stages/embedders.h"
#include "text/prompt_template.h"
#include "util/error.h"
#include "util/random.h"

namespace latentcrs {

namespace {

using nlohmann::json;

constexpr std::string_view kBatchSuffix = "_batch";

/// The service behind a provider: vertex for vertex and vertex_batch.
std::string service_of(const std::string& provider) {
  return asks_by_batch(provider) ? provider.substr(0, provider.size() - kBatchSuffix.size()) : provider;
}

/// Where the user finds `chat`, which is one of the config's.
std::string section_of(const Config& config, const ChatOptions& chat) {
  if (&chat == &config.evaluate.extractor.chat) return "evaluate.extractor.chat";
  if (&chat == &config.evaluate.zero_shot.chat) return "evaluate.zero_shot.chat";
  return "simulate.chat";
}

ChatOptions complete_options(const Config& config, const std::string& provider, const ChatOptions& given) {
  ChatOptions chat = given;
  chat.section = section_of(config, given);
  chat.provider = service_of(provider);
  chat.cache = config.services.cache;
  chat.offline = config.services.offline;
  chat.http = config.services.http;
  chat.retry = config.services.retry;
  return chat;
}

std::unique_ptr<UserSimulator> make_simulator(const StageContext& context, const std::string& provider,
                                              const ItemCatalogue& catalogue, Waiting waiting) {
  const SimulateOptions& options = context.config.simulate;
  if (provider == "offline")
    return make_agenda_simulator(catalogue, context.config.datasets, options, derive_seed(context.seed(), "simulate"));
  return make_remote_simulator(make_provider_chat(context, provider, options.chat, waiting), catalogue);
}

Waiting waiting_of(const StageContext& context) { return context.detach ? Waiting::not_at_all : Waiting::until_ended; }

PromptTemplate extractor_prompt(const StageContext& context) {
  return PromptTemplate::load(context.prompt_template(context.config.evaluate.extractor.prompt_template),
                              kExtractorFields);
}

ExtractorOptions extractor_options(const StageContext& context, const ItemCatalogue& catalogue) {
  return {.item_noun = context.config.datasets.item_noun, .facets = catalogue.all_facets()};
}

/// What of a chat model decides its answers.
json chat_identity(const std::string& provider, const ChatOptions& chat) {
  return {{"service", service_of(provider)},
          {"model", chat.model},
          {"base_url", chat.base_url},
          {"parameters", chat.parameters},
          {"safety_threshold", chat.safety_threshold}};
}

/// The chat models of a config, by the section that names them.
struct ChatRole {
  std::string section;
  std::string provider;
  const ChatOptions* chat;
  std::string chat_section;
};

std::vector<ChatRole> chat_roles(const Config& config) {
  const EvaluateOptions& evaluate = config.evaluate;
  std::vector<ChatRole> roles;
  const auto add = [&roles](const std::string& section, const std::string& provider, const ChatOptions& chat,
                            const std::string& chat_section) {
    if (provider != "offline" && provider != "none") roles.push_back({section, provider, &chat, chat_section});
  };
  add("simulate", config.simulate.provider, config.simulate.chat, "simulate.chat");
  if (evaluate.multi_turn) {
    add("evaluate.simulator", evaluate.simulator.provider.empty() ? "none" : evaluate.simulator.provider,
        config.simulate.chat, "simulate.chat");
    add("evaluate.extractor", evaluate.extractor.provider, evaluate.extractor.chat, "evaluate.extractor.chat");
  }
  add("evaluate.zero_shot", evaluate.zero_shot.provider, evaluate.zero_shot.chat, "evaluate.zero_shot.chat");
  return roles;
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

bool asks_by_batch(const std::string& provider) { return provider.ends_with(kBatchSuffix); }

std::shared_ptr<Chat> make_provider_chat(const StageContext& context, const std::string& provider,
                                         const ChatOptions& chat, Waiting waiting) {
  const Config& config = context.config;
  const ChatOptions options = complete_options(config, provider, chat);
  const RemoteContext remote = remote_context(config);
  if (asks_by_batch(provider)) return make_batch_chat(options, config.simulate.batch, remote, waiting);
  return make_chat(options, remote);
}

std::shared_ptr<Chat> make_offline_chat(const Config& config, const std::string& provider, const ChatOptions& chat) {
  ChatOptions options = complete_options(config, provider, chat);
  options.offline = true;
  options.max_cost = 0;
  return make_chat(options, remote_context(config));
}

std::unique_ptr<UserSimulator> make_user_simulator(const StageContext& context, const ItemCatalogue& catalogue,
                                                   Waiting waiting) {
  return make_simulator(context, context.config.simulate.provider, catalogue, waiting);
}

const std::string& dialogue_provider(const Config& config) {
  const std::string& own = config.evaluate.simulator.provider;
  return own.empty() ? config.simulate.provider : own;
}

std::unique_ptr<UserSimulator> make_dialogue_simulator(const StageContext& context, const ItemCatalogue& catalogue) {
  return make_simulator(context, dialogue_provider(context.config), catalogue, waiting_of(context));
}

std::unique_ptr<IntentExtractor> make_extractor(const StageContext& context, const ItemCatalogue& catalogue) {
  const DialogueExtractorOptions& options = context.config.evaluate.extractor;
  if (options.provider == "offline")
    return make_offline_extractor(catalogue.all_facets(), context.config.datasets.item_noun);
  return make_remote_extractor(make_provider_chat(context, options.provider, options.chat, waiting_of(context)),
                               catalogue, extractor_prompt(context), extractor_options(context, catalogue));
}

std::vector<ChatRequest> extraction_requests(const StageContext& context, const ItemCatalogue& catalogue,
                                             const std::vector<std::vector<DialogueTurn>>& dialogues) {
  const PromptTemplate prompt = extractor_prompt(context);
  const ExtractorOptions options = extractor_options(context, catalogue);
  std::vector<ChatRequest> requests;
  for (const auto& turns : dialogues) requests.push_back(extractor_request(turns, catalogue, prompt, options));
  return requests;
}

json speech_settings(const Config& config) {
  const SimulateOptions& options = config.simulate;
  json settings = section(config, "simulate");
  settings.erase("chat");
  settings.erase("batch");
  if (options.provider == "offline") return settings;
  for (const char* agenda : {"max_facets", "likeness_prob"}) settings.erase(agenda);
  settings["provider"] = chat_identity(options.provider, options.chat);
  return settings;
}

json evaluation_settings(const Config& config) {
  const EvaluateOptions& options = config.evaluate;
  json settings = section(config, "evaluate");
  for (const char* role : {"simulator", "extractor", "zero_shot"}) settings.erase(role);
  if (options.multi_turn) {  // without dialogues nobody takes part
    const std::string& speaker = options.simulator.provider;
    if (!speaker.empty() && service_of(speaker) != service_of(config.simulate.provider))
      settings["simulator"] = speaker == "offline" ? json(speaker) : chat_identity(speaker, config.simulate.chat);
    if (options.extractor.provider != "offline")
      settings["extractor"] = chat_identity(options.extractor.provider, options.extractor.chat);
  }
  const ZeroShotOptions& zero_shot = options.zero_shot;
  if (zero_shot.provider != "none")
    settings["zero_shot"] = {{"provider", chat_identity(zero_shot.provider, zero_shot.chat)},
                             {"inputs", zero_shot.inputs},
                             {"titles", zero_shot.titles},
                             {"users", zero_shot.users},
                             {"match_ratio", zero_shot.match_ratio}};
  return settings;
}

std::vector<std::filesystem::path> evaluation_templates(const StageContext& context) {
  const EvaluateOptions& options = context.config.evaluate;
  std::vector<std::filesystem::path> files;
  if (options.multi_turn) files = embedding_templates(context);
  if (options.multi_turn && options.extractor.provider != "offline")
    files.push_back(context.prompt_template(options.extractor.prompt_template));
  if (options.zero_shot.provider != "none")
    for (const std::string& input : options.zero_shot.inputs)
      files.push_back(context.prompt_template(zero_shot_template(options.zero_shot, input)));
  return files;
}

const std::string& zero_shot_template(const ZeroShotOptions& options, const std::string& input) {
  return input == "text"    ? options.prompt_template_text
         : input == "items" ? options.prompt_template_items
                            : options.prompt_template;
}

void check_service_settings(const Config& config) {
  const auto require = [](const std::string& key, const std::string& value, const std::string& provider) {
    if (value.empty()) throw config_error(fmt::format("{}: required with provider {}", key, provider));
  };
  for (const ChatRole& role : chat_roles(config)) {
    require(role.chat_section + ".model", role.chat->model, role.provider);
    if (role.provider == "vertex_batch" && !config.services.offline)
      require("simulate.batch.folder", config.simulate.batch.folder, role.provider);
  }
  if (config.embed.provider == "offline") return;
  require("embed.remote.model", config.embed.remote.model, config.embed.provider);
  require("embed.remote.base_url", config.embed.remote.base_url, config.embed.provider);
}

void check_templates(const StageContext& context) {
  const Config& config = context.config;
  for (const ChatRole& role : chat_roles(config)) {
    if (role.section == "simulate")
      PromptTemplate::load(context.prompt_template(config.simulate.prompt_template), kUserPromptFields);
    if (role.section == "evaluate.extractor") extractor_prompt(context);
    if (role.section != "evaluate.zero_shot") continue;
    for (const std::string& input : config.evaluate.zero_shot.inputs)
      PromptTemplate::load(context.prompt_template(zero_shot_template(config.evaluate.zero_shot, input)),
                           zero_shot_fields(input));
  }
  if (config.embed.provider != "offline") make_task_embedders(context, {});
}

void check_credentials(const StageContext& context, const std::string& stage) {
  const EvaluateOptions& evaluate = context.config.evaluate;
  const bool also_in_dialogues = evaluate.multi_turn && evaluate.simulator.provider.empty();
  for (const ChatRole& role : chat_roles(context.config)) {
    const bool opens = role.section == "simulate";
    if (stage == "simulate" ? opens : stage == "evaluate" && (!opens || also_in_dialogues))
      check_chat(complete_options(context.config, role.provider, *role.chat), remote_context(context.config));
  }
}

std::vector<ServiceState> try_services(const StageContext& context) {
  const Config& config = context.config;
  const RemoteContext remote = remote_context(config);
  std::vector<ServiceState> states;
  for (const ChatRole& role : chat_roles(config)) {
    ChatOptions options = complete_options(config, role.provider, *role.chat);
    options.offline = false;
    states.push_back(state_of(role.section, check_chat_service(options, remote)));
    if (role.provider == "vertex_batch")
      states.push_back(state_of(role.section + ", bucket", check_bucket(options, config.simulate.batch, remote)));
  }
  const auto files = embedding_templates(context);
  for (size_t task = 0; task < files.size(); ++task) {
    RemoteEmbedOptions options = embedding_service(context, files[task]);
    options.offline = false;
    const std::string role = files.size() == 1 ? "embed" : "embed, " + config.datasets.meta_task_keys.at(task);
    states.push_back(state_of(role, check_embedding_service(options, config.embed.text_embedding_dim, remote)));
  }
  return states;
}

}  // namespace latentcrs
