#include "base/util/progress.h"

#include <catch2/catch.hpp>

using latentcrs::ProgressState;
using latentcrs::render_progress;

TEST_CASE("progress says how far, how fast and how long", "[progress]") {
  ProgressState state{
      .label = "simulate", .done = 150, .total = 600, .unit = "users", .seconds = 10, .note = "3 leaks"};
  CHECK(render_progress(state, 0) == "simulate:  25 %  150/600 users  15 users/s  0:30 left  3 leaks");
  CHECK(render_progress(state, 200) ==
        "simulate  [#####...............]  25 %  150/600 users  15 users/s  0:30 left  3 leaks");
  CHECK(render_progress(state, 30).size() == 29);

  state.done = 600;
  state.note.clear();
  CHECK(render_progress(state, 0) == "simulate: 100 %  600/600 users  60 users/s");
}

TEST_CASE("progress with little known", "[progress]") {
  CHECK(render_progress({.label = "read", .done = 7, .unit = "lines", .note = ""}, 0) == "read: 7 lines");
  CHECK(render_progress({.label = "train", .done = 1, .total = 1001, .unit = "epochs", .seconds = 8, .note = ""}, 0) ==
        "train:   0 %  1/1001 epochs  0.12 epochs/s  2:13:20 left");
}
