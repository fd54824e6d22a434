// Titles as datasets write them, and as people say them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace latentcrs {

/// The title without year and bracketed additions, its article moved to the front: "Postman, The (Postino, Il) (1994)"
/// -> "The Postman". The whole title if nothing else is in it.
std::string spoken_title(std::string_view title);

/// Every name by which someone could give the title away: the spoken title, its part before " - " (where shops append
/// platforms and editions), and alternative titles in brackets of at least two words that are no edition's name.
std::vector<std::string> title_variants(std::string_view title);

}  // namespace latentcrs
