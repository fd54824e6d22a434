#include "base/util/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <utility>

#include "base/util/log.h"
#include "base/util/terminal.h"
#include "base/util/text_width.h"

namespace latentcrs {

namespace {

using Clock = std::chrono::steady_clock;

constexpr auto silent_for = std::chrono::seconds(1);
constexpr auto redraw_every = std::chrono::milliseconds(100);
constexpr auto plain_line_every = std::chrono::seconds(10);

std::string duration(double seconds) {
  const auto whole = static_cast<int64_t>(std::ceil(seconds));
  if (whole >= 3600) return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

std::string rate_text(double rate) { return rate < 10 ? fmt::format("{:.2g}", rate) : fmt::format("{:.0f}", rate); }

std::string bar_of(double share) {
  constexpr int cells = 20;
  const auto filled = static_cast<size_t>(std::lround(share * cells));
  return '[' + std::string(filled, '#') + std::string(cells - filled, '.') + ']';
}

}  // namespace

std::string render_progress(const ProgressState& state, int columns) {
  const bool on_terminal = columns > 0;
  const double rate = state.seconds > 0 ? static_cast<double>(state.done) / state.seconds : 0;
  std::string line = state.label + (on_terminal ? "  " : ": ");
  if (state.total > 0) {
    const double share = std::clamp(static_cast<double>(state.done) / static_cast<double>(state.total), 0.0, 1.0);
    if (on_terminal) line += bar_of(share) + ' ';
    line += fmt::format("{:3.0f} %  {}/{} {}", std::floor(100 * share), state.done, state.total, state.unit);
  } else {
    line += fmt::format("{} {}", state.done, state.unit);
  }
  if (rate > 0) line += fmt::format("  {} {}/s", rate_text(rate), state.unit);
  if (rate > 0 && state.done < state.total) {
    line += fmt::format("  {} left", duration(static_cast<double>(state.total - state.done) / rate));
  }
  if (!state.note.empty()) line += "  " + state.note;
  return on_terminal ? std::string(clip_text(line, columns - 1)) : line;
}

struct Progress::Impl {
  ProgressState state;
  Clock::time_point start = Clock::now();
  Clock::time_point next_draw = start + silent_for;

  void draw(Clock::time_point now) {
    state.seconds = std::chrono::duration<double>(now - start).count();
    if (terminal::attached()) {
      terminal::draw_bar(render_progress(state, terminal::columns()));
      next_draw = now + redraw_every;
    } else {
      std::fprintf(stderr, "%s\n", render_progress(state, 0).c_str());
      next_draw = now + plain_line_every;
    }
  }
};

Progress::Progress(std::string label, int64_t total, std::string unit) : impl_(std::make_unique<Impl>()) {
  impl_->state.label = std::move(label);
  impl_->state.total = total;
  impl_->state.unit = std::move(unit);
  if (!terminal::attached()) impl_->next_draw = impl_->start + plain_line_every;
}

Progress::~Progress() { terminal::erase_bar(); }

void Progress::update(int64_t done, const std::string& note) {
  impl_->state.done = done;
  if (const Clock::time_point now = Clock::now(); now >= impl_->next_draw && log::shows(log::Level::info)) {
    impl_->state.note = note;
    impl_->draw(now);
  }
}

}  // namespace latentcrs
