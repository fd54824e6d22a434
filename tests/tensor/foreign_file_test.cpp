// .pt files as other people's scripts save them: other contents beside the weights, and tensors that are not weights.
#include <ATen/ATen.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "base/util/files.h"
#include "numerics/tensor/embedding_store.h"
#include "numerics/tensor/tensor_file.h"
#include "numerics/tensor/weights_file.h"
#include "numerics/tensor/zip_store.h"
#include "support/temp_dir.h"
#include "support/tensors.h"

using namespace latentcrs;
using namespace latentcrs::test;
using namespace std::string_literals;
using Catch::Matchers::Contains;

namespace {

// Parts of pickles, after Lib/pickletools.py of CPython.
std::string number(int value) { return "K"s + static_cast<char>(value); }
std::string text(const std::string& value) { return "X"s + static_cast<char>(value.size()) + "\0\0\0"s + value; }
std::string name(const std::string& module, const std::string& function) {
  return "c" + module + "\n" + function + "\n";
}
std::string call(const std::string& function, const std::string& arguments) {
  return function + "(" + arguments + "tR";
}
std::string dict(const std::string& items) { return "}(" + items + "u"; }

const std::string kFalse = "\x89", kTrue = "\x88", kNone = "N";
const std::string kNoHooks = name("collections", "OrderedDict") + ")R";
const std::string kRebuildTensor = name("torch._utils", "_rebuild_tensor_v2");

/// The arguments that rebuild a tensor [2] of the numbers at `offset` of the storage.
std::string tensor_arguments(int offset, const std::string& metadata = "", const std::string& type = "FloatStorage",
                             int numel = 4) {
  const std::string storage =
      "(" + text("storage") + name("torch", type) + text("k") + text("cpu") + number(numel) + "tQ";
  return storage + number(offset) + number(2) + "\x85" + number(1) + "\x85" + kFalse + kNoHooks + metadata;
}
std::string tensor(int offset, const std::string& metadata = "") {
  return call(kRebuildTensor, tensor_arguments(offset, metadata));
}

/// A file of the older format: `object`, and a storage k with the numbers 1 to 4.
fs::path save(const TempDir& folder, const std::string& object, const std::string& count = "\4"s) {
  std::string bytes = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."s + "\x80\x02M\xe9\x03."s +
                      "\x80\x02}." + "\x80\x02" + object + "." + "\x80\x02]" + text("k") + "a." + count +
                      "\0\0\0\0\0\0\0"s;
  for (const float value : {1.0F, 2.0F, 3.0F, 4.0F}) bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
  write_text(folder / "their.pt", bytes);
  return folder / "their.pt";
}

at::Tensor weight_in(const fs::path& path) {
  const StateDict state = read_weights(path);
  REQUIRE(state.size() == 1);
  CHECK(state[0].first == "w");
  return state[0].second;
}

at::Tensor floats(std::vector<double> values) { return at::tensor(values, at::kFloat); }

std::string refusal(const PtDict& root) {
  const TempDir folder;
  write_pt({root}, folder / "x.pt");
  try {
    read_weights(folder / "x.pt");
  } catch (const std::exception& error) {
    return error.what();
  }
  return "accepted";
}

std::vector<std::string> names_in(const PtDict& root) {
  const TempDir folder;
  write_pt({root}, folder / "x.pt");
  std::vector<std::string> names;
  for (const auto& [key, value] : read_weights(folder / "x.pt")) names.push_back(key);
  return names;
}

}  // namespace

TEST_CASE("a negative view has the other sign", "[foreign]") {
  const TempDir folder;
  const std::string minus = dict(text("neg") + kTrue), plus = dict(text("neg") + kFalse);
  CHECK(difference(weight_in(save(folder, dict(text("w") + tensor(0)))), floats({1, 2}), kExact) == "");
  CHECK(difference(weight_in(save(folder, dict(text("w") + tensor(0, minus)))), floats({-1, -2}), kExact) == "");
  CHECK(difference(weight_in(save(folder, dict(text("w") + tensor(2, plus)))), floats({3, 4}), kExact) == "");
  // The numbers 1 + 2i and 3 + 4i, and the file that torch.save writes for their conjugates.
  const std::string conjugates =
      call(kRebuildTensor, tensor_arguments(0, dict(text("conj") + kTrue), "ComplexFloatStorage", 2));
  const PtDict root = read_pt(save(folder, dict(text("w") + conjugates), "\2"s)).dict("root");
  const at::Tensor parts = at::view_as_real(root[0].second.tensor("w"));
  CHECK(difference(parts, floats({1, -2, 3, -4}).view({2, 2}), kExact) == "");
  CHECK_THROWS_WITH(read_weights(save(folder, dict(text("w") + conjugates), "\2"s)),
                    Contains("their.pt: w holds numbers of type ComplexFloat"));
  // An unknown mark may mean anything.
  CHECK_THROWS_WITH(read_weights(save(folder, dict(text("w") + tensor(0, dict(text("odd") + kTrue))))),
                    Contains("their.pt: holds no dict of weights, but \"w\""));
}

TEST_CASE("parameters with attributes are parameters", "[foreign]") {
  const TempDir folder;
  const std::string state = dict(text("note") + text("decay"));
  const std::string parameter =
      call(name("torch._utils", "_rebuild_parameter_with_state"), tensor(1) + kTrue + kNoHooks + state);
  CHECK(difference(weight_in(save(folder, dict(text("w") + parameter))), floats({2, 3}), kExact) == "");
  const auto of_type = [&](const std::string& type) {
    return call(name("torch._tensor", "_rebuild_from_type_v2"),
                kRebuildTensor + type + "(" + tensor_arguments(1) + "t" + state);
  };
  CHECK(difference(weight_in(save(folder, dict(text("w") + of_type(name("torch", "Tensor"))))), floats({2, 3}),
                   kExact) == "");
  CHECK_THROWS_WITH(read_weights(save(folder, dict(text("w") + of_type(name("quant", "Int4Tensor"))))),
                    Contains("holds no dict of weights"));
}

TEST_CASE("a weight in a form that is not read is named, and not missed as absent", "[foreign]") {
  const TempDir folder;
  const std::string sparse = call(name("torch._utils", "_rebuild_sparse_tensor"), tensor(0) + kNoHooks);
  CHECK_THROWS_WITH(read_weights(save(folder, dict(text("a.bias") + tensor(1) + text("a.weight") + sparse))),
                    Contains("their.pt: a.weight is None or a tensor of a kind that is not read"));
  const PtDict root = {{"a.weight", {floats({1, 2})}}, {"a.bias", {}}};
  CHECK_THAT(refusal(root), Contains("x.pt: a.bias is None"));
  CHECK(names_in({{"a.weight", {floats({1, 2})}}, {"a._extra_state", {}}}) == std::vector<std::string>{"a.weight"});
}

TEST_CASE("what nobody asks for need not be understood", "[foreign]") {
  const TempDir folder;
  const std::string object = name("argparse", "Namespace") + ")\x81" + dict(text("lr") + number(1)) + "b";
  const std::string beside =
      text("device") + name("torch", "device") + text("cpu") + "\x85R" + text("dtype") + name("torch", "float32") +
      text("none") + kNone + text("object") + object + text("seed") + "\x8a\x09\1\2\3\4\5\6\7\x08\x09" + text("set") +
      "\x8f(" + number(1) + "\x90" + text("keys") +
      dict("G\x3f\xe0\0\0\0\0\0\0"s + number(1) + number(1) + "\x85" + number(2) + kNone + number(3)) +
      text("quantised") + call(name("torch._utils", "_rebuild_qtensor"), number(1)) + text("items") +
      name("my", "Map") + ")R(" + number(1) + number(2) + "u";
  const fs::path path = save(folder, dict(beside + text("state_dict") + dict(text("w") + tensor(0))));
  CHECK(difference(weight_in(path), floats({1, 2}), kExact) == "");
  const PtDict root = read_pt(path).dict("root");
  CHECK(root.size() == 10);
  CHECK_THROWS_WITH(root[0].second.string("their.pt: device"),
                    Contains("their.pt: device: expected a string, found None or an object"));
  CHECK(root[6].second.dict("keys").empty());  // a float, a tuple and None are no names
}

TEST_CASE("weights are found below the names that training scripts give them", "[foreign]") {
  const PtValue w{at::ones({2})}, step{int64_t{3}};
  const PtDict weights = {{"w", w}, {"b", w}};
  const std::vector<std::string> both = {"w", "b"};
  CHECK(names_in(weights) == both);
  for (const char* wrapper : {"model", "state_dict", "model_state_dict"}) {
    CAPTURE(wrapper);
    CHECK(names_in({{"epoch", step}, {wrapper, {weights}}, {"optimizer", {PtDict{{"state", w}}}}, {"loss", w}}) ==
          both);
  }
  CHECK(names_in({{"model", {PtDict{{"state_dict", {weights}}}}}}) == both);
  CHECK(names_in({{"model", {PtDict{{"layers", step}}}}, {"state_dict", {weights}}}) == both);  // a configuration
  CHECK(names_in({{"w", w}, {"epoch", step}}) == std::vector<std::string>{"w"});
  CHECK_THAT(refusal({{"model", {weights}}, {"state_dict", {weights}}}),
             Contains("x.pt: holds weights in \"model\" and in \"state_dict\""));
  CHECK_THAT(refusal({{"epoch", step}, {"net", {weights}}}),
             Contains("x.pt: holds no dict of weights, but \"epoch\", \"net\""));
}

TEST_CASE("the marks of wrappers are taken off names, in any order", "[foreign]") {
  const PtValue w{at::ones({2})};
  for (const char* mark : {"module.", "_orig_mod.", "model.", "module._orig_mod.", "_orig_mod.module.model.module."}) {
    CAPTURE(mark);
    CHECK(names_in({{mark + "layer.0.w"s, w}, {mark + "b"s, w}}) == std::vector<std::string>{"layer.0.w", "b"});
  }
  CHECK(names_in({{"layer._orig_mod.0.w", w}}) == std::vector<std::string>{"layer.0.w"});
  CHECK(names_in({{"user_sequence_model.w", w}, {"a.model", w}}) ==
        std::vector<std::string>{"user_sequence_model.w", "a.model"});
  CHECK_THAT(refusal({{"model.w", w}, {"module.w", w}}), Contains("x.pt: two of its weights are called w"));
}

TEST_CASE("numbers that are no weights are refused by file, tensor and type", "[foreign]") {
  const auto of = [](at::ScalarType type) {
    return PtDict{{"a", {at::ones({2})}}, {"module.w", {at::ones({2}, type)}}};
  };
  for (const auto type : {at::kFloat, at::kDouble, at::kHalf, at::kBFloat16}) CHECK(refusal(of(type)) == "accepted");
  for (const auto type : {at::kChar, at::kByte, at::kShort, at::kInt, at::kLong, at::kBool, at::kComplexFloat}) {
    CAPTURE(c10::toString(type));
    CHECK_THAT(refusal(of(type)), Contains("x.pt: module.w holds numbers of type "s + c10::toString(type)));
  }
}

TEST_CASE("archives of other programs are named", "[foreign]") {
  const TempDir folder;
  const auto archive = [&](const std::vector<std::string>& records) {
    std::ostringstream out;
    ZipWriter writer(out);
    for (const std::string& record : records) writer.add(record, "\x80\x02}.");
    writer.finish();
    write_text(folder / "a.pt", out.str());
    return folder / "a.pt";
  };
  CHECK(read_pt(archive({"a/data.pkl", "a/version"})).dict("a").empty());
  CHECK_THROWS_WITH(read_pt(archive({"a/data.pkl", "a/code/__torch__.py", "a/constants.pkl"})),
                    Contains("a.pt: is a TorchScript archive"));
  CHECK_THROWS_WITH(read_pt(archive({"a/models/model.json", "a/data/weights/weight_0"})),
                    Contains("a.pt: not a .pt file of torch.save") && Contains("torch.export"));
}

// These cases are not in tests/data_files but beside the checkout.
TEST_CASE("the cases of foreign files beside the checkout", "[foreign][real]") {
  if (real_data_dir().empty()) return;
  const fs::path cases = real_data_dir().parent_path() / "cases/files";
  if (!fs::exists(cases)) return;
  const auto same = [&](const char* one, const char* other) {
    const StateDict a = read_weights(cases / "encoder" / one), b = read_weights(cases / "encoder" / other);
    REQUIRE(a.size() == b.size());
    for (const auto& [key, numbers] : a) CHECK(difference(numbers, get(b, key), kExact) == "");
  };
  same("module.pt", "right.pt");
  same("wrapped_model.pt", "right.pt");
  same("parameter_note.pt", "right.pt");
  same("negative.pt", "negative_right.pt");
  CHECK_THROWS_WITH(read_weights(cases / "encoder/int8.pt"), Contains("int8.pt: ") && Contains("Char"));
  CHECK_THROWS_WITH(read_weights(cases / "encoder/int8_scale.pt"), Contains("int8_scale.pt: ") && Contains("Char"));
  CHECK_THROWS_WITH(read_weights(cases / "networks/int8_inference.pt"),
                    Contains("intent_embedding") && Contains("Char"));
  const auto embeddings = [&](const char* folder) {
    return read_embeddings(cases / "embeddings" / folder / "raw_test.pt");
  };
  CHECK(difference(embeddings("negative").embeddings, embeddings("negative_right").embeddings, kExact) == "");
  CHECK(embeddings("device_beside").special_id == embeddings("negative").special_id);
  CHECK_THROWS_WITH(embeddings("width_0"), Contains("raw_test.pt: its embeddings have width 0"));
}
