// Settings of the exchange between the processes of one run: plain structs with their defaults, units and ranges.
#pragma once

namespace latentcrs {

/// How long processes wait for one another (docs/cluster.md).
struct ClusterOptions {
  double lost_after = 3;      ///< seconds of silence after which a process counts as lost; in [0.1, 3600]
  double start_within = 300;  ///< seconds in which all processes of a run must have come; in (0, 86400]
};

}  // namespace latentcrs
