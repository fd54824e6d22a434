// The real program as a user meets it: its output and exit codes.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <thread>

#include "support/subprocess.h"
#include "support/temp_dir.h"

using namespace latentcrs::test;
namespace fs = std::filesystem;

namespace {

/// The program with the configs of the source tree, wherever it was built.
Finished run_latentcrs(std::vector<std::string> arguments, ProcessOptions options = {}) {
  arguments.insert(arguments.begin(), LATENTCRS_BINARY);
  options.environment.emplace_back("LATENTCRS_CONFIG_DIR", source_path("configs"));
  return run_process(arguments, options);
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

const std::vector<std::string> stages = {"preprocess", "pretrain", "simulate", "embed", "train", "evaluate", "run"};

}  // namespace

TEST_CASE("help names every command, and each command explains itself", "[cli]") {
  const Finished help = run_latentcrs({"--help"});
  CHECK(help.exit_code == 0);
  CHECK(run_latentcrs({}).out == help.out);
  std::vector<std::string> commands = stages;
  commands.insert(commands.end(), {"init", "intents", "recommend", "chat", "serve", "compare", "report",
                                   "conversations", "score", "export", "config", "doctor", "completion"});
  for (const std::string& command : commands) {
    CAPTURE(command);
    CHECK(contains(help.out, command));
    const Finished own = run_latentcrs({command, "--help"});
    CHECK(own.exit_code == 0);
    CHECK(contains(own.out, "latentcrs " + command));
    CHECK(contains(own.out, "Example"));
  }
  for (const std::string& stage : stages) {
    CAPTURE(stage);
    const std::string text = run_latentcrs({stage, "-h"}).out;
    for (const char* part : {"Reads", "Writes", "--config", "--multirun", "--force", "--quiet", "--verbose"}) {
      CHECK(contains(text, part));
    }
  }
}

TEST_CASE("help waits for no library that only the stages need", "[cli]") {
  const std::string program = read_text(LATENTCRS_BINARY);  // it names the libraries that are loaded with it
  CHECK(contains(program, "libc.so"));
  for (const char* library : {"libtorch", "libfaiss", "libprotobuf", "libcurl"})
    CHECK_FALSE(contains(program, std::string(library) + ".so"));
}

TEST_CASE("a stage takes the options about language models that it can follow", "[cli]") {
  const std::vector<std::pair<std::string, std::vector<std::string>>> taken = {
      {"preprocess", {}},
      {"pretrain", {"--checkpoint", "--evaluate-only"}},
      {"simulate", {"--dry-run", "--detach", "--retry"}},
      {"embed", {"--dry-run"}},
      {"train", {}},
      {"evaluate", {"--dry-run", "--detach"}},
      {"run", {"--tables", "--dry-run", "--detach", "--retry"}}};
  for (const auto& [command, options] : taken) {
    const std::string help = run_latentcrs({command, "--help"}).out;
    for (const std::string option :
         {"--tables", "--dry-run", "--detach", "--retry", "--checkpoint", "--evaluate-only"}) {
      CAPTURE(command, option);
      const bool is_taken = std::find(options.begin(), options.end(), option) != options.end();
      CHECK(contains(help, "  " + option) == is_taken);
      if (is_taken) continue;
      const Finished refused = run_latentcrs({command, "-c", "tiny", option});
      CHECK(refused.exit_code == 2);
      CHECK(contains(refused.err, "latentcrs " + command + ": unknown option " + option));
    }
  }
}

TEST_CASE("--version names what it was built with", "[cli]") {
  const Finished version = run_latentcrs({"--version"});
  CHECK(version.exit_code == 0);
  CHECK_THAT(version.out, Catch::Matches(R"(latentcrs \d+\.\d+\.\d+ \(.+\), LibTorch \d+\.\d+\.\d+, Faiss \d.*\n)"));
}

TEST_CASE("a wrong command line exits with 2 and says what would be right", "[cli]") {
  struct Case {
    std::vector<std::string> arguments;
    std::string message;
  };
  const std::vector<Case> cases = {
      {{"trian"}, "did you mean train?"},
      {{"xyzzyx"}, "the commands are preprocess"},
      {{"train", "-c", "tiny", "--forse"}, "did you mean --force?"},
      {{"train", "-c", "tiny", "quickly"}, "quickly: neither an option nor an override"},
      {{"train", "learning_rate=1"}, "needs --config NAME; there are: "},
      {{"train", "-c"}, "--config"},
      {{"pretrain", "-c", "tiny", "--evaluate-only"}, "--checkpoint"},
      {{"run", "-c", "tiny", "--quiet", "--verbose"}, "excludes"},
      {{"intents", "-c", "tiny", "--items", "0"}, "--items"},
      {{"intents", "-c", "tiny", "--by", "luck"}, "--by"},
      {{"completion", "fish"}, "bash or zsh"},
      {{"compare"}, "one or two run folders"},
      {{"compare", "a", "b", "c"}, "one or two run folders, not 3"},
      {{"compare", "a", "--split", "train"}, "--split"},
      {{"report"}, "the folder of a run"},
      {{"recommend", "-c", "tiny", "--utterances"}, "--as-of test or --as-of valid"},
      {{"recommend", "-c", "tiny", "--like", "1", "--users", "1"}, "--users"},
      {{"recommend", "-c", "tiny", "--histories", "a", "--as-of", "test"}, "users of the data"},
      {{"recommend", "-c", "tiny", "--users", "1", "threads"}, "threads: neither an option nor an override"},
      {{"chat"}, "needs the folder of a run"},
      {{"chat", "threads=1"}, "needs the folder of a run"},
      {{"chat", "a", "b"}, "b: not a setting"},
      {{"chat", "a", "--as-of", "test"}, "give --user"},
      {{"chat", "a", "--phrase", "openai_batch"}, "--phrase"},
      {{"score"}, "needs answers=FILE"},
      {{"score", "answers="}, "answers= needs the name of a file"},
      {{"score", "answers=a", "threads=1"}, "threads=1: an override needs --config"},
      {{"score", "answers=a", "--links", "none"}, "--links"},
      {{"--nothing"}, "unknown option --nothing"},
  };
  for (const Case& wrong : cases) {
    const Finished finished = run_latentcrs(wrong.arguments);
    CAPTURE(finished.err);
    CHECK(finished.exit_code == 2);
    CHECK(contains(finished.err, "latentcrs: usage error: "));
    CHECK(contains(finished.err, wrong.message));
    CHECK(finished.out.empty());
  }
}

TEST_CASE("an unknown key exits with 3 and names its place and the nearest key", "[cli]") {
  const TempDir dir;
  write_text(dir / "mine.yaml", "defaults: [tiny, _self_]\nbatch_size: 64\nlearning_rat: 0.1\n");
  const Finished in_file = run_latentcrs({"config", "-c", (dir / "mine.yaml").string()});
  CAPTURE(in_file.err);
  CHECK(in_file.exit_code == 3);
  CHECK(contains(in_file.err, "mine.yaml:3"));
  CHECK(contains(in_file.err, "learning_rate"));

  const Finished on_command_line = run_latentcrs({"train", "-c", "tiny", "learning_rat=0.1"});
  CAPTURE(on_command_line.err);
  CHECK(on_command_line.exit_code == 3);
  CHECK(contains(on_command_line.err, "learning_rate"));
  CHECK(run_latentcrs({"config", "-c", "no-such-config"}).exit_code == 3);
}

TEST_CASE("a mistake in any job of a sweep shows before the first job starts", "[cli]") {
  const Finished finished = run_latentcrs({"train", "-c", "tiny", "-m", "learning_rate=0.1,fast"});
  CHECK(finished.exit_code == 3);
  CHECK(contains(finished.err, "fast"));
}

TEST_CASE("each job of a sweep has a run folder of its own", "[cli]") {
  const TempDir dir, together;
  const auto sweep_in = [&](const TempDir& folder, std::vector<std::string> more) {
    std::vector<std::string> words = {"preprocess", "-c", source_path("configs/tiny.yaml").string(), "-q", "-m"};
    words.insert(words.end(), more.begin(), more.end());
    return run_latentcrs(words, {.folder = folder.path()});
  };
  const auto sweep = [&](std::vector<std::string> more) {
    const Finished finished = sweep_in(dir, std::move(more));
    CAPTURE(finished.err);
    CHECK(finished.exit_code == 0);
  };
  sweep({"exp_name=choice(a,b)", "output_dir=out"});
  CHECK(fs::exists(dir / "out/0/preprocess"));
  CHECK(fs::exists(dir / "out/1/preprocess"));
  CHECK(fs::exists(dir / "out/summary.md"));
  sweep({"exp_name=a,b", "output_dir=named/${exp_name}"});
  CHECK(fs::exists(dir / "named/a/preprocess"));
  CHECK(fs::exists(dir / "named/b/preprocess"));

  // Two sweeps that start together do not share a folder.
  std::thread other([&] { sweep_in(together, {"datasets.multi_turn_users=7"}); });
  CHECK(sweep_in(together, {"datasets.multi_turn_users=8"}).exit_code == 0);
  other.join();
  size_t folders = 0;
  for (const fs::directory_entry& day : fs::directory_iterator(together / "multirun"))
    for (const fs::directory_entry& time : fs::directory_iterator(day)) {
      ++folders;
      CHECK(fs::exists(time.path() / "0/preprocess"));
      CHECK_FALSE(fs::exists(time.path() / "1"));
    }
  CHECK(folders == 2);
}

TEST_CASE("a config of one's own finds the data of the shipped one that it builds on", "[cli]") {
  const TempDir dir;
  write_text(dir / "mine/own.yaml", "defaults: [tiny, _self_]\nexp_name: own\n");
  const Finished finished = run_latentcrs({"preprocess", "-q", "-c", "mine/own.yaml"}, {.folder = dir.path()});
  CAPTURE(finished.err);
  CHECK(finished.exit_code == 0);
  CHECK(fs::exists(dir / "outputs/own/preprocess"));
}

TEST_CASE("config prints settings that give the same settings again", "[cli]") {
  const TempDir dir;
  const Finished first = run_latentcrs({"config", "-c", "tiny", "learning_rate=0.25"});
  REQUIRE(first.exit_code == 0);
  write_text(dir / "again.yaml", first.out);
  CHECK(run_latentcrs({"config", "-c", (dir / "again.yaml").string()}).out == first.out);

  CHECK(run_latentcrs({"config", "-c", "tiny", "learning_rate=0.25", "--key", "learning_rate"}).out == "0.25\n");
  const Finished typo = run_latentcrs({"config", "-c", "tiny", "--key", "learning_rat"});
  CHECK(typo.exit_code == 3);
  CHECK(contains(typo.err, "did you mean learning_rate?"));

  const Finished origin = run_latentcrs({"config", "-c", "tiny", "--origin"});
  CHECK(contains(origin.out, "tiny.yaml:"));
  CHECK(contains(origin.out, "# default"));
}

TEST_CASE("an installed program finds its configs from any folder", "[cli]") {
  const TempDir dir;
  fs::create_directories(dir / "bin");
  fs::copy_file(LATENTCRS_BINARY, dir / "bin/latentcrs");
  fs::create_directories(dir / "share/latentcrs");
  fs::create_directory_symlink(source_path("configs"), dir / "share/latentcrs/configs");
  const Finished finished = run_process(
      {(dir / "bin/latentcrs").string(), "config", "-c", "tiny.yaml", "--key", "exp_name"}, {.folder = "/"});
  CAPTURE(finished.err);
  CHECK(finished.exit_code == 0);
  CHECK(finished.out == "tiny\n");
}

TEST_CASE("missing data exits with 4 and names the setting and the file", "[cli]") {
  const TempDir dir;
  const Finished finished =
      run_latentcrs({"preprocess", "-c", "tiny", "datasets.interactions=nowhere/ratings.dat"}, {.folder = dir.path()});
  CAPTURE(finished.err);
  CHECK(finished.exit_code == 4);
  CHECK(contains(finished.err, "latentcrs: data error: "));
  CHECK(contains(finished.err, "datasets.interactions"));
  CHECK(contains(finished.err, "nowhere/ratings.dat"));
}

TEST_CASE("comparing or reporting what is no run exits with 4 and says so", "[cli]") {
  const TempDir dir;
  for (const char* command : {"compare", "report"}) {
    const Finished finished = run_latentcrs({command, (dir / "nowhere").string()});
    CAPTURE(finished.err);
    CHECK(finished.exit_code == 4);
    CHECK(contains(finished.err, "nowhere"));
    CHECK(finished.out.empty());
  }
}

TEST_CASE("a sequence file whose last line has no end is warned about: it may be cut off", "[cli]") {
  const TempDir dir;
  const std::string lines = "1\t1 2 3 4\n2\t2 3 4 5\n3\t5 1 2 13";
  const auto preprocess = [&](const std::string& text) {
    write_text(dir / "items.txt", text);
    const Finished finished = run_latentcrs(
        {"preprocess", "-c", "beauty", "datasets.interactions=items.txt", "output_dir=run"}, {.folder = dir.path()});
    CHECK(finished.exit_code == 0);
    return finished.err;
  };
  CHECK(contains(preprocess(lines), "items.txt: the last line has no end"));
  CHECK_FALSE(contains(preprocess(lines + "\n"), "no end"));
}

TEST_CASE("an experiment's name stays in the run folder; an unknown instruction set is an error", "[cli]") {
  const TempDir dir;
  const Finished outside = run_latentcrs({"preprocess", "-c", "tiny", "exp_name=../x"}, {.folder = dir.path()});
  CHECK(outside.exit_code == 3);
  CHECK(contains(outside.err, "exp_name: '../x' cannot be the beginning of a file name"));
  const Finished unknown =
      run_latentcrs({"doctor"}, {.folder = dir.path(), .environment = {{"LATENTCRS_ISA_LIMIT", "sse9"}}});
  CHECK(unknown.exit_code == 2);
  CHECK(contains(unknown.err, "LATENTCRS_ISA_LIMIT=sse9"));
}

TEST_CASE("a free map that refers to a value left open is refused, not emptied", "[cli]") {
  const Finished open = run_latentcrs({"config", "-c", "tiny", "simulate=openai", "simulate.chat.parameters.a=???",
                                       "simulate.chat.parameters.r=${simulate.chat.parameters.a}"});
  CHECK(open.exit_code == 3);
  CHECK(contains(open.err, "left open"));
}

TEST_CASE("doctor names credentials but not their values, and says whether a config can run", "[cli]") {
  const TempDir dir;
  write_text(dir / "configs/absent.yaml", "defaults: [tiny, _self_]\ndatasets:\n  interactions: nowhere.dat\n");
  const ProcessOptions options{.folder = dir.path(), .environment = {{"OPENAI_API_KEY", "very-secret"}}};
  const Finished doctor = run_latentcrs({"doctor"}, options);
  CHECK(doctor.exit_code == 0);
  for (const char* part : {"LibTorch", "Faiss", "libcurl", "processors", "OPENAI_API_KEY", "ml1m"}) {
    CAPTURE(part);
    CHECK(contains(doctor.out, part));
  }
  CHECK_FALSE(contains(doctor.out + doctor.err, "very-secret"));

  const Finished unable = run_latentcrs({"doctor", "-c", "tiny", "datasets.interactions=nowhere.dat"}, options);
  CHECK(unable.exit_code == 4);
  CHECK(contains(unable.out, "tiny cannot run: datasets.interactions"));

  for (const auto& [override, problem] : {std::pair{"datasets.meta_task_keys=[raw, topic]", "reads no prompt"},
                                          {"pretrain.seq_representation_type=concatenate", "as wide as one"}}) {
    CAPTURE(override);
    const Finished early = run_latentcrs({"doctor", "-c", "tiny", override}, options);
    CHECK(early.exit_code == 4);
    CHECK(contains(early.out, problem));
    const Finished run = run_latentcrs({"run", "-c", "tiny", override}, options);
    CHECK(run.exit_code == 3);
    CHECK(contains(run.err, problem));
    CHECK_FALSE(contains(run.err, "preprocess: making"));
  }
}

TEST_CASE("a launcher without its core library says so", "[cli]") {
  const TempDir dir;
  fs::create_directories(dir / "bin");
  fs::copy_file(LATENTCRS_BINARY, dir / "bin/latentcrs");
  const Finished finished = run_process({(dir / "bin/latentcrs").string(), "doctor"});
  CHECK(finished.exit_code == 70);
  CHECK(contains(finished.err, "latentcrs: internal error: cannot load the core library"));
  CHECK(contains(finished.err, "lib/latentcrs/liblatentcrs_core.so"));
}
