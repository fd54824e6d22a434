// Which columns of a table are the user, the item, the rating and the time, by their names and by their values.
#pragma once

#include <string>
#include <vector>

#include "datasets/data/column_profile.h"

namespace latentcrs {

struct TableColumn {
  std::string name;  ///< as the header has it, or its number from 1
  ColumnProfile profile;
};

/// One way to give roles to the columns of a table. Positions in the table; -1: there is no such column.
struct ColumnRoles {
  int user = -1, item = -1, rating = -1, time = -1;
  int title = -1, genres = -1, year = -1, description = -1;
  int index = -1;      ///< a column that only counts the rows
  bool named = false;  ///< the names of the columns tell the user and the item
  std::vector<std::string> notes =
      {};  ///< for user, item, rating, time: how it was found; empty texts where it is plain

  bool operator==(const ColumnRoles&) const = default;
};

/// Every way that fits. None: the table has no column of items. Without a user it is a table of items.
/// `headed`: the columns have names.
std::vector<ColumnRoles> column_roles(const std::vector<TableColumn>& columns, bool headed);

/// Whether a name is among the usual ones of a user, an item, a rating, a time, a title or genres.
bool is_usual_name(const std::string& name);

}  // namespace latentcrs
