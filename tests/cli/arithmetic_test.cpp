// Results have the same bits in every environment, and the arithmetic is recorded.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "cli/artifacts.h"
#include "support/subprocess.h"
#include "support/temp_dir.h"

using namespace latentcrs::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

using Environment = std::vector<std::pair<std::string, std::string>>;

Finished run_smoke(const fs::path& folder, const std::vector<std::string>& more, const Environment& environment = {}) {
  std::vector<std::string> words = {LATENTCRS_BINARY,
                                    "run",
                                    "-c",
                                    source_path("configs/tiny.yaml"),
                                    "pretrain.epochs=2",
                                    "epochs=2",
                                    "datasets.multi_turn_users=20",
                                    "exp_name=smoke"};
  words.insert(words.end(), more.begin(), more.end());
  return run_process(words, {.folder = folder, .environment = environment});
}

std::map<std::string, std::string> digests_of(const fs::path& folder, const std::vector<std::string>& more,
                                              const Environment& environment = {}) {
  fs::create_directories(folder);
  const Finished run = run_smoke(folder, more, environment);
  INFO(run.err);
  REQUIRE(run.exit_code == 0);
  return artifact_digests(folder / "outputs/smoke");
}

}  // namespace

TEST_CASE("portable arithmetic: the same bits in any environment, with any number of threads", "[arithmetic]") {
  const TempDir dir;
  const auto plain = digests_of(dir / "plain", {"threads=1"});
  REQUIRE(plain.size() > 20);
  const json made = json::parse(read_text(dir / "plain/outputs/smoke/pretrain/manifest.json")).at("made_with");
  CHECK(made.at("arithmetic") == "portable");
  for (const char* key : {"instruction_set", "blas", "libtorch", "faiss", "compiler", "device"})
    CHECK_FALSE(made.at(key).get<std::string>().empty());
  CHECK(made.at("threads") == 1);

  const Environment elsewhere = {{"OPENBLAS_CORETYPE", "Prescott"},  {"OPENBLAS_NUM_THREADS", "2"},
                                 {"ATEN_CPU_CAPABILITY", "default"}, {"ONEDNN_MAX_CPU_ISA", "SSE41"},
                                 {"MKL_CBWR", "COMPATIBLE"},         {"OMP_NUM_THREADS", "3"}};
  CHECK(difference_of(digests_of(dir / "elsewhere", {}, elsewhere), plain) == "");
  const Finished again = run_smoke(dir / "elsewhere", {}, elsewhere);
  CHECK_THAT(again.err, Catch::Contains("OPENBLAS_CORETYPE=Prescott") && Catch::Contains("OPENBLAS_NUM_THREADS=2") &&
                            Catch::Contains("are not used") && !Catch::Contains("OMP_NUM_THREADS"));
  CHECK(json::parse(read_text(dir / "elsewhere/outputs/smoke/run.json")).at("threads") == 3);

  CHECK(difference_of(digests_of(dir / "five", {"threads=5"}), plain) == "");
  // On a processor with AVX-512 its own kernels have been compared with those for AVX2 now.
  if (made.at("instruction_set") != "baseline")
    CHECK(difference_of(digests_of(dir / "avx2", {"threads=2"}, {{"LATENTCRS_ISA_LIMIT", "avx2"}}), plain) == "");
}

TEST_CASE("native arithmetic is another setting of the stages that compute, and compare says so", "[arithmetic]") {
  const TempDir dir;
  digests_of(dir / "portable", {"threads=1"});
  digests_of(dir / "native", {"threads=1", "arithmetic=native"});
  const fs::path a = dir / "portable/outputs/smoke", b = dir / "native/outputs/smoke";
  CHECK(json::parse(read_text(b / "train/manifest.json")).at("made_with").at("arithmetic") == "native");
  const Finished compared = run_process({LATENTCRS_BINARY, "compare", a.string(), b.string()});
  CHECK_THAT(compared.out, Catch::Contains("arithmetic portable and native"));
  const Finished same = run_process({LATENTCRS_BINARY, "compare", a.string(), a.string()});
  CHECK_THAT(same.out, !Catch::Contains("made with"));

  const Finished changed = run_smoke(dir / "portable", {"threads=1", "arithmetic=native"});
  CHECK_THAT(changed.err, Catch::Contains("preprocess: up to date") && Catch::Contains("embed: up to date") &&
                              Catch::Contains("arithmetic"));
}

TEST_CASE("AMX serves native arithmetic alone, and can be left out", "[arithmetic]") {
  const auto doctor = [](const std::string& arithmetic, const Environment& environment) {
    const Finished run = run_process({LATENTCRS_BINARY, "doctor", "-c", "tiny", "arithmetic=" + arithmetic},
                                     {.environment = environment});
    INFO(run.err);
    REQUIRE(run.exit_code == 0);
    return run;
  };
  const auto names_amx = [](const Finished& run) {
    const size_t row = run.out.find("kernels");
    return run.out.substr(row, run.out.find('\n', row) - row).find("amx") != std::string::npos;
  };
  const Finished portable = doctor("portable", {{"LATENTCRS_AMX", "1"}});
  CHECK_FALSE(names_amx(portable));
  CHECK_THAT(portable.err, Catch::Contains("LATENTCRS_AMX=1 is not used"));
  CHECK_FALSE(names_amx(doctor("native", {{"LATENTCRS_ISA_LIMIT", "avx512"}})));
  if (!names_amx(doctor("native", {}))) {
    WARN("this processor or system has no AMX: only runs without it are looked at");
    return;
  }
  CHECK(names_amx(doctor("native", {{"LATENTCRS_ISA_LIMIT", "amx"}})));
  const TempDir dir;
  const auto digests = [&](const char* threads) {
    return digests_of(dir / threads, {"arithmetic=native", "pretrain.loss=softmax", std::string("threads=") + threads});
  };
  CHECK(difference_of(digests("3"), digests("1")) == "");
}

TEST_CASE("more threads than make sense are an error before anything starts", "[arithmetic]") {
  const TempDir dir;
  const Finished run = run_smoke(dir.path(), {"threads=100000"});
  CHECK(run.exit_code == 3);
  CHECK_THAT(run.err, Catch::Contains("threads=100000") && Catch::Contains("threads=0"));
  CHECK_FALSE(fs::exists(dir / "outputs"));
  const Finished variable = run_process({LATENTCRS_BINARY, "doctor"}, {.environment = {{"OMP_NUM_THREADS", "100000"}}});
  CHECK(variable.exit_code == 0);
  CHECK_THAT(variable.err, Catch::Contains("OMP_NUM_THREADS=100000") && Catch::Contains("is not used"));
}
