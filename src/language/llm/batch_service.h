// The interface of a service that answers by batch jobs: a file of questions goes to it, and hours later a file of
// answers comes back.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace latentcrs {

struct BatchTask {
  std::string key;  ///< the answer's place in the cache
  nlohmann::json body;
};

/// One line of an output file.
struct BatchRow {
  std::string key;
  std::optional<nlohmann::json> reply = {};
  std::string failure = {};   ///< why there is no reply
  bool temporary = false;     ///< another try may succeed
  bool hopeless = false;      ///< the account is switched off: no later question will be answered either
  std::string question = {};  ///< the question that the row repeats, as question_text(); empty if it repeats none
};

struct BatchStatus {
  bool ended = false;
  std::string state = {};     ///< the service's word for it
  std::string progress = {};  ///< "120 of 500 done"; empty where the service does not say
  std::string failure = {};   ///< why it did not succeed; empty if it did
  bool again = false;         ///< the unanswered questions are worth another job
  bool crowded_out = false;   ///< it failed only because the service held too many questions of this account already
  nlohmann::json outputs = {};
};

/// Every function that asks the service either succeeds or throws; submit() has a third result.
class BatchService {
 public:
  virtual ~BatchService() = default;
  /// Whether the server knows batch jobs at all.
  virtual bool available() { return true; }
  virtual nlohmann::json input_line(const BatchTask& task) const = 0;
  virtual BatchTask read_input_line(const nlohmann::json& line) const = 0;
  virtual BatchRow read_output_line(const nlohmann::json& line) const = 0;
  /// The words of a question, to compare with BatchRow::question; empty where rows do not repeat the question.
  virtual std::string question_text(const nlohmann::json& body) const = 0;

  /// Puts the input where the service finds it, and returns that place. Called again with the same arguments, it
  /// changes nothing, or leaves a second copy that nobody uses.
  virtual std::string upload(const std::filesystem::path& input, const std::string& job_id) = 0;
  /// The job's name; nothing if no reply came, so that the job may or may not exist.
  virtual std::optional<std::string> submit(const std::string& job_id, const std::string& input) = 0;
  /// The name of the job submitted as `job_id`, if there is one.
  virtual std::optional<std::string> find(const std::string& job_id) = 0;
  /// `job_id`: as it was submitted; services need not repeat it.
  virtual BatchStatus status(const std::string& name, const std::string& job_id) = 0;
  /// Fetches the files that BatchStatus::outputs names into `folder`, and returns them in the order to read them. There
  /// may be none.
  virtual std::vector<std::filesystem::path> download(const nlohmann::json& outputs,
                                                      const std::filesystem::path& folder) = 0;
};

}  // namespace latentcrs
