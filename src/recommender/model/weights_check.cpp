#include "recommender/model/weights_check.h"

#include <ATen/core/Tensor.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/util/error.h"

namespace latentcrs {

namespace {

constexpr size_t kNamesShown = 6;
constexpr const char* kItemTable = "item_embeddings.weight";

}  // namespace

void require_no_more_weights(const std::vector<std::string>& names, std::string_view where) {
  if (names.empty()) return;
  const auto shown = static_cast<ptrdiff_t>(std::min(names.size(), kNamesShown));
  const std::string more =
      names.size() > kNamesShown ? fmt::format(" and {} others", names.size() - kNamesShown) : std::string();
  throw data_error(
      fmt::format("{}: holds weights that this model has not: {}{}; set the sizes that the file was made with "
                  "(num_hidden_layers, for example), or save the weights of the model alone",
                  where, fmt::join(names.begin(), names.begin() + shown, ", "), more));
}

void require_item_size(const StateDict& encoder, const std::filesystem::path& encoder_file, int64_t item_size,
                       const std::filesystem::path& config_file) {
  const at::Tensor* table = find(encoder, kItemTable);
  if (table == nullptr || table->dim() == 0 || table->size(0) == item_size)
    return;  // load_parameters() reports a missing one
  throw data_error(fmt::format("{}: item_size is {}, but {} in {} has {} rows: the two files do not belong together",
                               config_file.string(), item_size, kItemTable, encoder_file.string(), table->size(0)));
}

}  // namespace latentcrs
