// Batch jobs of every provider that has them: rows of answers, and what the service says about jobs.
#include "providers.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace latentcrs;
  static fuzz::Providers providers;
  const std::string_view text = fuzz::text_of(data, size);
  const auto row = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  for (const auto& service : providers.batch_services()) {
    if (row.is_object()) fuzz::expect_value_or_error([&] { (void)service->read_output_line(row); });
    providers.http().answer_with(text);
    fuzz::expect_value_or_error([&] { (void)service->status("jobs/1", "job"); });
    providers.http().answer_with(text);
    fuzz::expect_value_or_error([&] { (void)service->find("job"); });
    providers.http().answer_with(text);
    fuzz::expect_value_or_error([&] { (void)service->submit("job", "input"); });
  }
  return 0;
}
