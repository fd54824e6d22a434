// The whole pipeline on the tiny dataset, as a user runs it: results, reruns, and going on after a kill.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <future>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <thread>

#include "base/util/event_file.h"
#include "base/util/files.h"
#include "cli/artifacts.h"
#include "support/statistics.h"
#include "support/subprocess.h"
#include "support/temp_dir.h"

using namespace latentcrs::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

std::vector<std::string> command(const std::string& name, std::vector<std::string> more) {
  std::vector<std::string> words = {LATENTCRS_BINARY, name, "--config", source_path("configs/tiny.yaml")};
  words.insert(words.end(), more.begin(), more.end());
  // scripts/test_processors.sh asks for native arithmetic in one of its settings.
  if (const char* arithmetic = std::getenv("LATENTCRS_TEST_ARITHMETIC"))
    words.push_back(std::string("arithmetic=") + arithmetic);
  return words;
}

/// A quarter of the tiny run's work: enough for every stage to have something to lose.
const std::vector<std::string> kShort = {"threads=1", "pretrain.epochs=4", "epochs=3", "exp_name=short"};

Finished run_short(const fs::path& folder, const std::string& name = "run") {
  return run_process(command(name, kShort), {.folder = folder});
}

/// The lines of metrics.jsonl without their times.
std::vector<json> curves(const fs::path& run_folder) {
  std::vector<json> lines;
  latentcrs::LineReader reader(run_folder / "metrics.jsonl");
  for (std::string_view line; reader.next(line);) {
    lines.push_back(json::parse(line));
    lines.back().erase("seconds");
  }
  return lines;
}

/// Starts a short run and kills it without warning after `delay`, or lets it end.
void run_and_kill(const fs::path& folder, std::chrono::milliseconds delay) {
  const pid_t child = fork();
  if (child == 0) {
    if (chdir(folder.c_str()) != 0 || freopen("/dev/null", "w", stdout) == nullptr ||
        freopen("/dev/null", "w", stderr) == nullptr)
      _exit(99);
    std::vector<std::string> words = command("run", kShort);
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    execv(arguments[0], arguments.data());
    _exit(99);
  }
  std::this_thread::sleep_for(delay);
  kill(child, SIGKILL);
  int status = 0;
  waitpid(child, &status, 0);
}

/// How well the inferred intent of a test user tells the true intent of the item they want: the share of users who get
/// it right when every inferred intent stands for the true one that it most often goes with.
double purity(const fs::path& intents_tsv, const fs::path& run_folder) {
  const json truth = json::parse(read_text(source_path("data/tiny/truth.json"))).at("ml").at("items");
  std::map<std::string, std::string> target;
  latentcrs::LineReader utterances(run_folder / "simulate/processed_data/tiny-ml_raw_seedtest.jsonl");
  for (std::string_view line; utterances.next(line);) {
    const json record = json::parse(line);
    target[record.at("customer_id")] = record.at("target");
  }
  std::map<int, std::map<int, int>> together;  // inferred -> true -> users
  int users = 0;
  latentcrs::LineReader rows(intents_tsv);
  std::string_view line;
  rows.next(line);
  while (rows.next(line)) {
    std::istringstream cells{std::string(line)};
    std::string id;
    int inferred = 0;
    cells >> id >> inferred;
    ++together[inferred][truth.at(target.at(id)).get<int>()];
    ++users;
  }
  int right = 0;
  for (const auto& [inferred, counts] : together) {
    int most = 0;
    for (const auto& [intent, count] : counts) most = std::max(most, count);
    right += most;
  }
  return static_cast<double>(right) / users;
}

/// The lines of intents.jsonl.
std::vector<json> intents_of(const fs::path& run_folder) {
  std::vector<json> intents;
  latentcrs::LineReader lines(run_folder / "intents/intents.jsonl");
  for (std::string_view line; lines.next(line);) intents.push_back(json::parse(line));
  return intents;
}

/// The share of users whose intent's nearest items all were made for one true intent.
double pure_share(const std::vector<json>& intents) {
  const json truth = json::parse(read_text(source_path("data/tiny/truth.json"))).at("ml").at("items");
  double share = 0;
  for (const json& intent : intents) {
    std::set<int> wanted;
    for (const json& item : intent.at("items"))
      wanted.insert(truth.at(std::to_string(item.at("item").get<int>())).get<int>());
    if (wanted.size() == 1) share += intent.at("share").get<double>();
  }
  return share;
}

/// The output of a command that must succeed.
std::string latentcrs_out(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), LATENTCRS_BINARY);
  const Finished finished = run_process(arguments);
  INFO(finished.err);
  REQUIRE(finished.exit_code == 0);
  return finished.out;
}

double figure(const json& table, const char* row, const char* metric) { return table.at(row).at(metric).get<double>(); }

/// `compare` of one run: its figures are those of the run's tables, and its intervals and p-values fit together.
void check_comparisons(const fs::path& folder) {
  const json table = json::parse(read_text(folder / "evaluate/one_turn.json")).at("test_seen_kept");
  const json compared = json::parse(latentcrs_out({"compare", folder.string(), "--json"}));
  CHECK(compared.at("comparisons").size() == 6);
  for (const json& pair : compared.at("comparisons")) {
    CHECK(pair.at("a") == "with text");
    const std::string b = pair.at("b");
    CAPTURE(b);
    const json& ndcg = pair.at("results").at(3);
    CHECK(ndcg.at("metric") == "NDCG@10");
    CHECK(ndcg.at("a").get<double>() == Approx(figure(table, "with text", "NDCG@10")));
    CHECK(ndcg.at("b").get<double>() == Approx(figure(table, b.c_str(), "NDCG@10")));
    const double difference = ndcg.at("difference");
    CHECK(difference == Approx(ndcg.at("a").get<double>() - ndcg.at("b").get<double>()).margin(1e-12));
    CHECK(ndcg.at("ci95").at(0) <= difference);
    CHECK(ndcg.at("ci95").at(1) >= difference);
    CHECK(ndcg.at("p_holm") >= ndcg.at("p"));
  }
}

/// Portable arithmetic gives the same bytes on every processor. The digests are those of the libraries of Debian 12:
/// others round in other places, and where they are used the comparison is skipped.
void check_digests(const fs::path& run_folder) {
  const json made = json::parse(read_text(run_folder / "run.json"));
  if (made.at("libtorch") != "1.13.0" || made.at("faiss") != "1.7.3" || made.at("blas") != "OpenBLAS 0.3.21, Haswell" ||
      made.at("instruction_set") == "baseline" || made.at("device") != "cpu") {
    WARN("the digests are not compared: these are other libraries, or this is another kind of processor: "
         << made.dump());
    return;
  }
  INFO("If a change of results is meant, give these files their new digests in tests/data_files/tiny_digests.txt.");
  CHECK(difference_of(artifact_digests(run_folder), read_digests(source_path("tests/data_files/tiny_digests.txt"))) ==
        "");
}

/// The success of a run's training: means of NDCG@10 over its four one-turn tables, and the share of test users whose
/// intent is found.
struct Learned {
  double with_text = 0, without_text = 0, sequence_only = 0, text_only = 0, popularity = 0, others_text = 0,
         others_history = 0, recovered = 0;

  /// By intents or by the encoder alone, whichever ranks better or worse.
  double best_history() const { return std::max(without_text, sequence_only); }
  double worst_history() const { return std::min(without_text, sequence_only); }
};

Learned learned_by(const fs::path& run_folder) {
  const json tables = json::parse(read_text(run_folder / "evaluate/one_turn.json"));
  const auto mean = [&](const char* row) {
    double sum = 0;
    for (const char* name : {"test_seen_kept", "test_seen_left_out", "valid_seen_kept", "valid_seen_left_out"})
      sum += figure(tables.at(name), row, "NDCG@10");
    return sum / 4;
  };
  return {.with_text = mean("with text"),
          .without_text = mean("without text"),
          .sequence_only = mean("sequence only"),
          .text_only = mean("text only"),
          .popularity = mean("popularity"),
          .others_text = mean("other's text"),
          .others_history = mean("other's history"),
          .recovered = purity(run_folder / "evaluate/intents_test.tsv", run_folder)};
}

/// One run for each of the seeds, e.g. "1,2,3".
std::vector<Learned> learn(const fs::path& folder, const std::string& seeds) {
  const Finished sweep =
      run_process(command("run", {"threads=1", "evaluate.multi_turn=false", "--multirun", "random_seed=" + seeds}),
                  {.folder = folder});
  std::vector<Learned> runs;
  if (sweep.exit_code != 0) return runs;
  for (const auto& entry : fs::recursive_directory_iterator(folder / "multirun"))
    if (entry.path().filename() == "intents_test.tsv")
      runs.push_back(learned_by(entry.path().parent_path().parent_path()));
  return runs;
}

}  // namespace

TEST_CASE("the tiny run leaves its results, and is not made twice", "[pipeline]") {
  const TempDir dir;
  const Finished run = run_process(command("run", {}), {.folder = dir.path()});
  INFO(run.err);
  REQUIRE(run.exit_code == 0);
  CHECK_THAT(run.out, Catch::Contains("with text") && Catch::Contains("SR@5") && Catch::Contains("summary.md"));

  const fs::path folder = dir / "outputs/tiny";
  for (const char* file : {"config.yaml", "run.json", "run.log", "metrics.jsonl", "summary.md",
                           "preprocess/dataset_report.json", "pretrain/manifest.json", "evaluate/transcripts.jsonl"})
    CHECK(fs::exists(folder / file));
  check_digests(folder);
  // Every dialogue that ends well ends in one of its turns: over 16 seeds SR@5 was .71 +- .03 above SR@1.
  const json dialogues = json::parse(read_text(folder / "evaluate/multi_turn.json")).at("all");
  CHECK(dialogues.at("success_rate").back() > dialogues.at("success_rate").front());

  const Finished intents = run_process(command("intents", {"--items", "2", "--top", "5"}), {.folder = dir.path()});
  INFO(intents.err);
  REQUIRE(intents.exit_code == 0);
  CHECK_THAT(intents.out, Catch::Contains("nearest items") && Catch::Contains("and 11 smaller ones") &&
                              Catch::Contains("Effective number") && Catch::Contains("intents/intents.html"));
  const std::vector<json> found = intents_of(folder);
  REQUIRE(found.size() == 16);
  double total = 0;
  for (const json& intent : found) {
    CHECK(intent.at("items").size() == 2);
    CHECK(intent.at("users") <= found.front().at("users"));
    total += intent.at("share").get<double>();
  }
  CHECK(total == Approx(1));
  CHECK(pure_share(found) > 0.8);  // over 16 seeds .968 with a standard deviation of .033, five times the margin
  CHECK_THAT(read_text(folder / "intents/intents.html"),
             Catch::Contains(found.front().at("items").front().at("title").get<std::string>()));
  const json manifest = json::parse(read_text(folder / "intents/manifest.json"));
  CHECK(manifest.at("inputs").contains("pretrain/ICLRec-tiny-ml.pt"));
  CHECK(manifest.at("outputs").contains("intents.html"));
  // The picture's users lie where the intents are.
  const json picture = json::parse(read_text(folder / "intents/picture.json"));
  CHECK(picture.at("drawn").size() == 289);
  CHECK(picture.at("users") == 289);

  CHECK(fs::file_size(folder / "evaluate/transcripts.html") > 1000);
  for (const char* stage : {"pretrain", "train"}) {
    const auto events = latentcrs::EventFile::files_in(folder / stage);
    REQUIRE(events.size() == 1);
    CHECK(fs::file_size(events[0]) > 1000);
  }
  check_comparisons(folder);
  const std::string same = latentcrs_out({"compare", folder.string(), folder.string()});
  CHECK_THAT(same, Catch::Contains("SR@5") && Catch::Contains("+0.0000 [+0.0000, +0.0000]"));
  CHECK_THAT(latentcrs_out({"report", folder.string()}), Catch::Contains("report.html"));
  const std::string page = read_text(folder / "report.html");
  for (const char* part :
       {"Paired tests", "success rate by turn", "joint, e step, elbo", "found in turn", "Utterances"})
    CHECK_THAT(page, Catch::Contains(part));
  for (const char* figure :
       {"scores", "gain-by-history", "gain-by-popularity", "turns", "pretraining", "em", "intents"})
    for (const auto& [part, ending] : {std::pair{"figures", ".svg"}, {"tables", ".csv"}, {"tables", ".tex"}})
      CHECK(fs::file_size(folder / "report" / part / (std::string(figure) + ending)) > 100);
  CHECK_FALSE(fs::exists(folder / "report/figures/conversations.svg"));  // there are none
  CHECK_THAT(page, !Catch::Contains("Not there") && !Catch::Contains("Not compared") && !Catch::Contains("<script"));

  // The same command again does nothing.
  const auto before = artifact_digests(folder);
  const Finished again = run_process(command("run", {}), {.folder = dir.path()});
  CHECK(again.exit_code == 0);
  for (const char* stage : {"preprocess", "pretrain", "simulate", "embed", "train", "evaluate"})
    CHECK_THAT(again.err, Catch::Contains(std::string(stage) + ": up to date"));
  CHECK(artifact_digests(folder) == before);

  // A changed setting makes its stage and those that depend on it again; the old result is found when it returns.
  const Finished changed = run_process(command("run", {"evaluate.max_turns=2"}), {.folder = dir.path()});
  CHECK_THAT(changed.err, Catch::Contains("train: up to date") && Catch::Contains("max_turns was 5 and is 2"));
  const Finished back = run_process(command("run", {}), {.folder = dir.path()});
  CHECK_THAT(back.err, Catch::Contains("taken back from superseded/"));
}

// The tiny world is made so that the history leaves open which of a user's intents comes next, and a sentence settles
// it. One training says little: another kernel of the BLAS library adds sums up in another order, which moves NDCG@10
// as another seed does. So each statement is about the mean over eight seeds of one number a run. It must lie above 0
// by the one-sided 99 % interval of Student's t; where there was nothing to learn it would do so once in a hundred. Of
// 16 seeds on one processor, and 8 under the kernels of OpenBLAS for SSE2 and for AVX2, the mean of each number was at
// least 3.1 standard deviations of a run above 0. The bound of eight such runs falls below 0 with a probability of 1e-5
// (noncentral t), all eight statements together with less than 1e-4.
TEST_CASE("over eight seeds text beats history, history beats popularity, and intents are found", "[pipeline]") {
  const TempDir first, second;
  auto others = std::async(std::launch::async, [&] { return learn(second.path(), "5,6,7,8"); });
  std::vector<Learned> runs = learn(first.path(), "1,2,3,4");
  for (const Learned& run : others.get()) runs.push_back(run);
  REQUIRE(runs.size() == 8);
  const auto is_positive = [&](const char* statement, const std::function<double(const Learned&)>& number) {
    std::vector<double> numbers;
    for (const Learned& run : runs) numbers.push_back(number(run));
    const double bound = lower_bound_99(numbers);
    INFO(statement << ": lower bound " << bound);
    CHECK(bound > 0);
  };
  is_positive("text beats history", [](const Learned& r) { return r.with_text - r.best_history(); });
  is_positive("history adds to text", [](const Learned& r) { return r.with_text - r.text_only; });
  is_positive("history beats popularity", [](const Learned& r) { return r.worst_history() - 3 * r.popularity; });
  is_positive("text alone beats popularity", [](const Learned& r) { return r.text_only - 3 * r.popularity; });
  // A stranger's history misleads, where an average one only says nothing; the user's words still count.
  is_positive("a stranger's history misleads", [](const Learned& r) { return r.text_only - r.others_history; });
  is_positive("words count beside it", [](const Learned& r) { return r.others_history - 2 * r.popularity; });
  is_positive("a stranger's words mislead", [](const Learned& r) { return r.worst_history() - r.others_text; });
  // Eight intents, the commonest with a sixth of the users: by chance .20 with a standard deviation of .01.
  is_positive("intents are found", [](const Learned& r) { return r.recovered - 0.5; });
}

TEST_CASE("one seed, one result; a killed run goes on to the same bits", "[pipeline]") {
  const TempDir dir;
  fs::create_directories(dir / "whole");
  fs::create_directories(dir / "killed");
  const Finished whole = run_short(dir / "whole");
  INFO(whole.err);
  REQUIRE(whole.exit_code == 0);
  const auto expected = artifact_digests(dir / "whole/outputs/short");
  REQUIRE(expected.size() > 20);

  using std::chrono::milliseconds;
  for (const int delay : {700, 900, 1100, 1300, 1600, 2000, 2500, 3000})
    run_and_kill(dir / "killed", milliseconds(delay));
  const Finished last = run_short(dir / "killed");
  INFO(last.err);
  REQUIRE(last.exit_code == 0);
  const auto resumed = artifact_digests(dir / "killed/outputs/short");
  CHECK(resumed.size() == expected.size());
  for (const auto& [file, hash] : expected) {
    CAPTURE(file);
    CHECK(resumed.contains(file));
    if (resumed.contains(file)) CHECK(resumed.at(file) == hash);
  }
  CHECK(curves(dir / "killed/outputs/short") == curves(dir / "whole/outputs/short"));
}

TEST_CASE("what a finished run holds, and what makes its stages again", "[pipeline]") {
  const TempDir dir;
  const Finished whole = run_short(dir.path());
  INFO(whole.err);
  REQUIRE(whole.exit_code == 0);
  const fs::path folder = dir / "outputs/short";
  const auto again = [&](const std::string& name, std::vector<std::string> more) {
    more.insert(more.begin(), kShort.begin(), kShort.end());
    return run_process(command(name, more), {.folder = dir.path()});
  };
  for (const char* stage : {"pretrain", "train"}) CHECK_FALSE(fs::exists(folder / stage / "state.pt"));
  CHECK_THAT(read_text(folder / "pretrain/summary.md"), Catch::Contains("HIT@20") && Catch::Contains("| test"));
  CHECK_THAT(again("pretrain", {}).out, Catch::Contains("NDCG@20"));
  CHECK_THAT(whole.err, !Catch::Contains("best 0.0000 at 0"));  // the epoch before training
  CHECK_THAT(again("train", {"evaluate.seen_items=mask"}).err,
             Catch::Contains("evaluate.seen_items was \"keep\" and is \"mask\""));
  CHECK_THAT(again("train", {}).err, Catch::Contains("taken back from superseded/"));

  SECTION("an interrupted training is set aside for other settings, and goes on when its own return") {
    json manifest = json::parse(read_text(folder / "train/manifest.json"));
    manifest["outputs"] = json::object();
    write_text(folder / "train/manifest.json", manifest.dump());
    write_text(folder / "train/state.pt", "half a training");
    CHECK(again("train", {"learning_rate=0.01"}).exit_code == 0);
    const Finished resumed = again("train", {});
    CHECK_THAT(resumed.err, Catch::Contains("taken back from superseded/") && Catch::Contains("state.pt"));
    CHECK(resumed.exit_code == 4);  // it went on from that file, which does not hold a state
    CHECK(read_text(folder / "train/state.pt") == "half a training");
  }

  SECTION("a user who said nothing has no intent with text") {
    const fs::path said = folder / "simulate/processed_data/tiny-ml_raw_seedtest.jsonl";
    const std::string text = read_text(said);
    const size_t second = text.find('\n') + 1;
    const std::string silent = json::parse(text.substr(0, second)).at("customer_id");
    write_text(said, text.substr(second));
    const Finished evaluated = again("evaluate", {});
    INFO(evaluated.err);
    REQUIRE(evaluated.exit_code == 0);
    CHECK_THAT(read_text(folder / "evaluate/intents_test.tsv"), Catch::Contains(silent + "\t\t\t"));
    CHECK(json::parse(read_text(folder / "evaluate/one_turn.json"))["test_seen_kept"]["with text"]["misses"] == 1);
    latentcrs_out({"report", folder.string()});
  }
}

TEST_CASE("--force keeps results of other settings, and its interruption leaves nothing in the way", "[pipeline]") {
  const TempDir dir;
  const auto preprocess = [&](std::vector<std::string> more) {
    more.insert(more.begin(), kShort.begin(), kShort.end());
    const Finished finished = run_process(command("preprocess", more), {.folder = dir.path()});
    INFO(finished.err);
    CHECK(finished.exit_code == 0);
    return finished.err;
  };
  const std::string other = "compat.ten_kcore_passes=true";
  const fs::path folder = dir / "outputs/short/preprocess";
  preprocess({});
  preprocess({other, "--force"});
  CHECK_THAT(preprocess({}), Catch::Contains("taken back from superseded/"));

  // As a kill leaves it, with a finished result of the same settings set aside.
  const json unfinished = [&] {
    json manifest = json::parse(read_text(folder / "manifest.json"));
    manifest["outputs"] = json::object();
    return manifest;
  }();
  preprocess({other});
  write_text(folder / "manifest.json", unfinished.dump());
  CHECK_THAT(preprocess({}), Catch::Contains("taken back from superseded/"));
  CHECK_THAT(preprocess({}), Catch::Contains("up to date"));
}

TEST_CASE("a stage alone says what it lacks", "[pipeline]") {
  const TempDir dir;
  const Finished train = run_short(dir.path(), "train");
  CHECK(train.exit_code == 4);
  CHECK_THAT(train.err, Catch::Contains("latentcrs run"));

  const Finished intents = run_short(dir.path(), "intents");
  CHECK(intents.exit_code == 4);
  CHECK_THAT(intents.err,
             Catch::Contains("needs a finished pretrain stage") && Catch::Contains("`latentcrs pretrain`"));
  CHECK_FALSE(fs::exists(dir / "outputs/short/intents"));
}

TEST_CASE("raw data that is not there is one line and exit code 4", "[pipeline]") {
  const TempDir dir;
  const Finished run =
      run_process(command("run", {"datasets.interactions=nowhere/ratings.dat"}), {.folder = dir.path()});
  CHECK(run.exit_code == 4);
  CHECK_THAT(run.err, Catch::Contains("datasets.interactions") && Catch::Contains("nowhere/ratings.dat"));
}

TEST_CASE("both Amazon layouts run through", "[pipeline]") {
  for (const char* config : {"tiny-cds", "tiny-games"}) {
    CAPTURE(config);
    const TempDir dir;
    const Finished run =
        run_process({LATENTCRS_BINARY, "run", "-c", source_path(std::string("configs/") + config + ".yaml"),
                     "pretrain.epochs=2", "epochs=2", "threads=1"},
                    {.folder = dir.path()});
    INFO(run.err);
    CHECK(run.exit_code == 0);
  }
}
