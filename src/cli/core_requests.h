// The options of the commands that compute, as the launcher hands them to the core library: Invocation::request.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "experiment/pipeline/doctor.h"
#include "experiment/pipeline/run_flags.h"
#include "experiment/stages/intents.h"
#include "service/api/recommendations.h"
#include "service/serve/serve.h"

namespace latentcrs {

/// One stage or all of them: the core command "stages".
struct StagesRequest {
  std::vector<std::string> stages;  ///< names, in pipeline order
  RunFlags flags = {};              ///< `whole` is empty: each job has its own
  bool is_whole_run = false;        ///< the command `run`
  bool list = false;                ///< print a command for each job of a sweep, and run none
  bool dry_run = false;             ///< show the requests to language models, and send none
  int show = 0;                     ///< utterances to print in place of running the stage; 0: run it
};

/// The core command "intents".
struct IntentsRequest {
  IntentsOptions options = {};
  int top = 0;  ///< rows shown; 0: as many as suit a terminal or a file
};

/// The core command "export": the vectors, which need LibTorch to be read.
struct ExportRequest {
  std::filesystem::path folder;
};

/// The core command "recommend".
struct RecommendRequest {
  enum class Form { table, tsv, jsonl };
  RecommendOptions options = {};
  Form form = Form::table;
  bool is_form_given = false;      ///< otherwise: by the ending of `out`; a table on a terminal; tsv elsewhere
  std::filesystem::path out = {};  ///< empty: standard output
};

/// The core command "chat".
struct TalkRequest {
  std::filesystem::path run;
  std::vector<std::string> settings = {};  ///< in place of the run's own
  std::string user = {};                   ///< id of a user of the data, whose items are the history; empty: none
  Moment moment = Moment::now;             ///< of the user's history
  std::string history = {};                ///< titles or ids
  int shown_items = 0;                     ///< 0: as the run was evaluated
  std::string phrase = {};                 ///< chat provider that phrases the answers; empty: nobody
};

/// The core command "serve".
using ServeRequest = ServeOptions;

/// The core command "doctor".
using DoctorRequest = DoctorFlags;

}  // namespace latentcrs
