#include "cli/commands.h"

#include <algorithm>

namespace latentcrs {

namespace {

std::vector<Command> stage_commands() {
  return {
      {.name = "preprocess",
       .help = "Raw dataset to user sequences and item features",
       .details = "Reads   the files that datasets.interactions and datasets.metadata name, plain or .gz\n"
                  "Writes  <output_dir>/preprocess/: <dataset_name>.csv, the item features, the id maps\n"
                  "Example\n"
                  "  latentcrs preprocess -c ml1m datasets.interactions=~/ml-1m/ratings.dat"},
      {.name = "pretrain",
       .help = "Sequences to a SASRec encoder and K intent centres (ICLRec)",
       .details = "Reads   <output_dir>/preprocess/\n"
                  "Writes  <output_dir>/pretrain/: ICLRec-<dataset_name>.pt, its _config.json, _clusters/centers.npy\n"
                  "Examples\n"
                  "  latentcrs pretrain -c ml1m pretrain.num_intent_clusters=[128]\n"
                  "  latentcrs pretrain -c ml1m --evaluate-only --checkpoint ICLRec-ml-1m.pt"},
      {.name = "simulate",
       .help = "Sequences to one utterance per user and split",
       .details = "Reads   <output_dir>/preprocess/\n"
                  "Writes  <output_dir>/simulate/: the prompts and the utterances, with title leaks flagged\n"
                  "Examples\n"
                  "  latentcrs simulate -c cds simulate.max_facets=1\n"
                  "  latentcrs simulate -c ml1m simulate=gemini --dry-run"},
      {.name = "embed",
       .help = "Utterances to one vector each",
       .details = "Reads   <output_dir>/simulate/\n"
                  "Writes  <output_dir>/embed/embedding_cache/\n"
                  "Example\n"
                  "  latentcrs embed -c cds embed.text_embedding_dim=1024"},
      {.name = "train",
       .help = "Posterior q(m|u) and prior p(m|u,x) by variational EM",
       .details = "Reads   what preprocess, pretrain, simulate and embed wrote\n"
                  "Writes  <output_dir>/train/: <exp_name>_inference.pt (posterior), <exp_name>_prior.pt\n"
                  "Examples\n"
                  "  latentcrs train -c ml1m learning_rate=0.0005\n"
                  "  latentcrs train -c ml1m --multirun e_negative_loss_weight=1,5,10"},
      {.name = "evaluate",
       .help = "One-turn table, multi-turn success rate and turns",
       .details = "Reads   what the other stages wrote\n"
                  "Writes  <output_dir>/evaluate/: summary.md, the ranks, the dialogues (transcripts.html)\n"
                  "Example\n"
                  "  latentcrs evaluate -c ml1m evaluate.seen_items=mask"},
      {.name = "run",
       .help = "All stages, from the raw dataset to the tables",
       .details = "Stages that are up to date are skipped; an interrupted one goes on from its last checkpoint.\n\n"
                  "Reads   the files that datasets.interactions and datasets.metadata name\n"
                  "Writes  <output_dir>/: a folder per stage, config.yaml, run.log, metrics.jsonl, summary.md\n"
                  "Prints  the headline, where the summary is, and what to do next; --tables the tables as well\n"
                  "Examples\n"
                  "  latentcrs run -c tiny\n"
                  "  latentcrs run -c ml1m exp_name=k128 pretrain.num_intent_clusters=[128]"},
  };
}

std::vector<Command> all_commands() {
  std::vector<Command> table = stage_commands();
  for (Command& command : table) {
    command.is_stage = true;
    command.run = run_in_core;
  }
  table.push_back(
      {.name = "intents",
       .help = "What the intents found by pretraining stand for, and a picture",
       .details =
           "Of each intent: its users, and the items nearest to its centre c among those that make up 90 % of all\n"
           "interactions. By lift, the items y that gain most over the mean user u, by the cosine of E[y] and\n"
           "c - u; by score, those with the largest E[y]·c, where popular items come first everywhere.\n\n"
           "Reads   <output_dir>/preprocess/ and pretrain/\n"
           "Writes  <output_dir>/intents/: intents.html (the picture and all intents), "
           "intents.jsonl\n"
           "Examples\n"
           "  latentcrs intents -c tiny\n"
           "  latentcrs intents -c ml1m --items 5 --top 50",
       .run = run_in_core});
  table.push_back({.name = "compare",
                   .help = "Paired tests between two runs, or between the scores of one",
                   .details = "For HIT@k, NDCG@k, and between runs SR@t and AT too: the difference of the means over "
                              "users with a 95% interval (paired bootstrap), a two-sided p-value (sign-flip test), the "
                              "same adjusted by Holm's method over all tests shown, and for how many users A is "
                              "better, equal, worse.\n\n"
                              "Reads   <RUN>/evaluate/\n"
                              "Examples\n"
                              "  latentcrs compare outputs/k128 outputs/k512\n"
                              "  latentcrs compare outputs/ml1m --seen mask    with text against the other scores\n"
                              "  latentcrs compare outputs/a outputs/b --json",
                   .config = ConfigUse::none,
                   .run = command_compare});
  table.push_back({.name = "report",
                   .help = "One HTML page about a run, or several side by side",
                   .details = "Settings that differ, one-turn and multi-turn figures with 95% intervals, paired tests, "
                              "learning curves, intents, the dataset, times, and a few dialogues. The page needs "
                              "nothing but itself; what a run lacks is said.\n\n"
                              "Reads   <RUN>/\n"
                              "Writes  <RUN>/report.html, <RUN> being the first one, or what --out names\n"
                              "Examples\n"
                              "  latentcrs report outputs/tiny\n"
                              "  latentcrs report outputs/k128 outputs/k512 --out k.html",
                   .config = ConfigUse::none,
                   .run = command_report});
  table.push_back({.name = "config",
                   .help = "Print the resolved settings",
                   .details = "Prints every setting with defaults, files and overrides applied; the output is itself a "
                              "config file.\n"
                              "Examples\n"
                              "  latentcrs config -c cds --origin\n"
                              "  latentcrs config -c cds --key pretrain.lr",
                   .run = command_config});
  table.push_back({.name = "doctor",
                   .help = "What is installed, what is missing and how to get it",
                   .details = "Reports versions, devices, memory, the names of the credentials that are set, and which "
                              "datasets are found. With --config, exits with 4 if that config cannot run.\n"
                              "Examples\n"
                              "  latentcrs doctor -c ml1m\n"
                              "  latentcrs doctor -c ml1m simulate=gemini --services",
                   .config = ConfigUse::optional,
                   .run = run_in_core});
  table.push_back({.name = "completion",
                   .help = "Print a completion script for bash or zsh",
                   .details = "Examples\n"
                              "  source <(latentcrs completion bash)\n"
                              "  latentcrs completion zsh > ~/.zfunc/_latentcrs",
                   .config = ConfigUse::none,
                   .run = command_completion});
  return table;
}

}  // namespace

const std::vector<Command>& commands() {
  static const std::vector<Command> table = all_commands();
  return table;
}

const Command* find_command(const std::string& name) {
  const auto found =
      std::find_if(commands().begin(), commands().end(), [&](const Command& c) { return c.name == name; });
  return found == commands().end() ? nullptr : &*found;
}

std::vector<std::string> command_names() {
  std::vector<std::string> names;
  for (const Command& command : commands()) names.push_back(command.name);
  return names;
}

}  // namespace latentcrs
