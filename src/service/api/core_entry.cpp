// The function of the core library that liblatentcrs.so calls.
#include "base/util/log.h"
#include "service/api/recommender_service.h"

void latentcrs_open_recommender(const std::filesystem::path* run_folder, const latentcrs::OpenOptions* options,
                                latentcrs::SharedRecommenderService* service) {
  latentcrs::log::set_level(latentcrs::log::Level::warn);  // an embedding program's terminal is its own
  *service = latentcrs::open_recommender(*run_folder, *options);
}
