#include "experiment/report/figure_table.h"

#include <catch2/catch.hpp>

using namespace latentcrs;
using Catch::Contains;

namespace {

FigureTable small_table() {
  return {.caption = "Half of 50% & more",
          .columns = {{"score"}, {"NDCG@10"}, {"gain", {3, true}}, {"users"}},
          .rows = {{std::string("a_b, \"c\""), Estimate{0.1, Interval{0.05, 0.15}}, Estimate{-0.5, Interval{-1, 0.25}},
                    int64_t{7}},
                   {std::string("[Rec] #2"), Estimate{1.0 / 3, {}}, FigureCell(), int64_t{12}}}};
}

}  // namespace

TEST_CASE("an estimate shows its interval evenly or by its ends", "[figure_table]") {
  CHECK(estimate_text({0.44294, Interval{0.38554, 0.50034}}, {3, false}) == "0.443 ± 0.057");
  CHECK(estimate_text({0.98, Interval{0.93, 0.995}}, {3, false}) == "0.980 [0.930, 0.995]");
  CHECK(estimate_text({-0.05, Interval{-0.2, 0.01}}, {2, true}) == "−0.05 [−0.20, +0.01]");
  CHECK(estimate_text({2.5, {}}, {1, false}) == "2.5");
}

TEST_CASE("a figure's numbers as CSV give back the numbers", "[figure_table]") {
  CHECK(small_table().csv() ==
        "score,NDCG@10,NDCG@10 low,NDCG@10 high,gain,gain low,gain high,users\n"
        "\"a_b, \"\"c\"\"\",0.1,0.05,0.15,-0.5,-1,0.25,7\n"
        "[Rec] #2,0.3333333333333333,,,,,,12\n");
}

TEST_CASE("a figure's numbers as LaTeX", "[figure_table]") {
  CHECK(small_table().latex("small") ==
        "% needs \\usepackage{booktabs}\n"
        "\\begin{table}[t]\n"
        "  \\centering\n"
        "  \\caption{Half of 50\\% \\& more}\n"
        "  \\label{tab:small}\n"
        "  \\begin{tabular}{lrrr}\n"
        "    \\toprule\n"
        "    score & NDCG@10 & gain & users \\\\\n"
        "    \\midrule\n"
        "    a\\_b, \"c\" & $0.1000 \\pm 0.0500$ & $-0.500$ $[-1.000, +0.250]$ & 7 \\\\\n"
        "    {[}Rec] \\#2 & $0.3333$ & -- & 12 \\\\\n"
        "    \\bottomrule\n"
        "  \\end{tabular}\n"
        "\\end{table}\n");
}

TEST_CASE("LaTeX's own characters are escaped", "[figure_table]") {
  CHECK(escape_latex("50% of $x_1^2$ & #3 {~} \\ <a|b>") ==
        "50\\% of \\$x\\_1\\textasciicircum{}2\\$ \\& \\#3 \\{\\textasciitilde{}\\} \\textbackslash{} "
        "\\textless{}a\\textbar{}b\\textgreater{}");
  // After a line end LaTeX takes a bracket or a star for an argument.
  CHECK(escape_latex("[a] *") == "{[}a] {*}");
  CHECK(escape_latex("Amélie · −1 ± 2") == "Amélie $\\cdot$ $-$1 $\\pm$ 2");
}

TEST_CASE("a figure's numbers in a page", "[figure_table]") {
  CHECK_THAT(small_table().html(), Contains("<caption>Half of 50% &amp; more</caption>") &&
                                       Contains("<td>−0.500 [−1.000, +0.250]</td><td>7</td>") &&
                                       Contains("<td class=\"text\">a_b, &quot;c&quot;</td>") &&
                                       Contains("<td>0.3333</td><td>-</td>"));
}
