// The figures of a report: each a picture with the table of its numbers. A new kind is a source figure_<name>.cpp with
// a FigureKind, which figures.cpp lists.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/metrics/paired_comparison.h"
#include "experiment/report/figure_table.h"
#include "experiment/report/run_data.h"
#include "experiment/report/svg.h"

namespace latentcrs {

struct Figure {
  Svg picture;        ///< its title is the caption
  std::string note;   ///< how to read it, in whole sentences of plain text
  FigureTable table;  ///< for a page and for LaTeX
  /// The numbers for CSV, where `table` is only a summary of them.
  std::optional<FigureTable> all_numbers = {};
};

struct FigureInputs {
  const std::vector<RunData>& runs;
  const ResamplingOptions& resampling;

  std::vector<std::string> names() const;
  /// The treatment of histories in one turn, which is the first run's for all: "seen_kept" or "seen_left_out".
  std::string seen_items() const;
  /// A sentence that says that a run ranks among drawn items, after a blank; empty if none does.
  std::string sampled_note() const;
};

struct FigureKind {
  std::string_view name;     ///< of its files and of its place in the page: letters and hyphens
  std::string_view heading;  ///< of its part of the page; kinds with one heading follow each other
  /// Returns the figures that the runs have the data for, named `name`, `name`-2 and so on; none if they have no data.
  std::vector<Figure> (*make)(const FigureInputs& inputs, std::string_view name);
};

/// All kinds, in the order of the page.
const std::vector<FigureKind>& figure_kinds();

/// The name of the kind's figure at `place`, from 0 on: "intents", "intents-2".
std::string figure_name(std::string_view kind, size_t place);

}  // namespace latentcrs
