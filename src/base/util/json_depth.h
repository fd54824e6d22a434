// How deeply a JSON text of unknown origin is nested.
#pragma once

#include <string_view>

namespace latentcrs {

/// Levels of lists and objects that a text of others may have. Deeper texts are refused before a library reads them,
/// because not every library bounds the depth by itself.
inline constexpr int kMaxJsonDepth = 500;

/// Whether `text`, taken as JSON, has lists and objects in more than kMaxJsonDepth levels. It need not be JSON.
bool is_nested_too_deeply(std::string_view text);

}  // namespace latentcrs
