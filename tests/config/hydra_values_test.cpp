// Overrides, sweeps and interpolations as Hydra 1.3 with OmegaConf 2.3 takes them: values of our own, each checked
// against the two libraries.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <utility>

#include "base/util/error.h"
#include "config/config_files.h"
#include "config/open_tree.h"
#include "support/temp_dir.h"

namespace latentcrs::test {

using Catch::Matchers::Contains;

namespace {

/// A configuration with any keys, and groups `db` and `opt`.
class OpenConfig {
 public:
  OpenConfig() {
    add("main.yaml",
        "defaults:\n- db: a\n- db@backup: b\n- _self_\n"
        "rate: 0.1\nx: 1\nword: abc\nlist: [4, 5, 6]\nmap: {a: 1, b: null}\n");
    add("db/a.yaml", "host: alpha\nport: 1\n");
    add("db/b.yaml", "host: beta\nonly_b: true\n");
    add("db/both.yaml", "defaults: [a, /opt@extra: o, _self_]\nhost: gamma\n");
    add("opt/o.yaml", "#@package _global_.here\no: 1\n");
  }
  void add(const std::string& name, const std::string& text) const { write_text(folder_ / name, text); }

  /// The value of `key` as JSON, or "error".
  std::string value(const std::vector<std::string>& overrides, const std::string& key = "x") const {
    try {
      return value_text(open_value(folder_ / "main.yaml", overrides, key));
    } catch (const Error&) {
      return "error";
    }
  }
  /// The values of a sweep's jobs.
  std::string values(const std::vector<std::string>& overrides, const std::string& key = "x") const {
    try {
      std::string all;
      for (const auto& job : expand_multirun(folder_ / "main.yaml", overrides))
        all += (all.empty() ? "" : " ") + value(job, key);
      return all;
    } catch (const Error&) {
      return "error";
    }
  }

 private:
  TempDir folder_;
};

}  // namespace

TEST_CASE("Values of overrides have Hydra's types") {
  const OpenConfig config;
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"7e-2", "0.07"},
      {"2_500", "2500"},
      {"2__5", R"("2__5")"},
      {"007", R"("007")"},
      {"6.", "6.0"},
      {"-.25", "-0.25"},
      {"FALSE", "false"},
      {"off", R"("off")"},
      {"nULL", "null"},
      {"", R"("")"},
      {"-INF", R"("-inf")"},
      {"0x2A", R"("0x2A")"},
      {"'12'", R"("12")"},
      {R"("a, b")", R"("a, b")"},
      {R"('it\'s')", R"("it's")"},
      {R"('a\\')", R"("a\\")"},
      {R"('a\nb')", R"("a\\nb")"},
      {R"(a\,b\=c)", R"("a,b=c")"},
      {"a  b ", R"("a  b")"},
      {"u@h:1/p", R"("u@h:1/p")"},
      {"a=b", "error"},
      {"a#b", "error"},
      {"\xc3\xa9", "error"},
      {"'a", "error"},
      {"[1,'2',[x y]]", R"([1, "2", ["x y"]])"},
      {"[1,]", "error"},
      {"{k:1,l m:{n:null}}", R"({"k": 1, "l m": {"n": null}})"},
      {"{'k':1}", "error"},
      {"{k:http://h:80}", R"({"k": "http://h:80"})"},
      {"${rate}", "0.1"},
      {"a${list.1}b", R"("a5b")"},
      {R"('\${rate}')", R"("${rate}")"},
      {"${list[2]}", "6"},
      {"[${map},${word}]", R"([{"a": 1, "b": null}, "abc"])"},
      {"${oc.env:LATENTCRS_TEST_NONE,7}", R"("7")"},
      {"${oc.decode:\"7_0\"}", "70"},
      {"${oc.select:none,[1]}", "[1]"},
      {"${none}", "error"},
      {"int(2.9)", "2"},
      {"str([1,true])", R"(["1", "true"])"},
      {"bool('no')", "error"},
      {"float('1e2')", "100.0"},
      {"sort([b,a,c],reverse=true)", R"(["c", "b", "a"])"},
      {"range(3)", "error"},
      {"huh(3)", "error"},
      {"1,2", "error"},
  };
  for (const auto& [text, expected] : rows) {
    INFO("x=" << text);
    CHECK(config.value({"x=" + text}) == expected);
  }
}

TEST_CASE("Overrides change, add and remove keys as Hydra's do") {
  const OpenConfig config;
  CHECK(config.value({"map={a:2}"}, "map") == R"({"a": 2, "b": null})");
  CHECK(config.value({"map={c:2}"}, "map") == "error");
  CHECK(config.value({"+map={c:2}"}, "map") == R"({"a": 1, "b": null, "c": 2})");
  CHECK(config.value({"map.a=2", "++map.c.d=3"}, "map") == R"({"a": 2, "b": null, "c": {"d": 3}})");
  CHECK(config.value({"map=[1]"}, "map") == "error");
  CHECK(config.value({"+map.a=2"}, "map") == "error");
  CHECK(config.value({"+map.b=2"}, "map") == R"({"a": 1, "b": 2})");
  CHECK(config.value({"map=null", "+map.z=1"}, "map") == R"({"z": 1})");
  CHECK(config.value({"list.1=9"}, "list") == "[4, 9, 6]");
  CHECK(config.value({"list.3=9"}, "list") == "error");
  CHECK(config.value({"+list.1.k=9"}, "list") == R"([4, {"k": 9}, 6])");
  CHECK(config.value({"list.01=9"}, "list") == "error");
  CHECK(config.value({"~map.a=1.0"}, "map") == R"({"b": null})");
  CHECK(config.value({"~map.a=2"}, "map") == "error");
  CHECK(config.value({"~map.b"}, "map") == "error");
  CHECK(config.value({"wrod=1"}) == "error");
  CHECK(config.value({"x =1"}) == "error");
  CHECK(config.value({"x=${late}", "+late=3"}) == "3");
}

TEST_CASE("Groups are chosen, added and removed as Hydra's are") {
  const OpenConfig config;
  CHECK(config.value({}, "db") == R"({"host": "alpha", "port": 1})");
  CHECK(config.value({"db=b"}, "db") == R"({"host": "beta", "only_b": true})");
  CHECK(config.value({"db=[a,b]"}, "db") == R"({"host": "beta", "port": 1, "only_b": true})");
  CHECK(config.value({"db@backup=a"}, "backup") == R"({"host": "alpha", "port": 1})");
  CHECK(config.value({"db=both"}, "db") == R"({"host": "gamma", "port": 1, "extra": {"o": 1}})");
  CHECK(config.value({"+opt=o"}, "here") == R"({"o": 1})");
  CHECK(config.value({"+opt@other=o"}, "other") == R"({"o": 1})");
  CHECK(config.value({"~db@backup=b"}, "db.port") == "1");
  for (const char* wrong :
       {"+db=b", "++db=b", "db=null", "db=5", "db=c", "opt=o", "db@x=b", "~db=b", "~opt", "+none@x=b"}) {
    INFO(wrong);
    CHECK(config.value({wrong}, "db") == "error");
  }
}

TEST_CASE("Sweeps give Hydra's jobs in Hydra's order") {
  const OpenConfig config;
  CHECK(config.values({"x=1,a b,[2,3]"}) == R"(1 "a b" [2, 3])");
  CHECK(config.values({"x=choice('4',b)"}) == R"(4 "b")");
  CHECK(config.values({"x=range(2,9,3)"}) == "2 5 8");
  CHECK(config.values({"x=range(0.1,0.6,0.2)"}) == "0.1 0.30000000000000004 0.5");
  CHECK(config.values({"x=sort(range(4),reverse=true)"}) == "3 2 1 0");
  CHECK(config.values({"x=sort(c,A,b)"}) == R"("A" "b" "c")");
  CHECK(config.values({"x=tag(t,int(choice(1.9,2.1)))"}) == "1 2");
  CHECK(config.values({"x=range(0)"}).empty());
  CHECK(config.values({"x=str(8)"}) == "8");  // the job's override is x=8
  CHECK(config.values({"db=glob(*,exclude=bo*)"}, "db.host") == R"("alpha" "beta")");
  CHECK(config.values({"x=1,2", "rate=3,4"}, "").size() > 0);
  CHECK(config.values({"x=1,2", "rate=${x}"}, "rate") == "1 2");
  CHECK(config.values({"x=1,2", "x=5,6,7"}) == "5 6 7");
  for (const char* wrong : {"x=1,", "x=interval(0,1)", "x=range(1,2,0)", "x=choice()", "x=sort(1,a)", "x=choice(1,a=2)",
                            "x=range(1e9)", "x=sort(null,1)", "x=[choice(1,2)]"}) {
    INFO(wrong);
    CHECK(config.values({wrong}) == "error");
  }
  const std::string shuffled = config.values({"x=shuffle(range(9))"});
  CHECK(shuffled != config.values({"x=range(9)"}));
  CHECK(shuffled == config.values({"x=shuffle(range(9))"}));
}

TEST_CASE("Files have the scalars, merge keys and interpolations of OmegaConf") {
  OpenConfig config;
  const auto value = [&](const std::string& yaml, const std::string& key = "v") {
    config.add("main.yaml", yaml);
    return config.value({}, key);
  };
  const std::vector<std::pair<std::string, std::string>> rows = {{"2e-4", "0.0002"},
                                                                 {"2_0", "20"},
                                                                 {"017", "15"},
                                                                 {"019", R"("019")"},
                                                                 {"0x1f", "31"},
                                                                 {"2:30", "150"},
                                                                 {"Yes", "true"},
                                                                 {"yEs", R"("yEs")"},
                                                                 {".INF", R"("inf")"},
                                                                 {"nan", R"("nan")"},
                                                                 {"2024-01-02", R"("2024-01-02")"},
                                                                 {"'7'", R"("7")"},
                                                                 {"!!str 7", R"("7")"},
                                                                 {"~", "null"},
                                                                 {"{a:1}", R"({"a:1": null})"},
                                                                 {"a: b", "error"},
                                                                 {"[,]", "error"},
                                                                 {"! a", "error"},
                                                                 {"@a", "error"},
                                                                 {"'a", "error"}};
  for (const auto& [text, expected] : rows) {
    INFO("v: " << text);
    CHECK(value("v: " + text + "\n") == expected);
  }
  CHECK(value("v:\n  k: 1\n  l\n") == "error");
  CHECK(value("v:\n  k:\n  ? l\n") == R"({"k": null, "l": null})");
  CHECK(value("base: &b {k: 1, l: 2}\nv: {<<: *b, l: 3}\n") == R"({"k": 1, "l": 3})");
  CHECK(value("base: &b {1: a}\nv: {<<: *b, 1: c}\n") == R"({"1": "c"})");
  CHECK(value("base: &b {1: a}\nv: {<<: *b, true: c}\n") == "error");  // Python takes the two for one key
  CHECK(value("a: 1e-5\nv: x${a}\n") == R"("x1e-05")");
  CHECK(value("a: [q, null]\nv: x${a}\n") == R"("x['q', None]")");
  CHECK(value("a: [{k: 7}]\nv: ${a[0].k}\n") == "7");
  CHECK(value("v:\n- {w: '${..1.w}'}\n- {w: 8}\n", "v.0.w") == "8");
  CHECK(value(R"(a: 1
v: \\${a}\${a}
)") == R"("\\1${a}")");
  CHECK(value("a: {k: 1}\nb: k\nv: ${a.${b}}\n") == "1");
  CHECK(value("a: {k: 1, l: 2}\nv: ${oc.dict.values:a}\n") == "[1, 2]");
  CHECK(value("v: ${oc.create:{k:[1,x]}}\n") == R"({"k": [1, "x"]})");
  for (const char* wrong :
       {"v: ${v}\n", "v: ${..a}\n", "v: ${a\n", "v: ${now:x}\n", "v: ${a b}\n", "v: '${oc.env}'\n"}) {
    INFO(wrong);
    CHECK(value(wrong) == "error");
  }
}

TEST_CASE("Values that multiply without end are refused") {
  OpenConfig config;
  std::string doubled = "a0: [x]\n", aliased = "a0: &a0 [x, x]\n";
  for (int i = 1; i < 30; ++i) {
    doubled += fmt::format("a{0}: ['${{a{1}}}', '${{a{1}}}']\n", i, i - 1);
    aliased += fmt::format("a{0}: &a{0} [*a{1}, *a{1}]\n", i, i - 1);
  }
  config.add("main.yaml", doubled);
  CHECK(config.value({}, "a3") == R"([[[["x"], ["x"]], [["x"], ["x"]]], [[["x"], ["x"]], [["x"], ["x"]]]])");
  CHECK(config.value({}, "a29") == "error");
  config.add("main.yaml", aliased);
  CHECK(config.value({}, "a0") == "error");
}

TEST_CASE("An entry of a free map leaves the other entries as they are") {
  ConfigFiles files("simulate: {chat: {model: m, parameters: {maxOutputTokens: 512, stop: ['no'], deep: {a: 1}}}}\n");
  const auto parameters = [&](const std::vector<std::string>& overrides) {
    return files.load(overrides).config.simulate.chat.parameters;
  };
  const std::string key = "simulate.chat.parameters";
  CHECK(parameters({key + ".temperature=0.7", key + ".topP=0.9"}) ==
        R"({"maxOutputTokens":512,"stop":["no"],"deep":{"a":1},"temperature":0.7,"topP":0.9})");
  CHECK(parameters({key + "={temperature:0.7,deep:{b:2}}"}) ==
        R"({"maxOutputTokens":512,"stop":["no"],"deep":{"a":1,"b":2},"temperature":0.7})");
  CHECK(parameters({key + ".maxOutputTokens=1_024", key + ".user='12'", "~" + key + ".deep"}) ==
        R"({"maxOutputTokens":1024,"stop":["no"],"user":"12"})");
  CHECK(parameters({key + ".stop.0=yes", "~" + key + ".deep.a=1"}) ==
        R"({"maxOutputTokens":512,"stop":["yes"],"deep":{}})");
  CHECK(parameters({key + "=null"}) == "{}");
  CHECK_THAT(files.mistakes({"+" + key + ".maxOutputTokens=1"}), Contains("it has a value, so + cannot add it"));
  CHECK_THAT(files.mistakes({key + ".x=inf"}), Contains("inf is no number that JSON can hold"));
  CHECK_THAT(files.mistakes({key + ".x=???"}), Contains("x has no value yet"));
  CHECK_THAT(files.mistakes({key + ".stop.a=1"}), Contains("'a' is no index"));

  // A file too. Models that follow the simulator's keep the entries that they do not set themselves.
  files.add("also.yaml",
            "simulate: {chat: {parameters: {seed: 3}}}\nevaluate: {zero_shot: {chat: {parameters: {n: 1}}}}\n");
  files.add("main.yaml", std::string(ConfigFiles::required) + "defaults: [first, also]\n");
  files.add("first.yaml", "simulate: {chat: {model: m, parameters: {maxOutputTokens: 512}}}\n");
  const Config config = files.load({key + ".topP=0.5"}).config;
  CHECK(config.simulate.chat.parameters == R"({"maxOutputTokens":512,"seed":3,"topP":0.5})");
  CHECK(config.evaluate.zero_shot.chat.parameters == R"({"maxOutputTokens":512,"seed":3,"topP":0.5,"n":1})");
  CHECK(config.evaluate.extractor.chat.parameters == config.simulate.chat.parameters);
}

TEST_CASE("Our settings take Hydra's overrides") {
  const ConfigFiles files("epochs: 3\npretrain: {num_intent_clusters: [8, 16]}\n");
  CHECK(files.load({"pretrain.num_intent_clusters.1=32"}).config.pretrain.num_intent_clusters ==
        std::vector<int>{8, 32});
  CHECK(files.load({"+threads=2"}).config.threads == 2);  // nothing sets it
  CHECK_THAT(files.mistakes({"+epochs=4"}), Contains("it is set at") && Contains("write epochs=4 or ++epochs=4"));
  CHECK(files.load({"++epochs=4"}).config.em.epochs == 4);
  CHECK(files.load({"exp_name=k${pretrain.num_intent_clusters}-${learning_rate}"}).config.exp_name == "k[8, 16]-0.001");
  CHECK_THAT(files.mistakes({"exp_name=1e3"}), Contains("'1e3' is read as 1000.0, not as text (quote it)"));
  CHECK_THAT(files.mistakes({"exp_name=true"}), Contains("quote it"));
  CHECK(files.load({"exp_name='1e3'"}).config.exp_name == "1e3");
  CHECK(files.load({"exp_name=12"}).config.exp_name == "12");
  CHECK_THAT(files.mistakes({"epochs@x=3"}), Contains("there is no group epochs"));
  CHECK_THAT(files.mistakes({"epochs.x=3"}), Contains("epochs is '3' and has nothing below it"));
  CHECK_THAT(files.mistakes({"early_stop=null"}), Contains("~early_stop puts the section back"));
  setenv("LATENTCRS_TEST_EPOCHS", "7", 1);
  CHECK(files.load({"epochs=${oc.env:LATENTCRS_TEST_EPOCHS}"}).config.em.epochs == 7);
  unsetenv("LATENTCRS_TEST_EPOCHS");
  CHECK(text_override("exp_name", "it's ${x}") == R"(exp_name='it\'s \${x}')");
  CHECK(files.load({text_override("exp_name", "it's ${x} \\")}).config.exp_name == "it's ${x} \\");
  CHECK(override_key("++pretrain.hidden_size=3") == "pretrain.encoder.hidden_size");
}

}  // namespace latentcrs::test
