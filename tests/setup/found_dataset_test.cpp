// Files of invented datasets as `init` finds them: which file is what, which column is what, and when it asks.
#include "datasets/setup/found_dataset.h"

#include <catch2/catch.hpp>

#include "base/util/error.h"
#include "datasets/setup/config_draft.h"
#include "datasets/setup/dataset_text.h"
#include "datasets/setup/new_config.h"
#include "datasets/setup/split_files.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using Catch::Matchers::Contains;
using latentcrs::test::TempDir;
using latentcrs::test::write_text;
namespace fs = std::filesystem;

namespace {

/// `line` for users u1 to u4 and items i1 to i6: # is the number of the user, @ of the item, $ of the line, * a rating
/// of 1 to 5.
std::string log_of(const std::string& header, const std::string& line) {
  std::string text = header;
  int number = 0;
  for (int user = 1; user <= 4; ++user) {
    for (int item = 1; item <= 6; ++item, ++number) {
      for (const char c : line) {
        if (c == '#')
          text += std::to_string(user);
        else if (c == '@')
          text += std::to_string(1 + (user + 2 * item) % 7);
        else if (c == '$')
          text += std::to_string(10 + number);
        else if (c == '*')
          text += std::to_string(1 + (user * item) % 5);
        else
          text += c;
      }
      text += '\n';
    }
  }
  return text;
}

struct Folder : TempDir {
  Folder(std::initializer_list<std::pair<const char*, std::string>> files) {
    for (const auto& [name, text] : files) write_text(*this / name, text);
  }
  FoundDataset found(const std::vector<std::string>& answers = {}) const {
    return find_dataset({path()}, Answers(answers));
  }
};

ColumnOptions columns_of(const std::string& text, const std::vector<std::string>& answers = {}) {
  return Folder({{"log.csv", text}}).found(answers).options.columns;
}

void check_asked(const std::string& text, const std::vector<std::string>& parts) {
  const Folder folder({{"log.csv", text}});
  try {
    (void)folder.found();
    FAIL("nothing was asked");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::usage);
    for (const std::string& part : parts) CHECK_THAT(error.what(), Contains(part));
  }
}

}  // namespace

TEST_CASE("columns are found by the names of other libraries", "[init]") {
  const auto check = [](const std::string& header, const std::vector<std::string>& expected) {
    INFO(header);
    const ColumnOptions columns = columns_of(log_of(header + "\n", "#,@,*,16000000$"));
    CHECK(columns.user == expected[0]);
    CHECK(columns.item == expected[1]);
    CHECK(columns.rating == expected[2]);
    CHECK(columns.time == expected[3]);
  };
  check("user_id,item_id,rating,timestamp", {"user_id", "item_id", "rating", "timestamp"});  // LensKit
  check("user,item,rating,timestamp", {"user", "item", "rating", "timestamp"});
  check("userID,itemID,rating,timestamp", {"userID", "itemID", "rating", "timestamp"});  // Microsoft recommenders
  check("uid,sku,score,ts", {"uid", "sku", "score", "ts"});
  check("client_nr,film,grade,seen_at", {"client_nr", "film", "grade", "seen_at"});
}

TEST_CASE("tabs without a header are Cornac's UIRT", "[init]") {
  const Folder folder({{"ratings.tsv", log_of("", "u#\ti@\t*\t16000000$")}});
  const FoundDataset found = folder.found();
  CHECK(found.options.format == "csv");
  CHECK(found.options.columns.user == "1");
  CHECK(found.options.columns.time == "4");
  CHECK_THAT(found.findings[0], Contains("UIRT"));
}

TEST_CASE("Goodreads has no times, and a rating of 0 is none", "[init]") {
  const Folder folder(
      {{"goodreads_interactions.csv", log_of("user_id,book_id,is_read,rating,is_reviewed\n", "#,@,1,*,0")},
       {"book_id_map.csv", "book_id_csv,book_id\n1,77\n"}});
  const FoundDataset found = folder.found();
  CHECK(found.options.columns.item == "book_id");
  CHECK(found.options.columns.time.empty());
  CHECK_THAT(dataset_text(found, survey_dataset(found.options, {})),
             Contains("a rating of 0") && Contains("not needed"));
}

TEST_CASE("the items of a table of one's own are found beside it", "[init]") {
  const Folder folder({{"log.csv", log_of("customer;product;score;when\n", "c#;p@;*,5;2020-01-01 10:00:$")},
                       {"catalogue.tsv", "id\tname\tgenres\np1\tOne\ta|b\np2\tTwo\tb\n"},
                       {"people.csv", "customer,age\nc1,20\nc2,21\nc3,22\nc4,20\n"}});
  const FoundDataset found = folder.found();
  CHECK(fs::path(found.options.interactions).filename() == "log.csv");
  CHECK(fs::path(found.options.metadata).filename() == "catalogue.tsv");
  CHECK(found.options.columns.item == "product");
  CHECK(found.options.columns.metadata_item == "id");
  CHECK(found.options.columns.title == "name");
  CHECK(found.options.time_unit == TimeUnit::iso);
}

TEST_CASE("items that are titles, and titles in the same lines, are the items' words", "[init]") {
  const Folder folder({{"log.csv", log_of("user,item,ts\n", "#,The film @,16000000$")}});
  const FoundDataset found = folder.found();
  CHECK(found.options.metadata == found.options.interactions);
  CHECK(found.options.columns.title == "item");
}

TEST_CASE("several readings of a table are listed with the settings that choose one", "[init]") {
  const std::string either = log_of("a,b,c\n", "#,@,16000000$");
  check_asked(either,
              {"datasets.columns.user=a datasets.columns.item=b", "datasets.columns.user=b datasets.columns.item=a"});
  CHECK(columns_of(either, {"datasets.columns.user=b"}).item == "a");
  check_asked(log_of("", "#,@,*,16000000$"), {"datasets.columns.user=1", "datasets.columns.user=2"});
  check_asked(log_of("user_id,session_id,item,ts\n", "#,1#,@,16000000$"), {"session_id", "user_id"});
  const std::string marks = log_of("user,item,marks,ts\n", "#,@,*,16000000$");
  check_asked(marks, {"datasets.columns.rating=marks", "datasets.columns.rating=\n"});
  CHECK(columns_of(marks, {"datasets.columns.rating=marks"}).rating == "marks");
  CHECK(columns_of(marks, {"datasets.columns.rating="}).rating.empty());
  const std::string unclear = log_of("user,item,date\n", "#,@,03/0*/2020");
  check_asked(unclear, {"datasets.time_unit=dmy", "datasets.time_unit=mdy"});
  check_asked(log_of("user,item,ts\n", "#,@,16000$"),
              {"January 1970", "datasets.time_unit=s", "datasets.time_unit=order"});
}

TEST_CASE("dates say by themselves which number is the day if one goes beyond twelve", "[init]") {
  const auto unit = [](const std::string& line) {
    return Folder({{"log.csv", log_of("user,item,date\n", line)}}).found().options.time_unit;
  };
  CHECK(unit("#,@,2*/0*/2020") == TimeUnit::day_month);
  CHECK(unit("#,@,0*.2*.2020 10:00") == TimeUnit::month_day);
  CHECK(unit("#,@,16000000$") == TimeUnit::seconds);
  CHECK(unit("#,@,16000000$123") == TimeUnit::milliseconds);
  CHECK(unit("#,@,16000000$123456") == TimeUnit::microseconds);
}

TEST_CASE("lists of items are asked about unless something tells their order", "[init]") {
  const std::string lists = "1 4 3 2\n2 1 3 5\n3 2 5 4\n";
  check_asked(lists, {"datasets.format=sequences", "datasets.format=lightgcn"});
  const auto format = [](std::initializer_list<std::pair<const char*, std::string>> files,
                         const std::vector<std::string>& answers = {}) {
    return Folder(files).found(answers).options.format;
  };
  CHECK(format({{"x.txt", lists}}, {"datasets.format=sequences"}) == "sequences");
  CHECK(format({{"x.txt", "0 4 3 2\n1 1 3 5\n"}}) == "lightgcn");
  CHECK(format({{"train.txt", lists}, {"test.txt", "1 6\n2 6\n"}, {"item_list.txt", "org_id remap_id\n9 1\n"}}) ==
        "lightgcn");
}

TEST_CASE("pairs are asked about unless the lines of each user stand together", "[init]") {
  const auto found = [](const std::string& text) { return Folder({{"x.txt", text}}).found().options; };
  CHECK(found("1 5\n1 6\n1 7\n2 5\n2 7\n2 6\n").format == "pairs");
  check_asked("5 1\n6 1\n5 2\n1 5\n6 2\n5 3\n",
              {"datasets.format=pairs", "datasets.separator=", "datasets.columns.user=2"});
}

TEST_CASE("ratings of Amazon without a header are asked about unless the ids tell", "[init]") {
  const auto format = [](const std::string& line) {
    return Folder({{"r.csv", log_of("", line)}}).found().options.format;
  };
  CHECK(format("A#BCDEFGHIJKL,B00000000@,*.0,14000000$") == "amazon-2014-csv");
  CHECK(format("000000000@,A#BCDEFGHIJKL,*.0,14000000$") == "amazon-2018-csv");
  CHECK(format("AE#FAKE,B00000000@,*.0,16000000$123") == "amazon-2023-csv");
  check_asked(log_of("", "A#BCDEFGHI,A00000000@,*.0,14000000$"),
              {"datasets.format=amazon-2014-csv", "datasets.format=amazon-2018-csv"});
}

TEST_CASE("the parts of a split are read together, in their order", "[init]") {
  const std::string header = "user_id,parent_asin,rating,timestamp,history\n";
  const auto lines = [&](const std::string& rest) {
    return header + "AU" + rest + "\nAV" + rest + "\nAW" + rest + "\n";
  };
  const Folder folder({{"x.test.csv", lines(",B1,5.0,1600000000003,B3 B2")},
                       {"x.train.csv", lines(",B3,5.0,1600000000001,")},
                       {"x.valid.csv", lines(",B2,4.0,1600000000002,B3")}});
  const FoundDataset found = folder.found();
  CHECK(found.options.format == "amazon-2023-csv");
  CHECK_THAT(found.options.interactions, Catch::EndsWith("x.train.csv"));
  REQUIRE(found.options.more_interactions.size() == 2);
  CHECK_THAT(found.options.more_interactions[0], Catch::EndsWith("x.valid.csv"));
  const DatasetSurvey survey = survey_dataset(found.options, {});
  CHECK(survey.all.ratings_read == 9);
  CHECK(survey.choice().users == 3);

  CHECK(find_split({"a.csv", "b.csv"}).parts.empty());
  CHECK(find_split({"u.data", "ua.base", "ua.test"}).whole == 0U);
  CHECK(find_split({"test.txt", "train.txt"}).parts == std::vector<size_t>{1, 0});
}

TEST_CASE("JSON lines of one's own are a table too", "[init]") {
  const Folder folder({{"log.jsonl", log_of("", R"({"viewer": "v#", "film": "f@", "at": 16000000$})")}});
  const FoundDataset found = folder.found();
  CHECK(found.options.format == "jsonl");
  CHECK(found.options.columns.user == "viewer");
  CHECK(survey_dataset(found.options, {}).all.ratings_read == 24);
}

TEST_CASE("a format that is given is taken for a file of no known form, but not for one of several", "[init]") {
  const Folder alone({{"x.txt", "who what\nx y z\n"}});
  CHECK(alone.found({"datasets.columns.user=who", "datasets.columns.item=what"}).options.format == "csv");
  CHECK(alone.found({"datasets.format=pairs"}).options.format == "pairs");
  const Folder both({{"lists.txt", "1 4 3 2\n2 1 3 5\n"}, {"README", "Once upon a time\nthere was\n"}});
  CHECK(both.found({"datasets.format=sequences"}).options.format == "sequences");
}

TEST_CASE("files that no reader takes are named for what they are", "[init]") {
  const auto refused = [](const char* name, const std::string& text, const std::string& part) {
    const Folder folder({{name, text}});
    try {
      (void)folder.found();
      FAIL("it was taken");
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::data);
      CHECK_THAT(error.what(), Contains(part));
    }
  };
  refused("d.json", R"([{"conv_id": 1, "dialog": []}])", "conversations=");
  refused("d.tsv", "dialog_id\tutt_id\tspeaker\ttext\n1\t1\tseeker\thello\n", "dialogues of INSPIRED");
  refused("b.inter", "user_id:token,item_id:token\n1,2\n", "not separated by tabs");
  refused("m.csv", "movieId,title,genres\n1,One (1995),Drama\n2,Two (1995),Drama\n", "movies.csv of MovieLens");
  refused("t.txt", "Once upon a time\nthere was\n", "no known form");
  CHECK_THROWS_WITH(find_dataset({"/nowhere/x.csv"}, Answers({})), Contains("no such file"));
  const Folder folder({{"x.csv", "user,item\n1,2\n"}});
  CHECK_THROWS_WITH(folder.found({"datasets.columns.usr=a"}), Contains("datasets.columns.user"));
}

TEST_CASE("thresholds fit the scale and the size of the data", "[init]") {
  const auto survey = [](const std::string& text) {
    const Folder folder({{"log.csv", text}});
    return survey_dataset(folder.found().options, {});
  };
  const DatasetSurvey ten = survey(log_of("user,item,rating,ts\n", "#,@,1*,16000000$"));
  REQUIRE(ten.all.ratings.has_value());
  CHECK(ten.all.ratings->highest == 15);
  CHECK(ten.kept.front().min_rating == 12);
  CHECK(ten.liked == 12);
  const DatasetSurvey plain = survey(log_of("user,item,ts\n", "#,@,16000000$"));
  CHECK(plain.choice().min_rating == 0);
  CHECK(plain.choice().users == 4);
  CHECK_THROWS_WITH(survey("user,item,ts\na,b,1600000000\na,c,1600000001\n"), Contains("no user has"));
}

TEST_CASE("a large catalogue is trained with a sample of it", "[init]") {
  KeptData data{.users = 20'000, .items = 9'000, .interactions = 200'000, .longest_usual = 30};
  DatasetSurvey survey;
  const auto config = [&] {
    survey.kept = {data};
    return draft_config("own", "latentcrs init", FoundDataset{}, survey).main;
  };
  CHECK_THAT(config(), Contains("loss: softmax") && !Contains("num_negatives"));
  data.items = 11'000;
  CHECK_THAT(config(), Contains("loss: sampled_softmax") && Contains("num_negatives: 2048") &&
                           Contains("correct_sampling: true"));
}

TEST_CASE("a configuration has a name that finds it again", "[init]") {
  CHECK(config_name_of("/data/My Films.train.csv") == "my-films");
  CHECK(config_name_of("/data/.csv") == "csv");
  const TempDir dir;
  const NewConfig target(dir / "configs", "films", IfThere::refuse);
  target.write({.dataset = "a: 1\n", .main = "b: 2\n"});
  CHECK(fs::exists(dir / "configs/datasets/films.yaml"));
  CHECK_THROWS_WITH(NewConfig(dir / "configs", "films", IfThere::refuse), Contains("--force"));
  CHECK_NOTHROW(NewConfig(dir / "configs", "films", IfThere::overwrite));
  CHECK_THROWS_WITH(NewConfig(dir / "configs", "a/b", IfThere::refuse), Contains("--name"));
}
