// Brings the folder of one stage up to date.
#pragma once

#include "experiment/pipeline/run_flags.h"
#include "experiment/stages/stage.h"

namespace latentcrs {

/// Runs the stage unless its settings, inputs and outputs are as its manifest says. With flags.force it always runs;
/// with flags.retry a finished stage that lacks answers goes on with asking for them. An interrupted stage with the
/// same settings goes on from its last checkpoint, if it left one. A finished or interrupted result of other settings
/// is moved to superseded/ and comes back when its settings do. The manifest lists outputs only once run() has finished
/// with no answers to come. Throws Error(data) for an input that is not there, Error(interrupted) after a signal, and
/// whatever run() throws.
StageOutcome bring_up_to_date(const Stage& stage, const StageContext& context, const RunFlags& flags);

}  // namespace latentcrs
