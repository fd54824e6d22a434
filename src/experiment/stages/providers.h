// The language models that a config names, as the stages use them, and the settings of services that a result depends
// on.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "datasets/data/item_catalogue.h"
#include "experiment/stages/stage.h"
#include "language/dialogue/feature_extraction.h"
#include "language/dialogue/user_simulator.h"
#include "language/llm/batch_chat.h"
#include "language/llm/chat.h"

namespace latentcrs {

/// Network, clock and environment of this process, as `services` says.
RemoteContext remote_context(const Config& config);

/// Whether a provider's setting means batch jobs.
bool asks_by_batch(const std::string& provider);

/// The chat model behind `provider`, the setting of a remote one, with a role's settings and those of `services`.
/// `waiting` concerns batch jobs only. Throws Error(config) as make_chat().
std::shared_ptr<Chat> make_provider_chat(const StageContext& context, const std::string& provider,
                                         const ChatOptions& chat, Waiting waiting);
/// The same for estimates: it answers from the cache only, and needs neither credentials nor network.
std::shared_ptr<Chat> make_offline_chat(const Config& config, const std::string& provider, const ChatOptions& chat);

/// simulate.provider.
std::unique_ptr<UserSimulator> make_user_simulator(const StageContext& context, const ItemCatalogue& catalogue,
                                                   Waiting waiting);

/// The service of simulate.provider asked directly, also where the setting means batch jobs, for a few replies that
/// cannot wait for a job. The answers of both ways are the same in the cache.
std::unique_ptr<UserSimulator> make_direct_simulator(const StageContext& context, const ItemCatalogue& catalogue);

/// evaluate.simulator.provider: simulate.provider unless it says otherwise.
const std::string& dialogue_provider(const Config& config);
std::unique_ptr<UserSimulator> make_dialogue_simulator(const StageContext& context, const ItemCatalogue& catalogue);

/// evaluate.extractor.provider.
std::unique_ptr<IntentExtractor> make_extractor(const StageContext& context, const ItemCatalogue& catalogue);
/// The same for conversations with people, whose refusals are heard too (hearing_refusals()).
std::unique_ptr<IntentExtractor> make_talk_extractor(const StageContext& context, const ItemCatalogue& catalogue);

/// The request that a remote extractor sends for each dialogue.
std::vector<ChatRequest> extraction_requests(const StageContext& context, const ItemCatalogue& catalogue,
                                             const std::vector<std::vector<DialogueTurn>>& dialogues);

/// Templates that evaluation reads, for its manifest's inputs.
std::vector<std::filesystem::path> evaluation_templates(const StageContext& context);

/// The setting that names the template for one of zero_shot.inputs.
const std::string& zero_shot_template(const ZeroShotOptions& options, const std::string& input);

/// Throws Error(config) naming the key for a setting that a provider chosen for `stage` needs and that is empty.
void check_service_settings(const Config& config, const std::string& stage);

/// Finds the credentials of the chat models that `stage` asks, so that a missing key is noticed before the first stage
/// and not after hours. Throws Error(config) as make_chat().
void check_credentials(const StageContext& context, const std::string& stage);

/// The result of trying a service.
struct ServiceState {
  std::string role;  ///< "simulate", "evaluate.extractor", "simulate, bucket", "embed"
  std::string address;
  std::string credentials;  ///< kind and names, never a value
  std::string problem;      ///< empty: the service works
};
/// Tries every service that the config names, without cost: counts tokens, lists models, lists a bucket, embeds two
/// words on an embedding server. Faults of services are in the result and are not thrown.
std::vector<ServiceState> try_services(const StageContext& context);

}  // namespace latentcrs
