// The table of stages as help, completion, reports and run folders know them; it needs no LibTorch.
#pragma once

#include <string>
#include <vector>

namespace latentcrs {

/// An option of the command line that some stages take besides those of every stage.
enum class StageOption {
  dry_run,         ///< --dry-run: show what language models would be asked
  detach,          ///< --detach: submit batch jobs and leave them running
  retry,           ///< --retry: ask again for the answers that a finished result lacks
  show,            ///< --show N: print a few utterances with their prompts
  import_encoder,  ///< --checkpoint and --evaluate-only
};

/// Whether the processor or the library can change the bits of a result.
enum class Computes { without_tensors, with_tensors };

struct StageInfo {
  std::string name;     ///< of the stage, its command and its folder
  std::string makes;    ///< for messages: "sequences and item features"
  std::string help;     ///< one line, without a full stop
  std::string details;  ///< lines below the options: Reads, Writes, Examples
  Computes computes = Computes::without_tensors;
  std::vector<StageOption> options = {};
};

/// All stages, in the order they depend on each other: preprocess, pretrain, simulate, embed, train, evaluate.
const std::vector<StageInfo>& stage_infos();

/// The stage of that name. Throws Error(internal) if the table has none.
const StageInfo& stage_info(const std::string& name);

/// The names of stage_infos(), in their order.
std::vector<std::string> stage_names();

}  // namespace latentcrs
