#include <CLI/CLI.hpp>

#include "cli/core_requests.h"
#include "cli/launcher/commands.h"
#include "cli/launcher/run_in_core.h"

namespace latentcrs {

namespace {

class IntentsCommand : public Command {
 public:
  IntentsCommand()
      : Command(
            {.name = "intents",
             .help = "What the intents found by pretraining stand for, and a picture",
             .details =
                 "Of each intent: its users, and the items nearest to its centre c among those that make up 90 % of "
                 "all\n"
                 "interactions. By lift, the items y that gain most over the mean user u, by the cosine of E[y] and\n"
                 "c - u; by score, those with the largest E[y]·c, where popular items come first everywhere.\n\n"
                 "Reads   <output_dir>/preprocess/ and pretrain/\n"
                 "Writes  <output_dir>/intents/: intents.html (the picture and all intents), "
                 "intents.jsonl\n"
                 "Examples\n"
                 "  latentcrs intents -c tiny\n"
                 "  latentcrs intents -c ml1m --items 5 --top 50"}) {}

  void add_options(CLI::App& parser) override {
    parser.add_option("--items", request_.options.items, "Nearest items of each intent (default 3)")
        ->type_name("N")
        ->check(CLI::Range(1, 100));
    parser
        .add_option("--top", request_.top,
                    "Largest intents printed (default 20 on a terminal,\nall into a file or pipe)")
        ->type_name("N")
        ->check(CLI::PositiveNumber);
    parser.add_option("--by", nearness_, "What makes an item near: lift (default) or score")
        ->type_name("MEASURE")
        ->check(CLI::IsMember({"lift", "score"}));
  }

  void finish(Invocation& /*invocation*/) override {
    request_.options.nearness = nearness_ == "score" ? Nearness::score : Nearness::lift;
  }

  int run(const Invocation& invocation) const override { return run_in_core(invocation, "intents", request_); }

 private:
  IntentsRequest request_;
  std::string nearness_ = "lift";
};

}  // namespace

std::unique_ptr<Command> make_intents_command() { return std::make_unique<IntentsCommand>(); }

}  // namespace latentcrs
