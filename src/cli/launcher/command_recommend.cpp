#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <map>

#include "base/util/error.h"
#include "cli/core_requests.h"
#include "cli/launcher/arguments.h"
#include "cli/launcher/commands.h"
#include "cli/launcher/run_in_core.h"

namespace latentcrs {

namespace {

const std::map<std::string, Moment> kMoments = {{"now", Moment::now}, {"test", Moment::test}, {"valid", Moment::valid}};
const std::map<std::string, RecommendRequest::Form> kForms = {{"table", RecommendRequest::Form::table},
                                                              {"tsv", RecommendRequest::Form::tsv},
                                                              {"jsonl", RecommendRequest::Form::jsonl}};
const std::map<std::string, HistoryItems> kHistoryItems = {{"keep", HistoryItems::keep},
                                                           {"mask", HistoryItems::leave_out}};

/// The names of a choice, for CLI11 to check.
template <class Choice>
CLI::IsMember member_of(const std::map<std::string, Choice>& choices) {
  std::vector<std::string> names;
  for (const auto& [name, value] : choices) names.push_back(name);
  return CLI::IsMember(names);
}

class RecommendCommand : public Command {
 public:
  RecommendCommand()
      : Command(
            {.name = "recommend",
             .help = "The best items for users of a finished run, for new histories, or like an item",
             .details =
                 "Scores are those of `evaluate`: with text for users with an utterance, without text for others.\n"
                 "A line of --histories is {\"user\": …, \"history\": [ids or titles], \"utterance\": …}; each may\n"
                 "be missing. Items of --items are ids or titles, one a line.\n\n"
                 "Reads   <output_dir>/: the settings and results of the run\n"
                 "Writes  the file of --out, the folder of --vectors; nothing else\n"
                 "Examples\n"
                 "  latentcrs recommend -c ml1m --users 1,2\n"
                 "  latentcrs recommend -c ml1m --out lists.tsv        all users\n"
                 "  latentcrs recommend -c ml1m --histories mine.jsonl --items shop.txt --seen mask\n"
                 "  latentcrs recommend -c ml1m --like \"Toy Story\""}) {}

  void add_options(CLI::App& parser) override;
  void finish(Invocation& invocation) override;
  int run(const Invocation& invocation) const override { return run_in_core(invocation, "recommend", request_); }

 private:
  RecommendRequest request_;
  std::string moment_ = "now", form_, seen_, users_file_, histories_, items_, vectors_, out_;
};

void RecommendCommand::add_options(CLI::App& parser) {
  RecommendOptions& options = request_.options;
  parser.add_option("-k,--top", options.top, "Items of each list (default 10)")
      ->type_name("N")
      ->check(CLI::Range(1, 1000000));
  CLI::Option* users = parser.add_option("--users", options.users, "Ids of users, with commas between (default: all)")
                           ->type_name("ID")
                           ->delimiter(',')
                           ->allow_extra_args(false);
  CLI::Option* users_file =
      parser.add_option("--users-file", users_file_, "Ids of users, one a line")->type_name("FILE");
  CLI::Option* histories = parser.add_option("--histories", histories_, "Histories and utterances, JSON lines")
                               ->type_name("FILE")
                               ->excludes(users)
                               ->excludes(users_file);
  parser.add_option("--like", options.like, "The items nearest to this one, by the cosine of their vectors")
      ->type_name("ITEM")
      ->excludes(users)
      ->excludes(users_file)
      ->excludes(histories);
  parser.add_option("--items", items_, "The only candidates (default: all items)")->type_name("FILE");
  parser
      .add_option("--seen", seen_,
                  "keep the user's own items among the candidates, or mask\nthem (default: as the run was evaluated)")
      ->type_name("MODE")
      ->check(member_of(kHistoryItems));
  parser
      .add_option("--as-of", moment_,
                  "now (default): after all of a user's items; test, valid:\nbefore the item that evaluate ranks")
      ->type_name("MOMENT")
      ->check(member_of(kMoments));
  parser.add_flag("--utterances", options.with_utterances, "With what the simulated users said as of test or valid");
  parser.add_option("--format", form_, "table, tsv or jsonl")->type_name("FORM")->check(member_of(kForms));
  parser.add_option("--out", out_, "A file in place of the terminal; .jsonl for JSON lines")->type_name("FILE");
  parser.add_option("--vectors", vectors_, "Write the vectors of users and items there, as .npy")->type_name("FOLDER");
}

void RecommendCommand::finish(Invocation& /*invocation*/) {
  RecommendOptions& options = request_.options;
  const auto path = [](std::string text, const char* option) {
    expand_path(text, option);
    return std::filesystem::path(text);
  };
  options.users_file = path(users_file_, "--users-file");
  options.histories = path(histories_, "--histories");
  options.items = path(items_, "--items");
  options.vectors = path(vectors_, "--vectors");
  request_.out = path(out_, "--out");
  options.moment = kMoments.at(moment_);
  if (!seen_.empty()) options.history_items = kHistoryItems.at(seen_);
  if (!form_.empty()) request_.form = kForms.at(form_);
  request_.is_form_given = !form_.empty();
  if (options.with_utterances && options.moment == Moment::now)
    throw usage_error("--utterances needs --as-of test or --as-of valid: nobody spoke after all of their items");
  const bool about_users = options.histories.empty() && options.like.empty();
  if (!about_users && (options.moment != Moment::now || options.with_utterances))
    throw usage_error("--as-of and --utterances are about users of the data, not about --histories or --like");
  if (!options.like.empty() && !options.vectors.empty())
    throw usage_error("--vectors writes the vectors of users, of whom --like has none");
}

}  // namespace

std::unique_ptr<Command> make_recommend_command() { return std::make_unique<RecommendCommand>(); }

}  // namespace latentcrs
