// Choosing between several readings of a file: by the settings that a user gives, else by asking.
#pragma once

#include <filesystem>
#include <vector>

#include "datasets/data/recogniser.h"
#include "datasets/setup/answers.h"

namespace latentcrs {

/// The readings that agree with the answers, each with all answers in its settings. If none agrees, an answer goes
/// beyond what was found: every reading takes it, and a format given stands for itself. Equal readings are one.
std::vector<Reading> fitting_readings(std::vector<Reading> readings, const Answers& answers);

/// Throws Error(usage) that lists the readings, and with each the settings that choose it.
[[noreturn]] void throw_which_reading(const std::filesystem::path& file, const std::vector<Reading>& readings);

}  // namespace latentcrs
