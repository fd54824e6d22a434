#include <catch2/catch.hpp>
#include <cstdlib>

#include "config/config_files.h"

namespace latentcrs::test {

using Catch::Matchers::Contains;

namespace {

/// Sets $HOME during its lifetime.
class Home {
 public:
  explicit Home(const char* folder) : before_(std::getenv("HOME") == nullptr ? "" : std::getenv("HOME")) {
    setenv("HOME", folder, 1);
  }
  ~Home() { setenv("HOME", before_.c_str(), 1); }
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;

 private:
  std::string before_;
};

/// True if a setting's name says that it is a path. `batch.folder` is an address, gs://….
bool sounds_like_path(const std::string& key) {
  const std::string name = key.substr(key.rfind('.') + 1);
  for (const char* part :
       {"_file", "_dir", "_path", "template", "cache", "checkpoint", "centers", "interactions", "metadata"})
    if (name.find(part) != std::string::npos) return !name.starts_with("min_") && name != "metadata_item";
  return false;
}

}  // namespace

TEST_CASE("Every setting that is a path expands ~ as a shell would") {
  const Home home("/home/of/somebody");
  int paths = 0;
  for (const ResolvedValue& setting : ConfigFiles().load().values) {
    if (!sounds_like_path(setting.key)) continue;
    CAPTURE(setting.key);
    ++paths;
    std::vector<std::string> overrides = {setting.key + "=~/x y"};
    if (setting.key.ends_with("pretrained_path"))
      overrides.push_back(setting.key.substr(0, setting.key.find('.')) + ".load_pretrained=true");
    if (setting.key == "datasets.more_interactions") overrides.emplace_back("datasets.format=csv");
    if (setting.key == "pretrain.centers") overrides.emplace_back("pretrain.checkpoint=a.pt");
    for (const ResolvedValue& value : ConfigFiles().load(overrides).values)
      if (value.key == setting.key) CHECK_THAT(value.value, Contains("/home/of/somebody/x y"));
  }
  CHECK(paths > 20);
}

TEST_CASE("~ is expanded in files, in lists and behind interpolations, and nowhere but at the start") {
  const Home home("/home/of/somebody");
  const Config config = ConfigFiles(
                            "exp_name: ~name\n"
                            "output_dir: ~/runs/${exp_name}\n"
                            "embed: {prompt_templates: [~/a.txt, b/~/c.txt]}\n"
                            "services: {cache: '~'}\n")
                            .load({"evaluate.extractor.prompt_template=${output_dir}/p.txt"})
                            .config;
  CHECK(config.exp_name == "~name");  // the setting is not a path
  CHECK(config.output_dir == "/home/of/somebody/runs/~name");
  CHECK(config.embed.prompt_templates == std::vector<std::string>{"/home/of/somebody/a.txt", "b/~/c.txt"});
  CHECK(config.services.cache == "/home/of/somebody");
  CHECK(config.evaluate.extractor.prompt_template == "/home/of/somebody/runs/~name/p.txt");
}

TEST_CASE("The home folder of another user is refused, with what to write instead") {
  CHECK_THAT(
      ConfigFiles("output_dir: ~bob/runs\n").mistakes(),
      Contains("main.yaml:2: output_dir: begins with ~bob, and only ~ and ~/… are expanded (give the whole path"));
  CHECK_THAT(ConfigFiles().mistakes({"datasets.interactions='~+/x.dat'"}), Contains("begins with ~+"));
}

}  // namespace latentcrs::test
