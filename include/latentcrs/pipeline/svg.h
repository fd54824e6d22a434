// Pictures as SVG text for pages that need no network and no script. Colours are classes of svg_style(), so that a
// picture follows the reader's light or dark setting.
#pragma once

#include <string>
#include <vector>

namespace latentcrs {

/// Colours that people with the common colour blindnesses can tell apart; classes "series0" … set the property --c.
inline constexpr int kSeriesColours = 8;
/// The class of a series; the grey one of everything else for -1.
std::string series_class(int series);
/// CSS: the colours of a page (--page, --ink, --muted, --line) and of the series, light and dark, and what pictures
/// need. Goes into the page's <style>.
std::string svg_style();

/// Many points and a few circles over them. Both axes have one scale: what looks far apart is.
struct Scatter {
  struct Dot {
    double x = 0, y = 0;
    int series = -1;
  };
  struct Circle {
    double x = 0, y = 0;
    double weight = 0;  ///< shown as the circle's area; 0: a small hollow circle
    int series = -1;
    std::string label = {};        ///< drawn beside it where there is room
    std::string short_label = {};  ///< drawn where there is room for this only; empty: none
    std::string hover = {};        ///< shown under the pointer; lines separated by \n
  };
  std::string title;  ///< for those who cannot see the picture
  std::string x_caption, y_caption;
  std::vector<Dot> dots = {};
  std::vector<Circle> circles = {};  ///< the first ones are given their labels first, and lie above the others
};

/// An <svg> element that takes the width of its container.
std::string svg_scatter(const Scatter& scatter);

}  // namespace latentcrs
