// The colours, marks and dashes that tell the runs of a picture apart.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace latentcrs {

/// The number of distinct colours, which people with the common colour blindnesses can tell apart; further series
/// repeat them. Each has a mark and a dash of its own too, for print in grey.
inline constexpr size_t kSeriesColours = 8;

/// "s0" … "s7": the class that gives an element (text, fill and stroke) the colour of series `index`; "rest" for an
/// element without a colour of its own.
std::string series_class(std::optional<size_t> series);

/// The outline of the mark of series `index`, as the `d` of a path around the origin: a circle, square, triangle,
/// diamond and so on, all with the area of a circle of the radius.
std::string mark_outline(size_t series, double radius);

}  // namespace latentcrs
