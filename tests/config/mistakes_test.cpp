// The messages about a wrong configuration.
#include <catch2/catch.hpp>

#include "base/util/error.h"
#include "config/config_files.h"

namespace latentcrs::test {

using Catch::Matchers::Contains;

TEST_CASE("A single mistake is one line with its place") {
  CHECK(ConfigFiles("epochs: 0\n").mistakes() == "main.yaml:2: epochs: must be >= 1, got 0");
  CHECK(ConfigFiles("pretrain:\n  encoder:\n    hidden_act: gleu\n").mistakes() ==
        "main.yaml:4: pretrain.encoder.hidden_act: unknown choice 'gleu'; choices: gelu, relu, swish "
        "(did you mean gelu?)");
}

TEST_CASE("All mistakes are reported at once") {
  const std::string text = ConfigFiles(
                               "epoch: 3\n"
                               "batch_size: many\n"
                               "learning_rate: -1\n"
                               "pretrain: {n_views: 9, tao: 1, contrast_type: hybrid}\n"
                               "batch_size: 4\n")
                               .mistakes({"threads=1.5", "nonsense"});
  CHECK_THAT(text, Contains("9 mistakes in the configuration:\n"));
  CHECK_THAT(text, Contains("main.yaml:2: epoch: unknown key (did you mean epochs?)\n"));
  CHECK_THAT(text, Contains("main.yaml:3: batch_size: expected an integer, got 'many'\n"));
  CHECK_THAT(text, Contains("main.yaml:4: learning_rate: must be > 0, got -1"));
  CHECK_THAT(text, Contains("main.yaml:5: pretrain.n_views: must be in [2, 8], got 9\n"));
  CHECK_THAT(text, Contains("main.yaml:5: pretrain.tao: must be in (0, 1), got 1\n"));
  CHECK_THAT(text, Contains("pretrain.contrast_type: unknown choice 'hybrid'; choices: none, InstanceCL, IntentCL, "
                            "Hybrid (did you mean Hybrid?)\n"));
  CHECK_THAT(text, Contains("main.yaml:6: batch_size: duplicate key (first at main.yaml:3)\n"));
  CHECK_THAT(text, Contains("override 1: threads=1.5: threads: expected an integer, got '1.5'"));
}

TEST_CASE("Unknown keys are compared whole and by their last part") {
  CHECK_THAT(ConfigFiles().mistakes({"pretrian.batch_size=3"}), Contains("did you mean pretrain?"));
  CHECK_THAT(ConfigFiles().mistakes({"pretrain.learning_rate=3"}), Contains("did you mean learning_rate?"));
  CHECK_THAT(ConfigFiles().mistakes({"hiden_size=3"}), Contains("did you mean pretrain.encoder.hidden_size?"));
  CHECK_THAT(ConfigFiles().mistakes({"pretrain.hiden_size=3"}), Contains("did you mean pretrain.encoder.hidden_size?"));
  CHECK_THAT(ConfigFiles("erly_stop:\n  patience: 3\n").mistakes(),
             Contains("main.yaml:2: erly_stop: unknown key (did you mean early_stop?)"));
  // Pretraining has one score only, so that there is nothing to choose.
  CHECK_THAT(ConfigFiles().mistakes({"pretrain.early_stop.stopbywhich=EStep"}),
             Contains("pretrain.early_stop.stopbywhich: unknown key"));
  CHECK_THAT(ConfigFiles().mistakes({"qqqqqq=3"}), Catch::Matchers::EndsWith("qqqqqq: unknown key"));
}

TEST_CASE("Published settings without a counterpart say what to do instead") {
  CHECK_THAT(ConfigFiles().mistakes({"no_mstep=true"}), Contains("stages.joint.no_mstep=true"));
  CHECK_THAT(ConfigFiles().mistakes({"wandb.project=x"}), Contains("metrics.jsonl"));
}

TEST_CASE("Values of the wrong type") {
  CHECK_THAT(ConfigFiles("epochs: [1]\n").mistakes(), Contains("expected an integer, got a list"));
  CHECK_THAT(ConfigFiles("epochs:\n").mistakes(), Contains("expected an integer, got nothing"));
  CHECK_THAT(ConfigFiles("learning_rate: .nan\n").mistakes(), Contains("expected a finite number, got '.nan'"));
  CHECK_THAT(ConfigFiles("learning_rate: nan\n").mistakes(), Contains("expected a finite number, got 'nan'"));
  CHECK_THAT(ConfigFiles("random_seed: 99999999999999999999\n").mistakes(), Contains("expected an integer"));
  CHECK_THAT(ConfigFiles("train_preintent: 1\n").mistakes(), Contains("expected true or false, got '1'"));
  CHECK_THAT(ConfigFiles("early_stop: 3\n").mistakes(), Contains("early_stop: expected a map of settings, got '3'"));
  CHECK_THAT(ConfigFiles("pretrain: {num_intent_clusters: [8, 1]}\n").mistakes(), Contains("must be >= 2, got 1"));
  CHECK_THAT(ConfigFiles().mistakes({"same_y_m="}), Contains("same_y_m: expected true or false, got ''"));
  CHECK_THAT(ConfigFiles().mistakes({"exp_name='caf\xff'"}), Contains("exp_name: is not valid UTF-8"));
}

TEST_CASE("Required values") {
  ConfigFiles files;
  files.add("main.yaml", "datasets:\n  dataset_name: ???\n  metadata: m\n  features_name: f\n");
  const std::string text = files.mistakes();
  CHECK_THAT(text, Contains("main.yaml:2: datasets.dataset_name: required, but it has no value"));
  CHECK_THAT(text, Contains("main.yaml: datasets.interactions: required, but it has no value"));
  CHECK(files.load({"datasets.dataset_name=d", "datasets.interactions=i"}).config.datasets.dataset_name == "d");
}

TEST_CASE("Files that are no YAML maps") {
  ConfigFiles broken;
  broken.add("main.yaml", "datasets: {dataset_name: d\n");  // not that the dataset's other settings are missing as well
  CHECK_THAT(broken.mistakes(), Catch::Matchers::StartsWith("main.yaml:2: not valid YAML"));
  CHECK_THAT(ConfigFiles("epochs: [1\n").mistakes(), Contains("not valid YAML"));
  std::string documents;
  for (int i = 0; i < 1001; ++i) documents += "---\n";
  CHECK_THAT(ConfigFiles(documents).mistakes(), Contains("there are more than 1000 documents"));
  CHECK_THAT(ConfigFiles("---\nepochs: 3\n").mistakes(), Contains("text after the end of the YAML value"));
  CHECK_THAT(ConfigFiles("early_stop: &a {patience: *a}\n").mistakes(), Contains("levels deep"));
  ConfigFiles list;
  list.add("main.yaml", "- 1\n");
  CHECK_THAT(list.mistakes(), Contains("main.yaml: expected keys and values, got a list"));
}

TEST_CASE("One setting under two spellings in one file") {
  CHECK(ConfigFiles("use_negetive_loss: true\nuse_negative_loss: false\n").mistakes() ==
        "main.yaml:3: use_negative_loss: set twice (first at main.yaml:2)");
}

TEST_CASE("Mistakes inside stages") {
  const std::string text = ConfigFiles(
                               "stages:\n"
                               "  - {name: joint, epoch: 3}\n"
                               "  - {name: prior,\n"
                               "     epochs: -2, stopbywhich: both}\n"
                               "  - {no_estep: true}\n"
                               "  - last\n")
                               .mistakes();
  CHECK_THAT(text, Contains("main.yaml:3: stages.0.epoch: unknown key (did you mean epochs?)"));
  CHECK_THAT(text, Contains("main.yaml:5: stages.1.epochs: must be >= 0, or -1 for the value at the root, got -2"));
  CHECK_THAT(text, Contains("main.yaml:5: stages.1.stopbywhich: unknown choice 'both'; choices: '', EStep, MStep"));
  CHECK_THAT(text, Contains("main.yaml:6: stages.2: a stage needs a name"));
  CHECK_THAT(text, Contains("main.yaml:7: stages.3: expected a map such as {name: joint}, got 'last'"));
}

TEST_CASE("Settings that contradict each other") {
  const ConfigFiles files;
  const auto mistakes = [&](const std::string& override) { return files.mistakes({override}); };
  CHECK_THAT(mistakes("pretrain.hidden_size=65"), Contains("65 cannot be divided among 2 attention heads"));
  CHECK_THAT(mistakes("prior.m_ux.is_softmax=false"), Contains("logarithms of negative numbers"));
  CHECK_THAT(mistakes("posterior.is_softmax=false"), Contains("logarithms of negative numbers"));
  CHECK_THAT(mistakes("prior.m_ux.text_projection=[64]"), Contains("must have two widths, got 1"));
  CHECK_THAT(mistakes("prior.load_pretrained=true"), Contains("prior.pretrained_path: required"));
  for (const char* network : {"prior", "posterior"}) {
    const std::string name = network;
    CHECK_THAT(mistakes(name + ".pretrained_path=some.pt"), Contains("set " + name + ".load_pretrained=true"));
    CHECK(files.mistakes({name + ".pretrained_path=some.pt", name + ".load_pretrained=true"}).empty());
  }
  CHECK_THAT(mistakes("pretrain.centers=centers.npy"), Contains("set pretrain.checkpoint"));
  CHECK_THAT(mistakes("early_stop.stop_metrics=MRR@10"), Contains("must be HIT@k or NDCG@k, got 'MRR@10'"));
  CHECK_THAT(mistakes("early_stop.stopbywhich=both"), Contains("choices: EStep, MStep"));
  CHECK_THAT(mistakes("evaluate.candidates=4"), Contains("4 candidates are fewer than the 5 items shown"));
  CHECK_THAT(mistakes("device=gpu"), Contains("must be auto, cpu, cuda or cuda:N, got 'gpu'"));
  CHECK_THAT(mistakes("stages=[]"), Contains("stages: must not be empty"));
  CHECK_THAT(mistakes("stages=[{name: a}, {name: a}]"), Contains("two stages are called 'a'"));
  CHECK_THAT(mistakes("stages.joint={no_estep: true, no_mstep: true}"), Contains("it trains nothing"));
  CHECK_THAT(mistakes("datasets.filter_keys=[raw, 12a, raw]"), Contains("'raw' is listed twice"));
  CHECK_THAT(mistakes("datasets.filter_keys=[]"), Contains("required, but it has no value"));
  CHECK_THAT(mistakes("datasets.metadata="), Contains("datasets.metadata: required for this format"));

  CHECK(mistakes("m_rec_loss_weight=0").empty());
  CHECK_THAT(files.mistakes({"m_rec_loss_weight=0", "stages.joint.only_rec_epoch=5"}),
             Contains("m_rec_loss_weight: must be > 0: stage 'joint' has an M-step and only_rec_epoch 5"));
  CHECK_THAT(mistakes("use_negative_loss=false"),
             Contains("stage 'posterior' has an E-step, only_rec_epoch 500, and no loss before that epoch"));
  CHECK(files.mistakes({"use_negative_loss=false", "lambda_reconstruct=0.1"}).empty());
  CHECK(files.mistakes({"use_negative_loss=false", "stages=[{name: joint}]"}).empty());
  CHECK_THAT(mistakes("stages=[{name: q, no_mstep: true}]"),
             Contains("override 1") && Contains("stage 'q' has no_mstep, but early stopping watches its MStep"));
  CHECK_THAT(mistakes("stages.prior.stopbywhich=EStep"),
             Contains("stage 'prior' has no_estep, but early stopping watches its EStep"));
  CHECK(mistakes("stages=[{name: q, no_mstep: true, stopbywhich: EStep}]").empty());
  CHECK_THAT(files.mistakes({"prior.m_ux.agg_type=gated", "prior.m_ux.text_projection=[16, 32]"}),
             Contains("gated adds the text (width 32) to the history (width 64)"));
  // A mistake in one setting is not reported again as a conflict with others.
  CHECK(files.mistakes({"evaluate.candidates=0"}) ==
        "override 1: evaluate.candidates=0: evaluate.candidates: must be >= 1, got 0");
}

TEST_CASE("A configuration that is not there") {
  CHECK_THROWS_WITH(load_config("no-such-config", {}),
                    Contains("no configuration 'no-such-config'") && Contains("looked in") && Contains("configs"));
}

}  // namespace latentcrs::test
