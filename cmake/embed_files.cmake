# Run as `cmake -DGROUP=experiment -DROOM=report -DOUTPUT=assets.cpp -DFILES=a.css|b.js -P embed_files.cmake`: writes a source that holds the text files
# and defines the functions that src/<group>/<room>/assets.h declares, `std::string_view <room>_asset(std::string_view name)` and, where a room
# needs it, `std::vector<std::string_view> <room>_asset_names()`.
file(WRITE "${OUTPUT}.new" "#include \"${GROUP}/${ROOM}/assets.h\"\n\n#include <string>\n#include <vector>\n\n#include \"base/util/error.h\"\n\n"
  "namespace latentcrs {\n\nnamespace {\n\nstruct EmbeddedFile {\n  std::string_view name;\n  std::string_view text;\n};\n\n"
  "constexpr EmbeddedFile kEmbedded[] = {\n")
string(REPLACE "|" ";" files "${FILES}")
foreach(path IN LISTS files)
  get_filename_component(name "${path}" NAME)
  file(READ "${path}" text)
  file(APPEND "${OUTPUT}.new" "    {\"${name}\", R\"latentcrs(" "${text}" ")latentcrs\"},\n")
endforeach()
file(APPEND "${OUTPUT}.new" "};\n\n}  // namespace\n\nstd::string_view ${ROOM}_asset(std::string_view name) {\n"
  "  for (const EmbeddedFile& file : kEmbedded) {\n    if (file.name == name) return file.text;\n  }\n"
  "  throw Error(ErrorKind::internal, \"no file named \" + std::string(name) + \" is in the program\");\n}\n\n"
  "std::vector<std::string_view> ${ROOM}_asset_names() {\n  std::vector<std::string_view> names;\n"
  "  for (const EmbeddedFile& file : kEmbedded) names.push_back(file.name);\n  return names;\n}\n\n}  // namespace latentcrs\n")
file(RENAME "${OUTPUT}.new" "${OUTPUT}")
