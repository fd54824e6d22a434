#include "base/config/result_settings.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "base/config/schema.h"
#include "base/util/error.h"
#include "base/util/files.h"
#include "config/config_files.h"
#include "support/temp_dir.h"

namespace latentcrs::test {

namespace {

using nlohmann::json;

std::string effect_text(const Influence& influence) {
  if (influence.effect == Effect::cost) return "cost";
  if (influence.effect == Effect::speed) return "speed";
  std::string text = "result of";
  for (const std::string_view stage : influence.stages) text += " " + std::string(stage);
  if (influence.names_input) text += ", by the content of the file";
  if (influence.condition != nullptr) text += ", under a condition";
  return text;
}

/// The keys of all settings below a heading for each effect.
std::string settings_by_effect() {
  Config config;
  std::vector<std::pair<std::string, std::string>> groups;
  for (const Field& field : schema(config)) {
    const std::string effect = effect_text(field.influence);
    auto group = std::find_if(groups.begin(), groups.end(), [&](const auto& g) { return g.first == effect; });
    if (group == groups.end()) group = groups.insert(groups.end(), {effect, ""});
    group->second += "  " + field.key + "\n";
  }
  std::string text;
  for (const auto& [effect, keys] : groups) text += effect + "\n" + keys;
  return text;
}

json settings_of(const std::string& stage, const std::vector<std::string>& overrides) {
  return result_settings(ConfigFiles().load(overrides).config, stage);
}

json evaluation_of(std::vector<std::string> overrides) { return settings_of("evaluate", overrides).at("evaluate"); }

/// The settings of a chat model that decide its answers.
json chat_identity(const std::string& service, const std::string& model) {
  return {{"service", service},
          {"model", model},
          {"base_url", ""},
          {"parameters", "{}"},
          {"safety_threshold", "BLOCK_NONE"}};
}

/// A section without the settings that count under a condition alone.
json section_without(const Config& config, const std::string& section, const std::vector<std::string>& keys) {
  json values = json::parse(canonical_json(config, section));
  for (const std::string& key : keys) CHECK(values.erase(key) == 1);
  return values;
}

json em_without_settings_of_conversations(const Config& config) {
  json em = section_without(config, "em",
                            {"popularity_discount", "short_histories", "score_mixture", "named_weight", "mentions",
                             "mention_weight", "genre_trust"});
  CHECK(em.at("prior").at("m_ux").erase("add_user_state") == 1);
  return em;
}

}  // namespace

TEST_CASE("Every setting has the effect that is written down for it", "[result-settings]") {
  INFO("A new setting needs a deliberate effect: give it one in the schema and add it to the file.");
  CHECK(settings_by_effect() == read_file(source_path("tests/data_files/settings_by_effect.txt")));
}

TEST_CASE("The settings of the stages before training are those of earlier versions", "[result-settings]") {
  CHECK(settings_of("simulate", {}).dump() ==
        R"({"filter_keys":["raw","1755","2097","3068","6868","7702"],"item_noun":"items","max_history":25,)"
        R"("random_seed":42,"root_category":"","simulate":{"fuzzy_leak_ratio":0.85,"likeness_prob":0.25,)"
        R"("max_attempts":5,"max_facets":2,"prompt_template":"prompts/user_simulator.txt","provider":"offline"}})");
  CHECK(settings_of("embed", {}).dump() ==
        R"({"embed":{"char_ngrams":4,"char_weight":0.3,"dtype":"float32","provider":"offline",)"
        R"("text_embedding_dim":512,"word_ngrams":2},"filter_keys":["raw","1755","2097","3068","6868","7702"],)"
        R"("meta_task_keys":["raw"],"random_seed":42})");
  const Config config = ConfigFiles().load().config;
  const json preprocess = result_settings(config, "preprocess"), pretrain = result_settings(config, "pretrain");
  CHECK(preprocess.size() == 2);
  json datasets = json::parse(canonical_json(config, "datasets"));
  // They count for other splits, templates and names of items, and datasets without words alone.
  for (const char* with_a_condition : {"split", "item_text", "item_names", "names_from", "items_without_words"})
    datasets.erase(with_a_condition);
  const json of_csv = settings_of("preprocess", {"datasets.format=csv"}).at("datasets");
  CHECK(of_csv.size() == datasets.size());
  for (const char* of_records_alone : {"more_interactions", "columns", "separator", "time_unit",
                                       "min_item_interactions", "feedback", "ties", "short_users", "limits"})
    datasets.erase(of_records_alone);
  CHECK(preprocess.at("datasets") == datasets);
  CHECK(preprocess.at("compat") == json{{"reviews_by_asin", false}, {"ten_kcore_passes", false}});
  CHECK(pretrain.size() == 4);
  CHECK(pretrain.at("pretrain") ==
        section_without(config, "pretrain", {"correct_sampling", "random_order", "popularity_discount"}));
  CHECK(pretrain.at("compat") == json{{"denoise_label_from_validation", false}, {"seen_items_score_zero", false}});
  CHECK(pretrain.at("arithmetic") == "portable");
  CHECK(pretrain.at("random_seed") == 42);
}

TEST_CASE("The settings of training and evaluation are those of earlier versions", "[result-settings]") {
  const Config config = ConfigFiles().load().config;
  json train = result_settings(config, "train");
  const json em = em_without_settings_of_conversations(config);
  CHECK(train.at("em") == em);
  CHECK(train.at("compat").dump() == canonical_json(config, "compat"));
  train.erase("em");
  train.erase("compat");
  CHECK(train.dump() ==
        R"({"arithmetic":"portable","evaluate":{"seen_items":"keep"},"exp_name":"default",)"
        R"("filter_keys":["raw","1755","2097","3068","6868","7702"],"meta_task_keys":["raw"],"random_seed":42})");

  json evaluate = result_settings(config, "evaluate");
  CHECK(evaluate.at("em") == em);
  CHECK(evaluate.at("compat").dump() == canonical_json(config, "compat"));
  CHECK(evaluate.at("simulate") == result_settings(config, "simulate").at("simulate"));
  CHECK(evaluate.at("embed") == result_settings(config, "embed").at("embed"));
  for (const char* section : {"em", "compat", "simulate", "embed"}) evaluate.erase(section);
  CHECK(evaluate.dump() ==
        R"({"arithmetic":"portable","evaluate":{"candidates":50,"controls":true,"max_turns":5,"multi_turn":true,)"
        R"("seen_items":"keep","shown_items":5},"history_left_out":"whole","multi_turn_seed":1024,)"
        R"("multi_turn_users":500,"random_seed":42})");
}

TEST_CASE("Results of revisions that computed something else are made again", "[result-settings]") {
  CHECK_FALSE(settings_of("train", {}).contains("history_left_out"));
  CHECK(settings_of("train", {"evaluate.seen_items=mask"}).at("history_left_out") == "whole");
  for (const char* stage : {"train", "evaluate"}) {
    CHECK_FALSE(settings_of(stage, {}).contains("history_score"));
    CHECK(settings_of(stage, {"score_mixture=true"}).contains("history_score"));
  }
  CHECK_FALSE(settings_of("evaluate", {}).contains("genres_in_dialogues"));
  CHECK(settings_of("evaluate", {"embed.genre_weight=4"}).contains("genres_in_dialogues"));
  for (const char* mark : {"ids_in_conversations", "titles_in_conversations"}) {
    CHECK_FALSE(settings_of("evaluate", {}).contains(mark));
    CHECK(settings_of("evaluate", {"conversations=talks.jsonl"}).contains(mark));
  }
}

TEST_CASE("A model that speaks for the user stands for the agenda's settings", "[result-settings]") {
  const json speech =
      settings_of("simulate", {"simulate.provider=vertex_batch", "simulate.chat.model=m"}).at("simulate");
  CHECK(speech == json{{"fuzzy_leak_ratio", 0.85},
                       {"max_attempts", 5},
                       {"prompt_template", "prompts/user_simulator.txt"},
                       {"provider", chat_identity("vertex", "m")}});
  CHECK(speech == settings_of("simulate", {"simulate.provider=vertex", "simulate.chat.model=m"}).at("simulate"));
  CHECK(speech == settings_of("evaluate", {"simulate.provider=vertex", "simulate.chat.model=m"}).at("simulate"));
}

TEST_CASE("An embedding service stands for the settings of the offline embedder", "[result-settings]") {
  const json embed = settings_of("embed", {"embed.provider=openai", "embed.remote.model=m",
                                           "embed.remote.base_url=http://host/v1", "embed.remote.bos_tokens=2"})
                         .at("embed");
  CHECK(embed == json{{"provider", {{"service", "openai"}, {"model", "m"}, {"base_url", "http://host/v1"}}},
                      {"parameters", R"({"use_activation": false, "embd_normalize": -1})"},
                      {"bos_tokens", 2},
                      {"accept_unit_vectors", false},
                      {"text_embedding_dim", 512},
                      {"dtype", "float32"}});
}

TEST_CASE("Models of the evaluation count where they take part", "[result-settings]") {
  const std::string model = "simulate.chat.model=m", extractor = "evaluate.extractor.provider=openai";
  // Another service in dialogues has the model of simulate.chat; by batch or directly, the service is the same.
  CHECK(evaluation_of({model, "evaluate.simulator.provider=gemini"}).at("simulator") == chat_identity("gemini", "m"));
  CHECK_FALSE(evaluation_of({model, "simulate.provider=gemini_batch", "evaluate.simulator.provider=gemini"})
                  .contains("simulator"));
  CHECK(evaluation_of({model, "simulate.provider=openai", "evaluate.simulator.provider=offline"}).at("simulator") ==
        "offline");
  CHECK(evaluation_of({extractor, "evaluate.extractor.chat.model=e"}).at("extractor") == chat_identity("openai", "e"));
  const json without_dialogues =
      evaluation_of({model, extractor, "evaluate.simulator.provider=gemini", "evaluate.multi_turn=false"});
  CHECK_FALSE(without_dialogues.contains("simulator"));
  CHECK_FALSE(without_dialogues.contains("extractor"));
  CHECK(evaluation_of({model, "evaluate.zero_shot.provider=openai_batch", "evaluate.zero_shot.users=7"})
            .at("zero_shot") == json{{"provider", chat_identity("openai", "m")},
                                     {"inputs", {"all"}},
                                     {"titles", 20},
                                     {"users", 7},
                                     {"match_ratio", 0.95}});
}

TEST_CASE("Settings of cost and speed change no stage's settings", "[result-settings]") {
  const ConfigFiles files;
  const Config base = files.load().config;
  const std::vector<std::string> overrides = {"threads=3",
                                              "tensorboard=false",
                                              "services.offline=true",
                                              "services.retry.max_attempts=2",
                                              "simulate.chat.max_cost=0",
                                              "simulate.chat.concurrency=3",
                                              "embed.remote.batch_size=4"};
  const Config other = files.load(overrides).config;
  for (const char* stage : {"preprocess", "pretrain", "simulate", "embed", "train", "evaluate"})
    CHECK(result_settings(base, stage) == result_settings(other, stage));
  CHECK_THROWS_AS(result_settings(base, "simulation"), Error);
}

}  // namespace latentcrs::test
