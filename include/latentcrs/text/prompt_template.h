// Prompt templates: text files with {named} fields that a user can replace.
#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "latentcrs/config/config.h"
#include "latentcrs/data/item_catalogue.h"
#include "latentcrs/data/splits.h"

namespace latentcrs {

struct TemplateField {
  std::string_view name;
  bool required = true;
};

/// What a user simulator's template may speak of. history: titles joined by "; "; target_info: describe(target);
/// end_marker: kEndMarker.
inline constexpr TemplateField kUserPromptFields[] = {
    {"item_noun"}, {"history"}, {"target"}, {"target_info"}, {"end_marker", false}};

/// Text with fields `{name}`; `{{` and `}}` are braces. Values are data: braces in them mean nothing.
class PromptTemplate {
 public:
  /// Throws Error(config) naming origin:line for a brace that opens no field and for a field not in `fields`, and
  /// naming `origin` for a required field that does not occur.
  PromptTemplate(std::string_view text, const std::string& origin, std::span<const TemplateField> fields);
  /// Reads a file; its final newline is not part of the text.
  static PromptTemplate load(const std::filesystem::path& path,
                             std::span<const TemplateField> fields = kUserPromptFields);

  /// Fills the fields in. Every field of the template needs a value.
  std::string render(const std::map<std::string, std::string>& values) const;

 private:
  struct Piece {
    std::string text;   ///< literal text before the field
    std::string field;  ///< empty at the end
  };
  std::vector<Piece> pieces_;
};

/// The prompt that makes a model act as the user of `record`. Throws Error(data) for an item the catalogue lacks.
std::string user_prompt(const PromptTemplate& prompt, const SplitRecord& record, const ItemCatalogue& catalogue,
                        const DatasetOptions& dataset);

}  // namespace latentcrs
