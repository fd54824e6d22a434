// Lines that are Python literals, as print(repr(record)) writes them, turned into JSON. Nothing is evaluated.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace latentcrs {

/// The JSON text of a literal of Python 2 or 3: dictionaries, lists, tuples, texts (`u'…'`, both quotes, all escapes
/// but \N), numbers, None, True and False. nullopt for other text. The brackets are not checked: a JSON parser does
/// that.
std::optional<std::string> json_from_python(std::string_view literal);

/// Whether a line begins as such a dictionary does and as a JSON object never does: `{'` or `{u'`.
bool looks_like_python(std::string_view line);

}  // namespace latentcrs
