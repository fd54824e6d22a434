#include "numerics/tensor/embedding_store.h"

#include <ATen/ATen.h>

#include <catch2/catch.hpp>
#include <limits>
#include <memory>

#include "base/util/files.h"
#include "numerics/tensor/tensor_file.h"
#include "support/temp_dir.h"
#include "support/tensors.h"

using namespace latentcrs;
using namespace latentcrs::test;
using Catch::Matchers::Contains;

namespace {

EmbeddingTable three_rows() {
  return {{"1_raw_test", "2_raw_test", "7_raw_test"}, at::arange(12, at::kFloat).reshape({3, 4})};
}

void write_dict(const PtList& ids, const at::Tensor& embeddings, const fs::path& path) {
  write_pt({PtDict{{"special_id", {ids}}, {"embeddings", {embeddings}}}}, path);
}

}  // namespace

TEST_CASE("embeddings are read as they were written", "[embeddings]") {
  at::ScalarType type = GENERATE(at::kFloat, at::kHalf, at::kBFloat16);
  TempDir folder;
  EmbeddingTable table = three_rows();
  table.embeddings = table.embeddings.to(type);
  write_embeddings(table, folder / "raw_test.pt");
  EmbeddingTable copy = read_embeddings(folder / "raw_test.pt");
  CHECK(copy.special_id == table.special_id);
  CHECK(copy.embeddings.scalar_type() == type);
  CHECK(difference(copy.embeddings, table.embeddings, kExact) == "");
  CHECK(embedding_width(folder / "raw_test.pt") == 4);
}

TEST_CASE("embeddings written a few rows at a time are the file of all of them", "[embeddings]") {
  const at::ScalarType type = GENERATE(at::kFloat, at::kHalf);
  TempDir folder;
  EmbeddingTable table = three_rows();
  EmbeddingWriter writer(table.special_id, 4, type, folder / "a" / "e.pt");
  writer.add(table.embeddings.slice(0, 0, 2));
  CHECK(writer.rows() == 2);
  writer.add(table.embeddings.slice(0, 2));
  CHECK_FALSE(fs::exists(folder / "a" / "e.pt"));
  writer.commit();
  table.embeddings = table.embeddings.to(type);
  write_embeddings(table, folder / "b" / "e.pt");
  CHECK(read_file(folder / "a" / "e.pt") == read_file(folder / "b" / "e.pt"));
}

TEST_CASE("unsound embeddings are refused row by row too", "[embeddings]") {
  TempDir folder;
  const fs::path path = folder / "e.pt";
  const auto writer = [&](std::vector<std::string> ids, int64_t width, at::ScalarType type = at::kFloat) {
    return std::make_unique<EmbeddingWriter>(std::move(ids), width, type, path);
  };
  CHECK_THROWS_WITH(writer({"a", "a"}, 4), Contains("e.pt: 1 of 2 ids repeat an earlier one, the first is a"));
  CHECK_THROWS_WITH(writer({"a"}, 0), Contains("e.pt: its embeddings have width 0"));
  const auto equal = writer({"a", "b"}, 4);
  for (int row = 0; row < 2; ++row) equal->add(at::ones({1, 4}));
  CHECK_THROWS_WITH(equal->commit(), Contains("e.pt: all 2 ids have one and the same embedding"));
  const auto large = writer({"a", "b"}, 4, at::kHalf);
  large->add(at::ones({1, 4}));
  CHECK_THROWS_WITH(large->add(at::full({1, 4}, 1e6)), Contains("the embedding of b holds a value that is not finite"));
  const auto cut = writer({"a", "b"}, 4);
  cut->add(at::ones({1, 4}));
  CHECK_THROWS_WITH(cut->commit(), Contains("16 bytes came instead of 32"));
  CHECK_FALSE(fs::exists(path));
}

TEST_CASE("rows follow the ids asked for", "[embeddings]") {
  CHECK(rows_of(three_rows(), {"7_raw_test", "1_raw_test", "7_raw_test"}, "e.pt") == std::vector<int64_t>{2, 0, 2});
  CHECK_THROWS_WITH(rows_of(three_rows(), {"9_raw_test", "1_raw_test", "8_raw_test"}, "e.pt"),
                    Contains("e.pt: 2 of 3 ids have no embedding, the first is 9_raw_test"));
}

TEST_CASE("unsound embeddings are refused", "[embeddings]") {
  TempDir folder;
  fs::path path = folder / "e.pt";
  PtList ids = {{std::string("a")}, {std::string("b")}};
  at::ScalarType type = GENERATE(at::kFloat, at::kHalf, at::kBFloat16);
  float unsound = GENERATE(std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity());
  at::Tensor numbers = at::zeros({2, 9}, at::TensorOptions(type));
  numbers[1][8] = unsound;
  write_dict(ids, numbers, path);
  CHECK_THROWS_WITH(read_embeddings(path), Contains("e.pt: the embedding of b holds a value that is not finite"));
  CHECK_THROWS_WITH(write_embeddings({{"a", "b"}, numbers}, path), Contains("not finite"));
}

TEST_CASE("files that are no embedding caches are refused", "[embeddings]") {
  TempDir folder;
  fs::path path = folder / "e.pt";
  PtList ids = {{std::string("a")}, {std::string("b")}};
  write_dict(ids, at::zeros({3, 4}), path);
  CHECK_THROWS_WITH(read_embeddings(path), Contains("e.pt: 2 ids but 3 embeddings"));
  write_dict({ids[0], ids[0]}, at::zeros({2, 4}), path);
  CHECK_THROWS_WITH(read_embeddings(path), Contains("e.pt: 1 of 2 ids repeat an earlier one, the first is a"));
  write_dict({ids[0], {int64_t{1}}}, at::zeros({2, 4}), path);
  CHECK_THROWS_WITH(read_embeddings(path), Contains("special_id: expected a string, found an integer"));
  write_dict(ids, at::zeros({2}), path);
  CHECK_THROWS_WITH(read_embeddings(path), Contains("1 dimensions instead of 2"));
  write_dict(ids, at::zeros({2, 0}), path);
  CHECK_THROWS_WITH(read_embeddings(path), Contains("e.pt: its embeddings have width 0"));
  CHECK_THROWS_WITH(embedding_width(path), Contains("e.pt: its embeddings have width 0"));
  write_dict(ids, at::ones({2, 4}), path);
  CHECK_THROWS_WITH(read_embeddings(path), Contains("e.pt: all 2 ids have one and the same embedding"));
  CHECK_THROWS_WITH(write_embeddings({{"a", "b"}, at::ones({2, 4})}, path), Contains("all 2 ids"));
  write_dict({ids[0]}, at::ones({1, 4}), path);
  CHECK(read_embeddings(path).embeddings.size(0) == 1);
  write_dict(ids, at::zeros({2, 4}, at::kLong), path);
  CHECK_THROWS_WITH(read_embeddings(path), Contains("embeddings are Long"));
  write_state_dict({{"weight", at::zeros({2})}}, path);
  CHECK_THROWS_WITH(read_embeddings(path), Contains("e.pt: has no special_id"));
}
