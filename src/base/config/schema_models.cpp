// The part of the schema that is about language models: services, the user simulator, embeddings, dialogue roles.
#include <iterator>

#include "base/config/conditions.h"
#include "base/config/provider_names.h"
#include "base/config/schema_section.h"

namespace latentcrs {

namespace {

void add_credentials(const Section& add, CredentialOptions& o) {
  add("kind", &o.kind, one_of({"auto", "api_key", "google", "token_command", "token_file", "none"}));
  add("api_key_env", &o.api_key_env);
  add("api_key_file", &o.api_key_file, path());
  add("credentials_file", &o.credentials_file, path());
  add("token_command", &o.token_command);
  add("token_file", &o.token_file, path());
  add("quota_project", &o.quota_project);
}

/// `answers`: the influence of the settings that decide what the model answers.
void add_chat(const Section& add, ChatOptions& o, const Influence& answers) {
  const Section decisive = add.with(answers), paid = add.with(cost()), technical = add.with(speed());
  decisive("model", &o.model);
  decisive("base_url", &o.base_url);
  paid("project", &o.project);
  paid("location", &o.location);
  decisive("parameters", &o.parameters, json_object());
  decisive("safety_threshold", &o.safety_threshold);
  technical("concurrency", &o.concurrency, between(1, 256));
  technical("max_failures_in_a_row", &o.max_failures_in_a_row, at_least(1));
  const Section price = paid.below("price");
  price("input_per_million", &o.price.input_per_million, at_least(0));
  price("output_per_million", &o.price.output_per_million, at_least(0));
  price("expected_output_tokens", &o.price.expected_output_tokens, at_least(1));
  paid("max_cost", &o.max_cost, at_least(0));
  add_credentials(paid.below("credentials"), o.credentials);
}

void add_batch(const Section& add, BatchOptions& o) {
  add("folder", &o.folder);
  add("poll_interval", &o.poll_interval, between(1, 3600));
  add("max_poll_interval", &o.max_poll_interval, between(1, 3600));
  add("max_requests", &o.max_requests, between(1, 200'000));
  add("max_megabytes", &o.max_megabytes, above_upto(0, 1000));
  add("max_rounds", &o.max_rounds, between(1, 10));
}

void add_remote_embedder(const Section& add, RemoteEmbedOptions& o) {
  const Section decisive = add.with(decides({"embed", "evaluate"}, service_embeds));
  const Section paid = add.with(cost()), technical = add.with(speed());
  decisive("model", &o.model);
  decisive("base_url", &o.base_url);
  add.with(decides({"embed", "evaluate"}, asks_width))("ask_width", &o.ask_width);
  technical("bos_marker", &o.bos_marker);
  decisive("bos_tokens", &o.bos_tokens, between(0, 2));
  decisive("parameters", &o.parameters, json_object());
  technical("encoding", &o.encoding, one_of({"float", "base64"}));
  decisive("accept_unit_vectors", &o.accept_unit_vectors);
  add.with(decides({"embed", "evaluate"}, embeds_texts_alone))("alone", &o.alone);
  technical("batch_size", &o.batch_size, between(1, 2048));
  technical("concurrency", &o.concurrency, between(1, 64));
  paid("price_per_million", &o.price_per_million, at_least(0));
  add_credentials(paid.below("credentials"), o.credentials);
}

}  // namespace

void add_services(const Section& add, ServiceOptions& o) {
  const Section asked = add.with(cost());
  asked("cache", &o.cache, required_path());
  asked("offline", &o.offline);
  const Section http = add.below("http");
  http("connect_timeout", &o.http.connect_timeout, between(1, 120));
  http("timeout", &o.http.timeout, between(1, 7200));
  http("stall_timeout", &o.http.stall_timeout, between(5, 3600));
  http("ca_file", &o.http.ca_file, path());
  http("ca_dir", &o.http.ca_dir, path());
  http("proxy", &o.http.proxy);
  http("no_proxy", &o.http.no_proxy);
  http("proxy_env", &o.http.proxy_env);
  const Section retry = add.below("retry");
  retry("max_attempts", &o.retry.max_attempts, between(1, 20));
  retry("first_wait", &o.retry.first_wait, above_upto(0, 60));
  retry("max_wait", &o.retry.max_wait, above(0));
  retry("max_hint", &o.retry.max_hint, at_least(0));
  retry("max_total", &o.retry.max_total, at_least(0));
}

void add_simulate(const Section& add, SimulateOptions& o) {
  const Section agenda = add.with(decides({"simulate", "evaluate"}, agenda_speaks));
  add("provider", &o.provider, one_of(with_chat_providers({"offline"})));
  add("prompt_template", &o.prompt_template, required_path());
  agenda("max_facets", &o.max_facets, between(1, 2));
  add.with(decides({"simulate", "evaluate"}, speaks_as_people))("wording", &o.wording, one_of({"plain", "people"}));
  agenda("likeness_prob", &o.likeness_prob, between(0, 1));
  add("fuzzy_leak_ratio", &o.fuzzy_leak_ratio, above_upto(0, 1));
  add("max_attempts", &o.max_attempts, at_least(1));
  add.with(decides({"simulate", "train", "evaluate"}, simulates_some_users))("users", &o.users, at_least(0));
  add.with(decides({"simulate", "evaluate"}, keeps_sentences))("keep_sentences", &o.keep_sentences);
  add.with(cost())("least_usable", &o.least_usable, between(0, 1));
  add_chat(add.below("chat"), o.chat, decides({"simulate", "evaluate"}, model_speaks));
  add_batch(add.with(speed()).below("batch"), o.batch);
}

void add_embed(const Section& add, EmbedOptions& o) {
  const Section offline = add.with(decides({"embed", "evaluate"}, embeds_offline));
  add("provider", &o.provider, one_of({std::begin(kEmbeddingProviderNames), std::end(kEmbeddingProviderNames)}));
  add("text_embedding_dim", &o.text_embedding_dim, between(8, 65536), {"text_embedding_dim"});
  offline("word_ngrams", &o.word_ngrams, between(1, 4));
  offline("char_ngrams", &o.char_ngrams, between(0, 8));
  offline("char_weight", &o.char_weight, at_least(0));
  add.with(decides({"embed", "evaluate"}, looks_for_genres))("genre_weight", &o.genre_weight, at_least(0));
  add.with(decides({"embed", "evaluate"}, marks_negation))("mark_negation", &o.mark_negation);
  add("dtype", &o.dtype, one_of({"float32", "float16"}));
  add.with(decides({"embed", "evaluate"}, centres_vectors))("center", &o.center);
  const Section templates = add.with(names_input_of({"embed", "evaluate"}));
  templates("prompt_templates", &o.prompt_templates, required_path(), {"embed.prompt_template"});
  add_remote_embedder(add.below("remote"), o.remote);
}

void add_dialogue_roles(const Section& evaluate, EvaluateOptions& o) {
  const Influence of_simulator = decides({"evaluate"}, another_speaks_in_dialogues);
  const Influence of_extractor = decides({"evaluate"}, model_extracts);
  const Influence of_zero_shot = decides({"evaluate"}, model_recommends);
  const Influence of_template = names_input_of({"evaluate"});

  evaluate.with(of_simulator)
      .below("simulator")("provider", &o.simulator.provider, one_of(with_chat_providers({"", "offline"})));

  const Section extractor = evaluate.with(of_extractor).below("extractor");
  extractor("provider", &o.extractor.provider, one_of(with_chat_providers({"offline"})));
  extractor.with(of_template)("prompt_template", &o.extractor.prompt_template, required_path());
  add_chat(extractor.below("chat").with_defaults_from("simulate.chat."), o.extractor.chat, of_extractor);

  const Section zero_shot = evaluate.with(of_zero_shot).below("zero_shot");
  zero_shot("provider", &o.zero_shot.provider, one_of(with_chat_providers({"none"})));
  zero_shot("inputs", &o.zero_shot.inputs, {.choices = {"all", "text", "items"}, .required = true});
  zero_shot("titles", &o.zero_shot.titles, between(1, 100));
  zero_shot("users", &o.zero_shot.users, at_least(0));
  zero_shot("match_ratio", &o.zero_shot.match_ratio, above_upto(0, 1));
  const Section templates = zero_shot.with(of_template);
  templates("prompt_template", &o.zero_shot.prompt_template, required_path());
  templates("prompt_template_text", &o.zero_shot.prompt_template_text, required_path());
  templates("prompt_template_items", &o.zero_shot.prompt_template_items, required_path());
  add_chat(zero_shot.below("chat").with_defaults_from("simulate.chat."), o.zero_shot.chat, of_zero_shot);
}

}  // namespace latentcrs
