// Standard error as the log and the progress bar share it: a line of text may not be written into a drawn bar.
#pragma once

#include <string>

namespace latentcrs::terminal {

/// Whether standard error is a terminal; decided once.
bool attached();
/// Columns of the terminal, 80 if it does not say.
int columns();
/// Draws `bar` over the current line, or erases the one drawn if `bar` is empty. Does nothing if not attached().
void draw_bar(const std::string& bar);
/// Erases the bar drawn now, if any, so that a line can be written.
void erase_bar();

}  // namespace latentcrs::terminal
