#include "base/config/keys.h"

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "base/config/nearest.h"
#include "base/config/schema.h"

namespace latentcrs {

namespace {

struct KeyIndex {
  std::map<std::string, std::string> canonical;  // every spelling -> the schema's key
  std::set<std::string> sections;
  std::vector<std::string> spellings;  // keys, sections and aliases, which a misspelled key is compared with
};

KeyIndex make_index() {
  KeyIndex index;
  Config config;
  const auto add_sections = [&](const std::string& key) {
    for (size_t dot = key.find('.'); dot != std::string::npos; dot = key.find('.', dot + 1))
      index.sections.insert(key.substr(0, dot));
  };
  const std::vector<Field> fields = schema(config);
  for (const Field& field : fields) {
    index.canonical[field.key] = field.key;
    add_sections(field.key);
    index.spellings.push_back(field.key);
  }
  index.spellings.insert(index.spellings.end(), index.sections.begin(), index.sections.end());
  for (const Field& field : fields) {
    for (const std::string& alias : field.aliases) {
      index.canonical[alias] = field.key;
      add_sections(alias);
      index.spellings.push_back(alias);
    }
  }
  return index;
}

const KeyIndex& index() {
  static const KeyIndex keys = make_index();
  return keys;
}

/// Published settings without a counterpart, and a substitute for each. A section stands for all its keys.
const std::vector<std::pair<std::string, std::string>>& retired_keys() {
  static const std::string from_stages = "produced by the stages of a run, under output_dir";
  static const std::string in_stages = "set it in an entry of the list stages, for example stages.joint.";
  static const std::vector<std::pair<std::string, std::string>> keys = {
      {"no_estep", in_stages + "no_estep=true"},
      {"no_mstep", in_stages + "no_mstep=true, with stopbywhich=EStep"},
      {"only_rec_epoch", in_stages + "only_rec_epoch=5"},
      {"debug", "+profile=smoke makes every stage short"},
      {"hydra", "runs are written to output_dir"},
      {"local_dirs", "use output_dir"},
      {"local_run_dir", "use output_dir"},
      {"wandb", "metrics are written to metrics.jsonl of each stage"},
      {"same_prerec_model", "each network has its own copy of the encoder"},
      {"precalculated_recmodel", "the encoder's settings are in pretrain.encoder"},
      {"intent_hidden", "it is pretrain.encoder.hidden_size"},
      {"lambda_regular", "it belongs to the Gaussian p(y|u,m), which the published loss never uses"},
      {"pretrained_lr_ratio", "the encoders have no learning rate of their own"},
      {"prior.y_um", "p(y|u,m) is built by the published code and never used"},
      {"prior.m_ux.layer_norm", "the published forward pass never applies it"},
      {"early_stop.verbose", "every validation is logged"},
      {"early_stop.mode", "HIT and NDCG are always maximised"},
      {"early_stop.path", "checkpoints are written to output_dir"},
      {"pretrain.seed", "use random_seed"},
      {"pretrain.gpu_id", "use device=cuda:N"},
      {"pretrain.data_name", "use datasets.dataset_name"},
      {"datasets.train_data_path", from_stages},
      {"datasets.valid_data_path", from_stages},
      {"datasets.test_data_path", from_stages},
      {"datasets.precalculated_embeddings_path", from_stages},
      {"datasets.raw_data_path", "datasets.interactions names the raw input"},
      {"datasets.precalculated_recmodel", "a published encoder is named by pretrain.checkpoint and pretrain.centers"},
  };
  return keys;
}

}  // namespace

std::string canonical_key(const std::string& key) {
  const auto found = index().canonical.find(key);
  return found == index().canonical.end() ? "" : found->second;
}

bool is_section(const std::string& key) { return index().sections.contains(key); }

UnknownKey explain_unknown_key(const std::string& key) {
  for (const auto& [retired, instead] : retired_keys())
    if (key == retired || key.starts_with(retired + ".")) return {"latentcrs has no such published setting", instead};
  const std::string best = nearest(key, index().spellings);
  if (best.empty()) return {"unknown key", ""};
  const std::string known = canonical_key(best);
  return {"unknown key", "did you mean " + (known.empty() ? best : known) + "?"};
}

}  // namespace latentcrs
