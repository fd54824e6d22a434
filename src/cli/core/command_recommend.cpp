#include <fmt/format.h>
#include <unistd.h>

#include "base/util/files.h"
#include "base/util/log.h"
#include "base/util/table.h"
#include "cli/core/core_command.h"
#include "cli/core_requests.h"
#include "service/api/recommendations.h"

namespace latentcrs {

namespace {

using Form = RecommendRequest::Form;

Form form_of(const RecommendRequest& request) {
  if (request.is_form_given) return request.form;
  if (!request.out.empty()) return request.out.extension() == ".jsonl" ? Form::jsonl : Form::tsv;
  return isatty(STDOUT_FILENO) != 0 ? Form::table : Form::tsv;
}

std::string to_tables(const Recommendations& recommendations, bool of_item) {
  std::string text;
  for (const Recommendation& user : recommendations.users) {
    Table table{.title = of_item ? fmt::format("Nearest to item {}", user.user)
                                 : fmt::format("User {}, {} items before, {} text", user.user, user.history,
                                               user.with_text ? "with" : "without"),
                .rows = {{"rank", "item", "title", of_item ? "cosine" : "score"}}};
    for (size_t i = 0; i < user.items.size(); ++i)
      table.rows.push_back({std::to_string(i + 1), recommendations.raw_items.raw(user.items[i].id), user.items[i].title,
                            fmt::format("{:.4f}", user.items[i].score)});
    text += table.to_text() + "\n";
  }
  return text;
}

int command_recommend(const Invocation& invocation) {
  const auto& request = std::any_cast<const RecommendRequest&>(invocation.request);
  const Config& config = invocation.jobs.front().loaded.config;
  const Recommendations all =
      recommend(config.output_dir,
                {.settings = {text_override("exp_name", config.exp_name), text_override("device", config.device),
                              fmt::format("threads={}", config.threads)}},
                request.options);
  const Form form = form_of(request);
  const std::string text = form == Form::jsonl ? to_jsonl(all)
                           : form == Form::tsv ? to_tsv(all)
                                               : to_tables(all, !request.options.like.empty());
  for (const std::string& note : all.notes) log::warn("{}", note);
  if (request.out.empty()) {
    fmt::print("{}", text);
  } else {
    write_file_atomically(request.out, text);
    log::info("{} lists are in {}", all.users.size(), request.out.string());
  }
  return 0;
}

const CoreCommand recommend_command("recommend", command_recommend);

}  // namespace

}  // namespace latentcrs
