#include "tensor/embedding_store.h"

#include <ATen/ATen.h>

#include <catch2/catch.hpp>
#include <limits>

#include "support/temp_dir.h"
#include "support/tensors.h"
#include "tensor/tensor_file.h"
#include "util/files.h"

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
