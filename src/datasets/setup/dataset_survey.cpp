#include "datasets/setup/dataset_survey.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ostream>

#include "base/util/error.h"
#include "datasets/data/raw_file_check.h"
#include "datasets/data/raw_format.h"

namespace latentcrs {
namespace {

constexpr double kFiveStars = 5, kLiked = 4;
constexpr int64_t kEnoughUsers = 100;

PreprocessJob job_of(const DatasetOptions& options) {
  PreprocessJob job;
  job.dataset = options;
  job.interactions_path = options.interactions;
  job.more_interactions.assign(options.more_interactions.begin(), options.more_interactions.end());
  job.metadata_path = options.metadata;
  return job;
}

/// Fills the report, but for what preprocess() adds to it.
Interactions read_all(const PreprocessJob& job, PreprocessReport& report) {
  report.dataset_name = job.dataset.dataset_name;
  const auto raw = raw_format(job.dataset.format).open(job);
  Interactions result = raw->interactions(report);
  report.users = result.num_users();
  report.interactions = static_cast<int64_t>(result.items.size());
  report.items = static_cast<int64_t>(result.distinct_items().size());
  std::ostream nowhere(nullptr);
  if (!job.metadata_path.empty()) report.feature_rows = raw->write_features(nowhere, report);
  return result;
}

double usual_length(const Interactions& data) {
  std::vector<int64_t> lengths;
  for (int64_t u = 0; u < data.num_users(); ++u) lengths.push_back(static_cast<int64_t>(data.sequence(u).size()));
  if (lengths.empty()) return 0;
  std::sort(lengths.begin(), lengths.end());
  constexpr double kNearlyAll = 0.95;
  return static_cast<double>(lengths[static_cast<size_t>(kNearlyAll * static_cast<double>(lengths.size() - 1))]);
}

KeptData try_thresholds(DatasetOptions options, double min_rating, int min_interactions) {
  options.min_rating = min_rating;
  options.min_interactions = min_interactions;
  const PreprocessJob job = job_of(options);
  PreprocessReport report;
  const auto raw = raw_format(options.format).open(job);
  const Interactions data = raw->interactions(report);
  return {.min_rating = min_rating,
          .min_interactions = min_interactions,
          .users = data.num_users(),
          .items = static_cast<int64_t>(data.distinct_items().size()),
          .interactions = static_cast<int64_t>(data.items.size()),
          .longest_usual = usual_length(data)};
}

/// 4 where ratings go to 5, the same share of another scale, 0 where there are no ratings.
double liked_threshold(const PreprocessReport& report) {
  constexpr double kLongestScale = 100;
  if (!report.ratings) return 0;
  const double best = report.ratings->highest;
  if (best <= 1) return std::max(0.0, best);  // likes
  if (best < kLiked || best > kLongestScale) return 0;
  return best <= kFiveStars ? kLiked : std::round(best * kLiked / kFiveStars * 2) / 2;
}

}  // namespace

DatasetSurvey survey_dataset(const DatasetOptions& options, const FixedThresholds& fixed) {
  check_raw_file(options.interactions);
  if (!options.metadata.empty()) check_raw_file(options.metadata);
  DatasetSurvey survey;
  DatasetOptions all = options;
  all.min_rating = 0;
  all.min_interactions = 1;
  all.item_filter = ItemFilter::none;
  all.repeats = Repeats::keep;
  read_all(job_of(all), survey.all);
  const double liked = fixed.min_rating ? options.min_rating : liked_threshold(survey.all);
  survey.liked = !fixed.min_rating && liked > kFiveStars ? liked : 0;
  constexpr int kFive = 5, kThree = 3;
  std::vector<std::pair<double, int>> thresholds;
  for (const double rating : {liked, fixed.min_rating ? liked : 0.0}) {
    for (const int count : {kFive, kThree}) {
      const std::pair next(rating, fixed.min_interactions ? options.min_interactions : count);
      if (std::find(thresholds.begin(), thresholds.end(), next) == thresholds.end()) thresholds.push_back(next);
    }
  }
  const int64_t enough = std::clamp<int64_t>((survey.all.users_read + 1) / 2, 1, kEnoughUsers);
  for (const auto& [rating, count] : thresholds) {
    survey.kept.push_back(try_thresholds(options, rating, count));
    if (survey.choice().users >= enough) return survey;
  }
  const auto most = std::max_element(survey.kept.begin(), survey.kept.end(),
                                     [](const KeptData& a, const KeptData& b) { return a.users < b.users; });
  std::rotate(most, most + 1, survey.kept.end());
  if (survey.choice().users == 0)
    throw data_error(fmt::format(
        "{}: {} users, {} items and {} interactions were read, but no user has {} that pass the filters: the pipeline "
        "needs one interaction each for training, validation and test",
        options.interactions, survey.all.users_read, survey.all.items_read, survey.all.ratings_read,
        fixed.min_interactions ? options.min_interactions : kThree));
  return survey;
}

}  // namespace latentcrs
