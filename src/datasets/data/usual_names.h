// The names that columns usually have in tables of interactions and of items. Case, `_`, `-` and blanks do not count.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace latentcrs {

inline constexpr std::string_view kUserNames =
    "user|user_id|uid|user_nr|user_name|reviewer_id|customer|customer_id|visitor_id|session_id";
inline constexpr std::string_view kItemNames =
    "item|item_id|iid|item_nr|movie_id|product_id|business_id|asin|parent_asin|book_id|artist_id|sku|venue_id";
inline constexpr std::string_view kRatingFields = "rating|score|stars|overall|weight";
inline constexpr std::string_view kTimeNames = "timestamp|time|ts|unix_time|datetime|date|unix_review_time";
inline constexpr std::string_view kTitleNames = "title|name|movie_title|item_name|product_name|title_year";
inline constexpr std::string_view kGenreNames = "genres|genre|class|categories|category";
inline constexpr std::string_view kYearNames = "year|release_year|movie_year";

/// The names between the `|`.
std::vector<std::string> split_names(std::string_view names);
/// "User ID", "user_id" and "userId" are one name.
std::string plain_name(std::string_view name);

}  // namespace latentcrs
