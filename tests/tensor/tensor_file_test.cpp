#include "numerics/tensor/tensor_file.h"

#include <catch2/catch.hpp>

#include "base/util/error.h"
#include "base/util/files.h"
#include "support/temp_dir.h"
#include "support/tensors.h"

using namespace latentcrs;
using namespace latentcrs::test;
using Catch::Matchers::Contains;

namespace {

const PtValue& item(const PtValue& root, const std::string& key) {
  for (const auto& [name, value] : root.dict("root")) {
    if (name == key) return value;
  }
  throw std::out_of_range("no key " + key);
}

at::Tensor floats(std::vector<double> values) { return at::tensor(values, at::kFloat); }

void check_same(const PtValue& actual, const PtValue& expected) {
  REQUIRE(actual.value.index() == expected.value.index());
  if (auto* tensor = std::get_if<at::Tensor>(&actual.value)) {
    CHECK(tensor->scalar_type() == expected.tensor("").scalar_type());
    CHECK(difference(*tensor, expected.tensor(""), kExact) == "");
  } else if (auto* list = std::get_if<PtList>(&actual.value)) {
    REQUIRE(list->size() == expected.list("").size());
    for (size_t i = 0; i < list->size(); ++i) check_same((*list)[i], expected.list("")[i]);
  } else if (auto* dict = std::get_if<PtDict>(&actual.value)) {
    REQUIRE(dict->size() == expected.dict("").size());
    for (size_t i = 0; i < dict->size(); ++i) {
      CHECK((*dict)[i].first == expected.dict("")[i].first);
      check_same((*dict)[i].second, expected.dict("")[i].second);
    }
  } else if (auto* real = std::get_if<double>(&actual.value)) {
    CHECK(*real == std::get<double>(expected.value));
  } else if (auto* integer = std::get_if<int64_t>(&actual.value)) {
    CHECK(*integer == std::get<int64_t>(expected.value));
  } else if (auto* text = std::get_if<std::string>(&actual.value)) {
    CHECK(*text == expected.string(""));
  } else if (auto* truth = std::get_if<bool>(&actual.value)) {
    CHECK(*truth == std::get<bool>(expected.value));
  }
}

}  // namespace

// Both were saved by PyTorch 1.13 from the same object.
TEST_CASE("files of torch.save are read, zip and older kind", "[tensor_file]") {
  std::string name = GENERATE("zip.pt", "legacy.pt");
  CAPTURE(name);
  PtValue root = read_pt(source_path("tests/data_files/" + name));
  auto tensor = [&](const std::string& key) { return item(root, key).tensor(key); };

  at::Tensor base = at::arange(24, at::kFloat).reshape({4, 6});
  CHECK(difference(tensor("base"), base, kExact) == "");
  CHECK(difference(tensor("transposed"), base.t(), kExact) == "");
  CHECK(difference(tensor("block"), base.slice(0, 1, 3).slice(1, 2, 5), kExact) == "");
  CHECK(difference(tensor("column"), floats({3, 9, 15, 21}), kExact) == "");
  CHECK(difference(tensor("expanded"), at::full({2, 3}, 7.0), kExact) == "");
  CHECK(difference(tensor("scalar"), at::scalar_tensor(2.5), kExact) == "");
  CHECK(tensor("empty").sizes() == at::IntArrayRef({0, 3}));
  CHECK(difference(tensor("float64"), at::tensor({0.1, -2.0}, at::kDouble), kExact) == "");
  CHECK(tensor("float16").scalar_type() == at::kHalf);
  CHECK(difference(tensor("float16"), floats({1.5, -2}), kExact) == "");
  CHECK(tensor("bfloat16").scalar_type() == at::kBFloat16);
  CHECK(difference(tensor("bfloat16"), floats({1.5, -3}), kExact) == "");
  CHECK(tensor("int64")[0].item<int64_t>() == int64_t{1} << 40);
  CHECK(difference(tensor("int32"), floats({7, -8}), kExact) == "");
  CHECK(difference(tensor("int16"), floats({300, -300}), kExact) == "");
  CHECK(difference(tensor("int8"), floats({5, -5}), kExact) == "");
  CHECK(difference(tensor("uint8"), floats({200, 3}), kExact) == "");
  CHECK(difference(tensor("bool"), floats({1, 0}), kExact) == "");
  CHECK(difference(tensor("parameter"), floats({1, 2}), kExact) == "");
  CHECK_FALSE(tensor("parameter").requires_grad());

  const PtDict& state = item(root, "state").dict("state");
  REQUIRE(state.size() == 2);
  CHECK(state[0].first == "weight");
  CHECK(difference(state[1].second.tensor("bias"), floats({0.5, -1, 2}), kExact) == "");

  const int64_t two_31 = int64_t{1} << 31, two_40 = int64_t{1} << 40;
  PtList numbers = {{int64_t{0}}, {int64_t{255}}, {int64_t{256}}, {int64_t{-1}}, {two_31}, {-two_40}, {true}, {false},
                    {},           {0.25}};
  check_same(item(root, "numbers"), {numbers});
  check_same(item(root, "one"), {PtList{{std::string("only")}}});
  check_same(item(root, "none"), {PtList{}});
  check_same(item(root, "tuple"), {PtList{{int64_t{1}}, {std::string("two")}}});
  check_same(item(root, "size"), {PtList{{int64_t{3}}, {int64_t{4}}}});
  check_same(item(root, "nested"), {PtDict{{"a", {PtDict{{"b", {std::string("ü")}}}}}}});
  CHECK(item(root, "3").string("3") == "three");
}

TEST_CASE("views of one storage share their numbers; the file stays as it is", "[tensor_file]") {
  auto path = source_path("tests/data_files/zip.pt");
  PtValue root = read_pt(path);
  item(root, "base").tensor("base").fill_(-1);
  CHECK(item(root, "column").tensor("column")[0].item<float>() == -1);
  PtValue again = read_pt(path);
  CHECK(item(again, "column").tensor("column")[0].item<float>() == 3);
}

TEST_CASE("what is written is read back", "[tensor_file]") {
  TempDir folder;
  PtValue root = read_pt(source_path("tests/data_files/zip.pt"));
  write_pt(root, folder / "copy.pt");
  check_same(read_pt(folder / "copy.pt"), root);
}

TEST_CASE("released pages of a mapped tensor are read again, other tensors are left alone", "[tensor_file]") {
  TempDir dir;
  const at::Tensor numbers = at::arange(100'000, at::kFloat).view({100, 1000});
  write_state_dict({{"x", numbers}}, dir / "x.pt");
  const at::Tensor mapped = read_state_dict(dir / "x.pt")[0].second;
  for (const at::Tensor& tensor : {mapped, mapped.narrow(0, 3, 50), mapped.t(), numbers}) release_pages(tensor);
  CHECK(difference(mapped, numbers, kExact) == "");
  CHECK(numbers.sum().item<double>() == Approx(4'999'950'000.0));
}

TEST_CASE("a state_dict keeps names, order and values", "[tensor_file]") {
  TempDir folder;
  StateDict state = fixture("sasrec");
  REQUIRE(state.size() > 20);
  state.emplace_back("strided", at::arange(12, at::kFloat).reshape({3, 4}).t());
  state.emplace_back("parameter", at::ones({2}).requires_grad_());
  write_state_dict(state, folder / "copy.pt");
  StateDict copy = read_state_dict(folder / "copy.pt");
  REQUIRE(copy.size() == state.size());
  for (size_t i = 0; i < state.size(); ++i) {
    CHECK(copy[i].first == state[i].first);
    CHECK(copy[i].second.scalar_type() == state[i].second.scalar_type());
    CHECK(difference(copy[i].second, state[i].second, kExact) == "");
  }
  CHECK(find(copy, "strided") != nullptr);
  CHECK(find(copy, "absent") == nullptr);
}

TEST_CASE("a state_dict holds only tensors", "[tensor_file]") {
  TempDir folder;
  write_pt({PtDict{{"weight", {at::ones({1})}}, {"epoch", {int64_t{3}}}}}, folder / "mixed.pt");
  CHECK_THROWS_WITH(read_state_dict(folder / "mixed.pt"),
                    Contains("mixed.pt: epoch: expected a tensor, found an integer"));
  write_pt({PtList{}}, folder / "list.pt");
  CHECK_THROWS_WITH(read_state_dict(folder / "list.pt"), Contains("list.pt: expected a dict, found a list"));
}

TEST_CASE("published checkpoint of the older kind", "[tensor_file][real]") {
  auto data = real_data_dir();
  if (data.empty()) return;
  StateDict state = read_state_dict(data / "beauty" / "ICLRec-Beauty-1.pt");
  CHECK(state.size() == 20);
  const at::Tensor& items = get(state, "item_embeddings.weight");
  CHECK(items.size(1) == 64);
  CHECK(items.isfinite().all().item<bool>());
}
