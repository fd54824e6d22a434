// The files of MovieLens-1M: ratings.dat and movies.dat.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "data/raw_ratings.h"

namespace latentcrs {

/// Ids are interned as decimal numbers without leading zeros. Fills the counts of `report` that are about ratings.
RawRatings read_movielens_ratings(const std::filesystem::path& path, double min_rating, PreprocessReport& report);

struct Movie {
  std::string id;  ///< as read_movielens_ratings writes it
  std::string title;
  std::string genres;  ///< joined by '|'
};

/// In file order, the first entry of each movie, as UTF-8. The published file is ISO-8859-1; one that is valid UTF-8
/// already is taken as it is.
std::vector<Movie> read_movies(const std::filesystem::path& path, PreprocessReport& report);

}  // namespace latentcrs
