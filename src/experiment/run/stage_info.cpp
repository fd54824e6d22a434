#include "experiment/run/stage_info.h"

#include <algorithm>

#include "base/util/error.h"

namespace latentcrs {

namespace {

std::vector<StageInfo> make_stage_infos() {
  return {
      {.name = "preprocess",
       .makes = "sequences and item features",
       .help = "Raw dataset to user sequences and item features",
       .details = "Reads   the files that datasets.interactions and datasets.metadata name, plain or .gz\n"
                  "Writes  <output_dir>/preprocess/: <dataset_name>.csv, the item features, the id maps\n"
                  "Example\n"
                  "  latentcrs preprocess -c ml1m datasets.interactions=~/ml-1m/ratings.dat"},
      {.name = "pretrain",
       .makes = "sequence encoder and intent centres",
       .help = "Sequences to a SASRec encoder and K intent centres (ICLRec)",
       .details = "Reads   <output_dir>/preprocess/\n"
                  "Writes  <output_dir>/pretrain/: ICLRec-<dataset_name>.pt, its _config.json, _clusters/centers.npy\n"
                  "Examples\n"
                  "  latentcrs pretrain -c ml1m pretrain.num_intent_clusters=[128]\n"
                  "  latentcrs pretrain -c ml1m --evaluate-only --checkpoint ICLRec-ml-1m.pt",
       .computes = Computes::with_tensors,
       .options = {StageOption::import_encoder}},
      {.name = "simulate",
       .makes = "prompts and utterances",
       .help = "Sequences to one utterance per user and split",
       .details = "Reads   <output_dir>/preprocess/\n"
                  "Writes  <output_dir>/simulate/: the prompts and the utterances, with title leaks flagged\n"
                  "Examples\n"
                  "  latentcrs simulate -c cds simulate.max_facets=1\n"
                  "  latentcrs simulate -c ml1m simulate=gemini --dry-run\n"
                  "  latentcrs simulate -c ml1m simulate=local --show 10",
       .options = {StageOption::dry_run, StageOption::detach, StageOption::retry, StageOption::show}},
      {.name = "embed",
       .makes = "one vector per utterance",
       .help = "Utterances to one vector each",
       .details = "Reads   <output_dir>/simulate/\n"
                  "Writes  <output_dir>/embed/embedding_cache/\n"
                  "Example\n"
                  "  latentcrs embed -c cds embed.text_embedding_dim=1024",
       .options = {StageOption::dry_run}},
      {.name = "train",
       .makes = "posterior and prior",
       .help = "Posterior q(m|u) and prior p(m|u,x) by variational EM",
       .details = "Reads   what preprocess, pretrain, simulate and embed wrote\n"
                  "Writes  <output_dir>/train/: <exp_name>_inference.pt (posterior), <exp_name>_prior.pt\n"
                  "Examples\n"
                  "  latentcrs train -c ml1m learning_rate=0.0005\n"
                  "  latentcrs train -c ml1m --multirun e_negative_loss_weight=1,5,10",
       .computes = Computes::with_tensors},
      {.name = "evaluate",
       .makes = "one-turn and multi-turn tables",
       .help = "One-turn table, multi-turn success rate and turns",
       .details = "Reads   what the other stages wrote; with conversations=FILE also people's conversations "
                  "(docs/conversations.md)\n"
                  "Writes  <output_dir>/evaluate/: summary.md, the ranks, the dialogues (transcripts.html), the "
                  "conversations (conversations.html)\n"
                  "Examples\n"
                  "  latentcrs evaluate -c ml1m evaluate.seen_items=mask\n"
                  "  latentcrs evaluate -c ml1m evaluate.baselines=[item_cosine,ease] evaluate.list_metrics_at=10\n"
                  "  latentcrs evaluate -c ml1m conversations=redial.jsonl.gz",
       .computes = Computes::with_tensors,
       .options = {StageOption::dry_run, StageOption::detach}},
  };
}

}  // namespace

const std::vector<StageInfo>& stage_infos() {
  static const std::vector<StageInfo> infos = make_stage_infos();
  return infos;
}

const StageInfo& stage_info(const std::string& name) {
  const auto found = std::find_if(stage_infos().begin(), stage_infos().end(),
                                  [&name](const StageInfo& info) { return info.name == name; });
  if (found == stage_infos().end()) throw internal_error("no stage " + name + " in the table of stages");
  return *found;
}

std::vector<std::string> stage_names() {
  std::vector<std::string> names;
  for (const StageInfo& info : stage_infos()) names.push_back(info.name);
  return names;
}

}  // namespace latentcrs
