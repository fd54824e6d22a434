#include <algorithm>
#include <catch2/catch.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "base/util/error.h"
#include "config/config_files.h"

namespace latentcrs::test {

namespace {

using Names = std::vector<std::string>;

const Names kSections = {"run", "services", "datasets", "pretrain", "simulate", "embed", "em", "compat", "evaluate"};

/// The sections whose JSON differs between the two.
Names changed_sections(const Config& a, const Config& b) {
  Names changed;
  for (const std::string& section : kSections)
    if (canonical_json(a, section) != canonical_json(b, section)) changed.push_back(section);
  return changed;
}

struct Anything {
  template <class T>
  operator T() const;  // never defined: only asked whether T{Anything{}, …} is well formed
};

/// Number of fields of an aggregate.
template <class T, class... A>
constexpr int num_fields(A... fields) {
  if constexpr (requires { T{fields..., Anything{}}; })
    return num_fields<T>(fields..., Anything{});
  else
    return sizeof...(A);
}

/// Keys directly below `section`, sections included.
int num_keys(const LoadedConfig& loaded, const std::string& section) {
  std::vector<std::string> names;
  for (const ResolvedValue& value : loaded.values) {
    if (!section.empty() && !value.key.starts_with(section + ".")) continue;
    const std::string rest = section.empty() ? value.key : value.key.substr(section.size() + 1);
    names.push_back(rest.substr(0, rest.find('.')));
  }
  std::sort(names.begin(), names.end());
  return static_cast<int>(std::unique(names.begin(), names.end()) - names.begin());
}

}  // namespace

TEST_CASE("The schema has every field of config.h") {
  const LoadedConfig loaded = ConfigFiles().load();
  // The fields of EmOptions stand at the root.
  CHECK(num_keys(loaded, "") == num_fields<Config>() - 1 + num_fields<EmOptions>());
  CHECK(num_keys(loaded, "datasets") == num_fields<DatasetOptions>());
  CHECK(num_keys(loaded, "pretrain") == num_fields<PretrainOptions>());
  CHECK(num_keys(loaded, "pretrain.encoder") == num_fields<EncoderOptions>());
  CHECK(num_keys(loaded, "pretrain.early_stop") == num_fields<EarlyStopOptions>());
  CHECK(num_keys(loaded, "simulate") == num_fields<SimulateOptions>());
  CHECK(num_keys(loaded, "embed") == num_fields<EmbedOptions>());
  CHECK(num_keys(loaded, "prior") == num_fields<PriorOptions>());
  CHECK(num_keys(loaded, "prior.m_ux") == num_fields<PriorHeadOptions>());
  CHECK(num_keys(loaded, "posterior") == num_fields<PosteriorOptions>());
  CHECK(num_keys(loaded, "early_stop") == num_fields<EarlyStopOptions>() + 1);  // and stopbywhich
  CHECK(num_keys(loaded, "optim") == num_fields<OptimOptions>());
  CHECK(num_keys(loaded, "scheduler") == num_fields<SchedulerOptions>());
  CHECK(num_keys(loaded, "compat") == num_fields<CompatOptions>());
  CHECK(num_keys(loaded, "evaluate") == num_fields<EvaluateOptions>());
  CHECK(num_keys(loaded, "services") == num_fields<ServiceOptions>());
  CHECK(num_keys(loaded, "services.http") == num_fields<HttpOptions>());
  CHECK(num_keys(loaded, "services.retry") == num_fields<RetryOptions>());
  CHECK(num_keys(loaded, "simulate.batch") == num_fields<BatchOptions>());
  CHECK(num_keys(loaded, "simulate.chat.price") == num_fields<PriceOptions>());
  CHECK(num_keys(loaded, "simulate.chat.credentials") == num_fields<CredentialOptions>());
  CHECK(num_keys(loaded, "evaluate.simulator") == num_fields<DialogueSimulatorOptions>());
  CHECK(num_keys(loaded, "evaluate.extractor") == num_fields<DialogueExtractorOptions>());
  CHECK(num_keys(loaded, "evaluate.zero_shot") == num_fields<ZeroShotOptions>());
  CHECK(num_keys(loaded, "simulate.chat") == num_fields<ChatOptions>());
  CHECK(num_keys(loaded, "evaluate.extractor.chat") == num_fields<ChatOptions>());
  CHECK(num_keys(loaded, "evaluate.zero_shot.chat") == num_fields<ChatOptions>());
  CHECK(num_keys(loaded, "embed.remote") == num_fields<RemoteEmbedOptions>());
}

TEST_CASE("Defaults are those of config.h") {
  const Config loaded = ConfigFiles().load().config;
  Config expected;
  expected.output_dir = "outputs/default";  // the default refers to exp_name
  expected.datasets.dataset_name = loaded.datasets.dataset_name;
  expected.datasets.interactions = loaded.datasets.interactions;
  expected.datasets.metadata = loaded.datasets.metadata;
  expected.datasets.features_name = loaded.datasets.features_name;
  CHECK(changed_sections(loaded, expected).empty());
}

TEST_CASE("Written configurations read back as the same settings") {
  const LoadedConfig loaded =
      ConfigFiles(
          "exp_name: \"quotes ' \\\" # and: more, [\u00e9] \\t\"\n"
          "learning_rate: 0.1234567890123456789\n"
          "random_seed: 9007199254740993\n"
          "early_stop: {delta: 1e-300}\n"
          "stages: [{name: '- a', epochs: 3}, {name: 'yes', no_estep: true}]\n")
          .load({"datasets.item_noun='null'", "datasets.id_column='007'", "datasets.root_category='~'",
                 "datasets.filter_keys=[raw, 2097]", "pretrain.checkpoint=../a b/c-1.pt", "datasets.min_rating=3.5"});
  REQUIRE(loaded.config.datasets.item_noun == "null");
  REQUIRE(loaded.config.random_seed == 9007199254740993);
  for (const Origins origins : {Origins::left_out, Origins::as_comments}) {
    ConfigFiles written;
    written.add("main.yaml", to_yaml(loaded, origins));
    CHECK(changed_sections(written.load().config, loaded.config).empty());
    CHECK(to_yaml(written.load(), Origins::left_out) == to_yaml(loaded, Origins::left_out));
  }
}

TEST_CASE("Every value is written with its origin, in one column") {
  const ConfigFiles files("epochs: 3\n");
  const LoadedConfig loaded = files.load({"pretrain.n_views=4", "stages.joint.epochs=2"});
  std::istringstream lines(to_yaml(loaded, Origins::as_comments));
  size_t values = 0;
  std::vector<std::string> found;
  for (std::string line; std::getline(lines, line);) {
    const size_t at = line.find("# ");
    if (at == std::string::npos) continue;
    ++values;
    if (line.starts_with("epochs: 3 ")) CHECK(line.ends_with("main.yaml:2"));
    if (line.starts_with("  n_views: 4 ")) CHECK(line.ends_with("# override 1: pretrain.n_views=4"));
    if (line.starts_with("stages: ")) CHECK(line.ends_with("# default; override 2: stages.joint.epochs=2"));
    if (line.starts_with("threads: 0 ")) CHECK(line.ends_with("  # default"));
    if (at < 60) found.push_back(std::to_string(at));
  }
  CHECK(values == loaded.values.size());
  CHECK(std::count(found.begin(), found.end(), found.front()) == static_cast<int>(found.size()));
}

TEST_CASE("canonical_json changes with a value of its section and with nothing else") {
  const ConfigFiles files;
  const Config base = files.load().config;
  const auto changed = [&](const std::string& override) {
    return changed_sections(base, files.load({override}).config);
  };
  CHECK(changed("threads=3") == Names{"run"});
  CHECK(changed("datasets.min_rating=3") == Names{"datasets"});
  CHECK(changed("pretrain.lr=0.5") == Names{"pretrain"});
  CHECK(changed("pretrain.early_stop.patience=3") == Names{"pretrain"});
  CHECK(changed("simulate.max_facets=1") == Names{"simulate"});
  CHECK(changed("embed.dtype=float16") == Names{"embed"});
  CHECK(changed("early_stop.patience=3") == Names{"em"});
  CHECK(changed("prior.m_ux.agg_type=gated") == Names{"em"});
  CHECK(changed("stages.joint.epochs=3") == Names{"em"});
  CHECK(changed("batch_size=481") == Names{"em"});
  CHECK(changed("compat.fixed_negatives=true") == Names{"compat"});
  CHECK(changed("evaluate.seen_items=mask") == Names{"evaluate"});
  CHECK(changed("services.offline=true") == Names{"services"});
  // The other models take their settings from the simulator's.
  CHECK(changed("simulate.chat.model=m") == Names{"simulate", "evaluate"});
  CHECK(changed("evaluate.extractor.chat.model=m") == Names{"evaluate"});
  CHECK(changed("batch_size=480").empty());
  CHECK(canonical_json(base, "run") ==
        R"({"arithmetic":"portable","cuda_graphs":true,"data_shards":1,"device":"auto","exp_name":"default",)"
        R"("output_dir":"outputs/default","random_seed":42,"tensorboard":true,"threads":0})");
  CHECK_THROWS_AS(canonical_json(base, "simulator"), Error);
}

}  // namespace latentcrs::test
