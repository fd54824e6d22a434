// The manual pages that the program writes about itself.
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "support/subprocess.h"
#include "support/temp_dir.h"

using namespace latentcrs::test;

namespace {

Finished latentcrs_with(const std::vector<std::string>& arguments) {
  std::vector<std::string> words = {LATENTCRS_BINARY};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return run_process(words);
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string page(const TempDir& dir, const std::string& name) { return read_text(dir.path() / (name + ".1")); }

}  // namespace

TEST_CASE("each command has a manual page, and the program one that names them", "[manual]") {
  const TempDir dir;
  const Finished finished = latentcrs_with({"completion", "--manuals", dir.path()});
  CAPTURE(finished.err);
  REQUIRE(finished.exit_code == 0);
  const std::string program = page(dir, "latentcrs");
  size_t pages = 0;
  for (const auto& entry : std::filesystem::directory_iterator(dir.path())) {
    const std::string name = entry.path().stem();
    CAPTURE(name);
    const std::string text = page(dir, name);
    CHECK(contains(text, "\n.SH NAME\n"));
    CHECK(contains(text, "\n.SH SYNOPSIS\n.B latentcrs "));
    if (name == "latentcrs") continue;
    const std::string command = name.substr(std::string("latentcrs-").size());
    CHECK(contains(program, "\\fBlatentcrs " + command + "\\fR\n"));
    CHECK(latentcrs_with({command, "--help"}).exit_code == 0);
    ++pages;
  }
  size_t listed = 0;
  for (size_t at = program.find("\\fBlatentcrs "); at != std::string::npos; at = program.find("\\fBlatentcrs ", at + 1))
    ++listed;
  CHECK(pages == listed);
}

TEST_CASE("a manual page has the options, files and examples of the command's help", "[manual]") {
  const TempDir dir;
  REQUIRE(latentcrs_with({"completion", "--manuals", dir.path()}).exit_code == 0);
  const std::string train = page(dir, "latentcrs-train");
  CHECK(contains(train, ".TH LATENTCRS\\-TRAIN 1 "));
  CHECK(contains(train, "\n\\fB\\-c, \\-\\-config\\fR \\fINAME\\fR\n"));
  CHECK(contains(train, "\n\\fB\\-m, \\-\\-multirun\\fR\n"));
  CHECK(contains(train, "\n\\fB\\(tikey\\fR\nback to the default\n"));
  CHECK(contains(train, ".SH FILES\n.TP\nReads\nwhat preprocess, pretrain"));
  CHECK(contains(train, ".SH EXAMPLES\n.nf\nlatentcrs train \\-c ml1m learning_rate=0.0005\n"));
  CHECK_FALSE(contains(page(dir, "latentcrs-completion"), "manuals"));  // an option for the build alone
  CHECK(contains(page(dir, "latentcrs"), ".SH EXIT STATUS\n.nf\n0 done "));
}

TEST_CASE("man sets every page without a warning", "[manual]") {
  const TempDir dir;
  REQUIRE(latentcrs_with({"completion", "--manuals", dir.path()}).exit_code == 0);
  if (run_process({"sh", "-c", "command -v man && command -v groff"}).exit_code != 0)
    return;  // a bare system has neither
  for (const auto& entry : std::filesystem::directory_iterator(dir.path())) {
    const Finished shown = run_process({"man", "--warnings=all", "--local-file", entry.path()},
                                       {.environment = {{"MANWIDTH", "80"}, {"LC_ALL", "C.UTF-8"}}});
    CAPTURE(entry.path().string());
    CHECK(shown.exit_code == 0);
    CHECK(shown.err.empty());
    CHECK(contains(shown.out, "SYNOPSIS"));
  }
}
