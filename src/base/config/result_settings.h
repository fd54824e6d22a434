// The settings that a stage's results depend on, made from the schema.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "base/config/config.h"

namespace latentcrs {

/// The settings that decide the results of `stage` ("preprocess" to "evaluate"), for its manifest: equal settings give
/// equal JSON. Each is named by its key; the general settings, and outside preprocess those of the dataset, stand
/// without a section, those of EM below "em". A language model is named by what decides its answers (service, model,
/// address, parameters): how it is asked, at what price and with whose credentials does not change them, and no secret
/// is among them. Throws Error(internal) for a stage that no setting decides.
nlohmann::json result_settings(const Config& config, const std::string& stage);

}  // namespace latentcrs
