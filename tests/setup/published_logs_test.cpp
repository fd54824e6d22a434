// Small invented samples in the forms of published datasets that have no preset of their own, and of those whose lines
// hold more than one interaction: which file is what, which column is what, and the counts of what is read.
#include <catch2/catch.hpp>

#include "base/util/error.h"
#include "datasets/setup/dataset_text.h"
#include "datasets/setup/found_dataset.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using Catch::Matchers::Contains;
using latentcrs::test::TempDir;
using latentcrs::test::write_text;
namespace fs = std::filesystem;

namespace {

struct Sample : TempDir {
  Sample(std::initializer_list<std::pair<const char*, std::string>> files) {
    for (const auto& [name, text] : files) write_text(*this / name, text);
  }
  FoundDataset found(const std::vector<std::string>& answers = {}) const {
    return find_dataset({path()}, Answers(answers));
  }
};

/// Three users with four items each: `line` with # for the user, @ for the item, * for a rating of 1 to 5, $ for two
/// digits that count up.
std::string twelve(const std::string& line, const std::string& header = {}) {
  std::string text = header;
  int number = 0;
  for (int user = 1; user <= 3; ++user) {
    for (int item = 1; item <= 4; ++item, ++number) {
      for (const char c : line) {
        if (c == '#')
          text += std::to_string(user);
        else if (c == '@')
          text += std::to_string(item);
        else if (c == '*')
          text += std::to_string(1 + (user * item) % 5);
        else if (c == '$')
          text += std::to_string(10 + number);
        else
          text += c;
      }
      text += '\n';
    }
  }
  return text;
}

std::string file_name(const std::string& path) { return fs::path(path).filename().string(); }

std::string taken_for(const FoundDataset& found, const std::string& name) {
  for (const FoundFile& file : found.files)
    if (file.path.filename() == name) return file.taken_for;
  return "not there";
}

/// The samples have entries of a few items only.
DatasetSurvey survey_of(const FoundDataset& found) {
  DatasetOptions options = found.options;
  options.item_filter = ItemFilter::none;
  return survey_dataset(options, {});
}

/// Checks the columns user, item, rating and time, and that three users have twelve interactions.
std::string check_columns_and_counts(const FoundDataset& found, const std::vector<std::string>& columns) {
  const ColumnOptions& ours = found.options.columns;
  CHECK(std::vector<std::string>{ours.user, ours.item, ours.rating, ours.time} == columns);
  const DatasetSurvey survey = survey_of(found);
  CHECK(survey.all.users_read == 3);
  CHECK(survey.all.ratings_read == 12);
  return dataset_text(found, survey);
}

}  // namespace

TEST_CASE("Book-Crossing: semicolons, ISO-8859-1, quotes behind backslashes", "[init][logs]") {
  const Sample sample(
      {{"BX-Book-Ratings.csv", twelve("\"27#\";\"019515344@\";\"*\"", "\"User-ID\";\"ISBN\";\"Book-Rating\"\n")},
       {"BX-Books.csv",
        "\"ISBN\";\"Book-Title\";\"Book-Author\";\"Year-Of-Publication\"\n"
        "\"0195153440\";\"The \\\"real\\\"; thing\";\"A\";\"1999\"\n\"0195153441\";\"B\xFC"
        "cher\";\"B\";\"2001\"\n\"0195153442\";\"Three\";\"C\";\"2002\"\n\"0195153443\";\"Four\";\"D\";\"0\"\n"
        "\"0195153444\";\"Five\";\"E\";\"2002\"\n"},
       {"BX-Users.csv", "\"User-ID\";\"Location\";\"Age\"\n\"271\";\"a, b\";NULL\n\"272\";\"c, d\";\"18\"\n"}});
  const FoundDataset found = sample.found();
  CHECK(file_name(found.options.metadata) == "BX-Books.csv");
  CHECK(found.options.columns.title == "Book-Title");
  CHECK(found.options.columns.year == "Year-Of-Publication");
  CHECK(taken_for(found, "BX-Users.csv") == "not needed");
  const std::string text = check_columns_and_counts(found, {"User-ID", "ISBN", "Book-Rating", ""});
  CHECK_THAT(text, Contains("1 fields are not UTF-8, and were read as ISO-8859-1"));
}

TEST_CASE("Netflix: files of ratings and the titles", "[init][logs]") {
  const Sample sample({{"combined_data_1.txt", "1:\n5,3,2005-09-06\n6,4,2005-09-07\n7,4,2005-09-07\n"},
                       {"movie_titles.csv", "1,2003,One, and more\n2,1999,Two\n"}});
  const FoundDataset found = sample.found();
  CHECK(found.options.format == "netflix");
  CHECK(file_name(found.options.metadata) == "movie_titles.csv");
}

TEST_CASE("Last.fm 360K: plays are no ratings, and names stand in the lines", "[init][logs]") {
  const std::string user = "0000000000000000000000000000000000000a0";
  const Sample sample(
      {{"usersha1-artmbid-artname-plays.tsv", twelve(user + "#\tid-@\tThe \"@\t1$")},
       {"usersha1-profile.tsv", user + "1\tf\t22\tGermany\tFeb 1, 2007\n" + user + "2\tm\t\tX\tJan 3, 2008\n"}});
  const FoundDataset found = sample.found();
  const std::string text = check_columns_and_counts(found, {"1", "2", "", ""});
  CHECK(found.options.metadata == found.options.interactions);
  CHECK(found.options.columns.title == "3");
  CHECK(taken_for(found, "usersha1-profile.tsv") == "not needed");
  CHECK_THAT(text, Contains("numbers of plays are no ratings") && Contains("4 items"));
  CHECK_THAT(text, !Contains("no title"));
}

TEST_CASE("Goodreads in JSON: times with the name of the day", "[init][logs]") {
  const Sample sample(
      {{"goodreads_interactions_poetry.json",
        twelve(
            R"({"user_id": "u#", "book_id": "b@", "is_read": true, "rating": *, "date_added": "Thu Mar 30 12:21:$ -0700 2017"})")},
       {"goodreads_books_poetry.json",
        R"({"book_id": "b0", "title": "Zero", "popular_shelves": [{"count": "1", "name": "x"}], "publication_year": "1999"})"
        "\n"
        R"({"book_id": "b1", "title": "One", "popular_shelves": [], "publication_year": ""})"
        "\n"}});
  const FoundDataset found = sample.found();
  CHECK(file_name(found.options.metadata) == "goodreads_books_poetry.json");
  CHECK_THAT(check_columns_and_counts(found, {"user_id", "book_id", "rating", "date_added"}),
             Contains("2017-03-30 19:21:10 to 2017-03-30 19:21:21"));
}

TEST_CASE("MIND: impressions and news", "[init][logs]") {
  std::string behaviors;
  for (const char* user : {"U1", "U2", "U3"})
    for (const char* news : {"N1-1 N2-0", "N3-1", "N2-1 N1-0"})
      behaviors += std::string("1\t") + user + "\t11/13/2019 8:36:57 AM\tN5 N6\t" + news + "\n";
  const Sample sample(
      {{"behaviors.tsv", behaviors},
       {"news.tsv", "N1\tsports\tx\tA title\tAbout\thttps://x\t[]\t[]\nN2\tnews\tx\tB\tAbout\thttps://x\t[]\t[]\n"},
       {"entity_embedding.vec", "Q41\t-0.1\t0.2\n"}});
  const FoundDataset found = sample.found();
  CHECK(found.options.format == "mind");
  CHECK(file_name(found.options.metadata) == "news.tsv");
  const DatasetSurvey survey = survey_of(found);
  CHECK(survey.all.ratings_read == 9);
  CHECK(survey.all.users_read == 3);
}

TEST_CASE("RecBole's benchmark files are the parts of a split", "[init][logs]") {
  const auto part = [](const std::string& history, const std::string& item) {
    std::string text = "user_id:token\titem_id_list:token_seq\titem_id:token\n";
    for (const char* user : {"u", "v", "w"}) text += std::string(user) + "\t" + history + "\t" + item + "\n";
    return text;
  };
  const Sample sample({{"x.train.inter", part("a", "b")},
                       {"x.valid.inter", part("a b", "c")},
                       {"x.test.inter", part("a b c", "d")},
                       {"x.item", "item_id:token\ttitle:token_seq\na\tThe A\nb\tThe B\n"}});
  const FoundDataset found = sample.found();
  CHECK(found.options.format == "recbole-lists");
  CHECK(found.options.more_interactions.size() == 2);
  CHECK(survey_of(found).all.ratings_read == 12);
}

TEST_CASE("Foursquare: the three forms of check-ins", "[init][logs]") {
  const std::string place = "00000000000000000000000@";
  const Sample city(
      {{"dataset_TSMC2014_NYC.txt",
        twelve("#\t" + place + "\t4bf\tArts & Crafts\t40.7@\t-74.0\t-240\tTue Apr 03 18:00:$ +0000 2012")}});
  CHECK_THAT(check_columns_and_counts(city.found(), {"1", "2", "", "8"}), Contains("2012-04-03 18:00:10"));
  const Sample table({{"nyc.csv", twelve("#," + place + ",Bar,40.7@,Tue Apr 03 18:00:$ +0000 2012",
                                         "userId,venueId,venueCategory,latitude,utcTimestamp\n")}});
  check_columns_and_counts(table.found(), {"userId", "venueId", "", "utcTimestamp"});
  const Sample world(
      {{"dataset_TIST2015_Checkins.txt", twelve("#\t" + place + "\tTue Apr 03 18:00:$ +0000 2012\t240")},
       {"dataset_TIST2015_POIs.txt",
        "000000000000000000000001\t40.7\t-74.1\tJazz Club\tUS\n000000000000000000000002\t40.7\t-74.1\tGym, "
        "indoors\tUS\n"}});
  const FoundDataset found = world.found();
  check_columns_and_counts(found, {"1", "2", "", "3"});
  CHECK(file_name(found.options.metadata) == "dataset_TIST2015_POIs.txt");
}

TEST_CASE("KuaiRec: the timestamp counts, and the titled file of items", "[init][logs]") {
  const Sample sample({{"small_matrix.csv", twelve("#,@,2020-07-05 05:27:$.378,20200705.0,15938980$.378,1.0@",
                                                   "user_id,video_id,time,date,timestamp,watch_ratio\n")},
                       {"social_network.csv", "user_id,friend_list\n1,[2]\n2,[1]\n"},
                       {"captions.csv", "video_id,title\n0,\"a, b\"\n1,c\n2,d\n3,e\n4,f\n"},
                       {"item_categories.csv", "video_id,feat\n0,[8]\n1,\"[27, 9]\"\n"}});
  const FoundDataset found = sample.found();
  check_columns_and_counts(found, {"user_id", "video_id", "", "timestamp"});
  CHECK(file_name(found.options.metadata) == "captions.csv");
  CHECK_THAT(found.notes.at("columns.time"), Contains("the same moment"));
}

TEST_CASE("logs of shops and sessions", "[init][logs]") {
  const Sample taobao({{"UserBehavior.csv", twelve("#,226@,25,pv,15112817$")}});
  CHECK_THAT(check_columns_and_counts(taobao.found(), {"1", "2", "", "5"}), Contains("2017-11-21"));
  const Sample rocket(
      {{"events.csv", twelve("14332215027$,25#,view,35@,", "timestamp,visitorid,event,itemid,transactionid\n")},
       {"item_properties_part1.csv",
        "timestamp,itemid,property,value\n14354604000,351,categoryid,1338\n"
        "14354604000,352,888,\"11 n277.200\"\n14354604000,351,790,n1\n"},
       {"category_tree.csv", "categoryid,parentid\n1016,213\n809,169\n"}});
  const FoundDataset events = rocket.found();
  check_columns_and_counts(events, {"visitorid", "itemid", "", "timestamp"});
  CHECK(taken_for(events, "item_properties_part1.csv") == "not needed");
  const Sample clicks({{"yoochoose-clicks.dat", twelve("#,2014-04-07T10:51:$.277Z,21453650@,0")}});
  check_columns_and_counts(clicks.found(), {"1", "3", "", "2"});
  const Sample views(
      {{"train-item-views.csv", twelve("#;NA;8176@;5263$;2016-05-09", "sessionId;userId;itemId;timeframe;eventdate\n")},
       {"train-purchases.csv", "sessionId;userId;timeframe;eventdate;ordernumber;itemId\n1;NA;8;2016-05-09;1;25\n"}});
  check_columns_and_counts(views.found(), {"sessionId", "itemId", "", "timeframe"});
}

TEST_CASE("games, songs, recipes and their tables of items", "[init][logs]") {
  const Sample steam({{"steam-200k.csv", twelve("15#,\"Game @, the\",purchase,1.0,0")}});
  CHECK_THAT(check_columns_and_counts(steam.found(), {"1", "2", "", ""}), Contains("datasets.repeats=first"));
  const Sample reviews({{"recommendations.csv", twelve("97@,0,2021-01-$,true,36.3,5#,1$",
                                                       "app_id,helpful,date,is_recommended,hours,user_id,review_id\n")},
                        {"games.csv",
                         "app_id,title,date_release,rating\n970,\"Zero, a game\",2008-04-21,Mixed\n971,One,2009-04-21,"
                         "Positive\n972,Two,2009-04-21,Positive\n"},
                        {"users.csv", "user_id,products,reviews\n51,359,0\n52,156,1\n53,176,2\n"}});
  const FoundDataset games = reviews.found();
  check_columns_and_counts(games, {"user_id", "app_id", "", "date"});
  CHECK(file_name(games.options.metadata) == "games.csv");
  const Sample anime(
      {{"rating.csv", twelve("#,2@,*", "user_id,anime_id,rating\n")},
       {"anime.csv", "anime_id,name,genre,type,rating\n20,A,\"Drama, War\",TV,9.3\n21,B,Drama,TV,9.2\n"}});
  const FoundDataset series = anime.found();
  check_columns_and_counts(series, {"user_id", "anime_id", "rating", ""});
  CHECK(file_name(series.options.metadata) == "anime.csv");
  const Sample shop(
      {{"transactions_train.csv", twelve("2018-09-$,c#,066371300@,0.05", "t_dat,customer_id,article_id,price\n")},
       {"articles.csv", "article_id,product_code,prod_name\n0663713001,108775,Top\n0663713002,108776,Bra\n"}});
  const FoundDataset clothes = shop.found();
  check_columns_and_counts(clothes, {"customer_id", "article_id", "", "t_dat"});
  CHECK(clothes.options.columns.title == "prod_name");
  CHECK(clothes.options.columns.metadata_item.empty());
  const Sample food({{"RAW_interactions.csv",
                      twelve("#,4@,2003-02-$,*,\"Great, with\nsalad\"", "user_id,recipe_id,date,rating,review\n")},
                     {"RAW_recipes.csv",
                      "name,id,minutes,contributor_id,submitted\nbeans,40,5,4,2005-09-16\npeas,41,6,4,2005-09-17\n"}});
  const FoundDataset recipes = food.found();
  check_columns_and_counts(recipes, {"user_id", "recipe_id", "rating", "date"});
  CHECK(recipes.options.columns.metadata_item == "id");
  const Sample tweets(
      {{"ratings.dat", twelve("#::011450@::8::13819006$")}, {"movies.dat", "0114500::F (1995)::A|B\n"}});
  CHECK_THAT(check_columns_and_counts(tweets.found(), {"1", "2", "3", "4"}), Contains("from 8 to 8"));
}

TEST_CASE("tags, friends and lists of trust are no interactions beside ratings", "[init][logs]") {
  const Sample music(
      {{"user_artists.dat", twelve("#\t5@\t13$", "userID\tartistID\tweight\n")},
       {"user_friends.dat", "userID\tfriendID\n1\t2\n1\t3\n2\t1\n"},
       {"user_taggedartists.dat", "userID\tartistID\ttagID\tday\n1\t50\t13\t1\n1\t51\t15\t1\n2\t50\t13\t1\n"},
       {"artists.dat", "id\tname\turl\n50\tA\thttp://x\n51\tB\thttp://y\n"}});
  const FoundDataset found = music.found();
  CHECK(file_name(found.options.interactions) == "user_artists.dat");
  CHECK(file_name(found.options.metadata) == "artists.dat");
  CHECK(found.options.columns.metadata_item == "id");
  check_columns_and_counts(found, {"userID", "artistID", "weight", ""});
  const Sample trust({{"ratings_data.txt", twelve("# 7@ *")}, {"trust_data.txt", "1 2 1\n2 3 1\n3 1 1\n"}});
  CHECK_THROWS_WITH(trust.found(), Contains("several files may hold the interactions"));
}

TEST_CASE("forms that no reader takes are named, with what to do", "[init][logs]") {
  const auto refused = [](const char* name, const std::string& text, const std::string& part) {
    INFO(name);
    CHECK_THROWS_WITH(Sample({{name, text}}).found(), Contains(part));
  };
  refused("otto.jsonl", R"({"session": 1, "events": [{"aid": 5, "ts": 1, "type": "clicks"}]})",
          "lists of events (events)");
  refused("records.json", "[\n{\"user\": 1, \"item\": 2},\n{\"user\": 2, \"item\": 3}\n]\n", "jq -c");
  refused("mpd.json", "{\n  \"playlists\": []\n}\n", "one JSON document");
  refused("foods.txt",
          "product/productId: B1\nreview/userId: A1\nreview/score: 5.0\nreview/time: 13\n\nproduct/productId: B1\n",
          "write one line for each block");
  refused("users.dat", "3 5 6 7\n2 1 4\n", "NR");
  std::string clicks;
  for (int line = 0; line < 3; ++line) {
    clicks += std::to_string(line % 2);
    for (int c = 0; c < 39; ++c) clicks += "\ta" + std::to_string(c * line);
    clicks += '\n';
  }
  refused("train.txt", clicks, "neither users nor items");
}

TEST_CASE("columns of numbers that are no ratings are not asked about", "[init][logs]") {
  const Sample sample({{"log.csv", twelve("#,@,16000000$,1,*,*,*", "user_id,item_id,ts,is_click,tab,age,latitude\n")}});
  check_columns_and_counts(sample.found(), {"user_id", "item_id", "", "ts"});
  const Sample names({{"log.jsonl", twelve(R"({"user_id": "u#", "user_name": "n#", "item_id": "i@"})")}});
  CHECK(names.found().options.columns.user == "user_id");
}
