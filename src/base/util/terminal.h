// Standard error, which the log and the progress bar share: a line of text must not be written into a drawn bar.
#pragma once

#include <string>

namespace latentcrs::terminal {

/// Whether standard error is a terminal; decided once.
bool attached();
/// The number of columns of the terminal; 80 if it is unknown.
int columns();
/// Draws `bar` over the current line, or erases the drawn bar if `bar` is empty. Does nothing if standard error is not
/// a terminal.
void draw_bar(const std::string& bar);
/// Erases the drawn bar, if there is one, so that a line can be written.
void erase_bar();

}  // namespace latentcrs::terminal
