#include "recommender/model/centers_file.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/util/error.h"
#include "base/util/log.h"
#include "numerics/tensor/tensor_file.h"

namespace latentcrs {

namespace {

/// A float32 row divided by its norm is this near to length 1; a half-precision copy of it is not.
constexpr double kLengthTolerance = 1e-5;

}  // namespace

at::Tensor read_centers(const std::filesystem::path& path) {
  const auto fail = [&](const std::string& what) { throw data_error(path.string() + " " + what); };
  const at::Tensor read = read_npy(path);
  if (!read.is_floating_point())
    fail(fmt::format("holds numbers of type {}: intent centres are float32", c10::toString(read.scalar_type())));
  if (read.dim() != 2 || read.numel() == 0)
    fail(fmt::format("holds [{}] numbers: intent centres are a matrix [K, d], a row each",
                     fmt::join(read.sizes(), ", ")));
  if (!at::isfinite(read).all().item<bool>()) fail("holds a value that is not finite");
  const at::Tensor exact = read.to(at::kDouble), lengths = exact.norm(2, 1, true);
  if ((lengths == 0).any().item<bool>()) fail("holds an intent centre of length 0, which has no direction");
  const at::Tensor off = (lengths - 1).abs() > kLengthTolerance;
  const int64_t count = off.sum().item<int64_t>();
  if (count == 0) return read.to(at::kFloat);
  log::info("{}: {} of {} intent centres have another length than 1 ({:.3g} to {:.3g}) and are normalised",
            path.string(), count, read.size(0), lengths.min().item<double>(), lengths.max().item<double>());
  return at::where(off, exact / lengths, exact).to(at::kFloat);
}

}  // namespace latentcrs
