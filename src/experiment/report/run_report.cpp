#include "experiment/report/run_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/util/error.h"
#include "base/util/files.h"
#include "base/util/html.h"
#include "experiment/report/figure.h"
#include "experiment/report/html_page.h"
#include "experiment/report/html_template.h"
#include "experiment/report/report_sections.h"

namespace latentcrs {

namespace {

struct NamedFigure {
  std::string name;
  std::string_view heading;
  Figure figure;
};

std::vector<NamedFigure> make_figures(const Runs& runs, const ResamplingOptions& resampling) {
  std::vector<NamedFigure> figures;
  for (const FigureKind& kind : figure_kinds()) {
    size_t place = 0;
    for (Figure& figure : kind.make({runs, resampling}, kind.name))
      figures.push_back({figure_name(kind.name, place++), kind.heading, std::move(figure)});
  }
  return figures;
}

/// Where a figure's files lie, below the folder of files.
fs::path picture_file(const std::string& name) { return fs::path("figures") / (name + ".svg"); }
fs::path table_file(const std::string& name, const char* ending) { return fs::path("tables") / (name + ending); }

std::string file_link(const fs::path& folder, const fs::path& file) {
  return fmt::format("<a href=\"{}\">{}</a>", escape_html((folder / file).generic_string()),
                     escape_html(file.generic_string()));
}

/// `folder` is that of the files as the page names it; empty where no files are written.
std::string figure_html(const NamedFigure& named, const fs::path& folder) {
  const Figure& figure = named.figure;
  std::string files;
  if (!folder.empty())
    files = fmt::format("<p class=\"files\">For a paper: {}, {}, {}</p>\n", file_link(folder, picture_file(named.name)),
                        file_link(folder, table_file(named.name, ".csv")),
                        file_link(folder, table_file(named.name, ".tex")));
  return fill_template("figure.html", {{"name", "figure-" + named.name},
                                       {"title", escape_html(figure.picture.title())},
                                       {"picture", figure.picture.element()},
                                       {"note", html_note(figure.note)},
                                       {"numbers", html_details("The numbers", figure.table.html())},
                                       {"files", files}});
}

/// A part of the page with the place that links lead to.
struct Section {
  std::string anchor, heading, html;
};

/// A section for each heading.
std::vector<Section> figure_sections(const std::vector<NamedFigure>& figures, const fs::path& folder) {
  std::vector<Section> sections;
  for (const NamedFigure& figure : figures) {
    if (sections.empty() || sections.back().heading != figure.heading)
      sections.push_back({"pictures-" + figure.name, std::string(figure.heading), ""});
    sections.back().html += figure_html(figure, folder);
  }
  return sections;
}

std::vector<Section> table_sections(const Runs& runs, const ResamplingOptions& resampling) {
  std::vector<Section> sections = {{"runs", "Runs", runs_section(runs)},
                                   {"settings", "Settings that differ", settings_section(runs)},
                                   {"one-turn", "One turn", one_turn_section(runs)},
                                   {"lists", "Lists", lists_section(runs)},
                                   {"tests", "Paired tests", comparison_section(runs, resampling)},
                                   {"multi-turn", "Dialogues", multi_turn_section(runs)},
                                   {"people", "People's conversations", conversations_section(runs)},
                                   {"curves", "Learning curves", curves_section(runs)},
                                   {"intent-tables", "Intents", intents_section(runs)},
                                   {"data", "Dataset", dataset_section(runs)},
                                   {"times", "Times", times_section(runs)},
                                   {"utterances", "Utterances", utterances_section(runs)},
                                   {"transcripts", "A few dialogues", transcripts_section(runs)},
                                   {"all-settings", "All settings", full_settings_section(runs)}};
  sections.erase(std::remove_if(sections.begin(), sections.end(), [](const Section& s) { return s.html.empty(); }),
                 sections.end());
  return sections;
}

std::string links_to(const char* what, const std::vector<Section>& sections) {
  std::string links;
  for (const Section& section : sections)
    links += fmt::format("<a href=\"#{}\">{}</a> ", section.anchor, escape_html(section.heading));
  return links.empty() ? "" : fill_template("links.html", {{"what", what}, {"links", links}});
}

std::string render_page(const Runs& runs, const ResamplingOptions& resampling, const std::vector<NamedFigure>& figures,
                        const fs::path& folder) {
  const std::vector<Section> pictures = figure_sections(figures, folder), tables = table_sections(runs, resampling);
  std::string shown, folded;
  for (const Section& section : pictures)
    shown += fmt::format("<section id=\"{}\">\n<h2>{}</h2>\n{}</section>\n", section.anchor,
                         escape_html(section.heading), section.html);
  for (const Section& section : tables)
    folded += fmt::format("<details class=\"section\" id=\"{}\"><summary><h2>{}</h2></summary>\n{}</details>\n",
                          section.anchor, escape_html(section.heading), section.html);
  const std::string title = runs.size() == 1 ? "Run " + runs[0].name : fmt::format("{} runs", runs.size());
  std::vector<std::string> names;
  for (const RunData& run : runs) names.push_back(run.name);
  return html_page("latentcrs: " + title,
                   fill_template("report.html", {{"title", escape_html(title)},
                                                 {"runs", html_legend(names)},
                                                 {"links", links_to("Figures", pictures) + links_to("Tables", tables)},
                                                 {"figures", shown},
                                                 {"tables", folded}}));
}

/// Calls `use` with the runs; says which files are damaged if one is.
template <class Use>
void with_runs(const std::vector<fs::path>& folders, Use use) {
  if (folders.empty()) throw internal_error("a report of no run");
  const Runs runs = read_runs(folders);
  try {
    use(runs);
  } catch (const nlohmann::json::exception& e) {
    std::vector<std::string> names;
    for (const RunData& run : runs) names.push_back(run.folder.string());
    throw data_error(
        fmt::format("{}: a JSON file there is not as latentcrs writes it: {}", fmt::join(names, ", "), e.what()));
  }
}

void write_figure_files(const NamedFigure& named, const fs::path& folder) {
  const Figure& figure = named.figure;
  write_file_atomically(folder / picture_file(named.name), figure.picture.document());
  write_file_atomically(folder / table_file(named.name, ".csv"), figure.all_numbers.value_or(figure.table).csv());
  write_file_atomically(folder / table_file(named.name, ".tex"), figure.table.latex(named.name));
}

/// Removes the files of figures that an earlier report had and this one has not.
void remove_old_figures(const std::vector<NamedFigure>& figures, const fs::path& folder) {
  for (const FigureKind& kind : figure_kinds())
    for (size_t place = 0;; ++place) {
      const std::string name = figure_name(kind.name, place);
      if (std::any_of(figures.begin(), figures.end(), [&](const NamedFigure& made) { return made.name == name; }))
        continue;
      bool removed = false;
      for (const fs::path& file : {picture_file(name), table_file(name, ".csv"), table_file(name, ".tex")})
        removed = fs::remove(folder / file) || removed;
      if (!removed) break;
    }
}

}  // namespace

fs::path report_files_folder(const fs::path& page) {
  fs::path folder = page;
  return page.has_extension() ? folder.replace_extension() : folder += "_files";
}

std::string render_report(const std::vector<fs::path>& folders, const ResamplingOptions& resampling) {
  std::string page;
  with_runs(folders,
            [&](const Runs& runs) { page = render_page(runs, resampling, make_figures(runs, resampling), {}); });
  return page;
}

void write_report(const std::vector<fs::path>& folders, const ResamplingOptions& resampling, const fs::path& page) {
  const fs::path files = report_files_folder(page);
  with_runs(folders, [&](const Runs& runs) {
    const std::vector<NamedFigure> figures = make_figures(runs, resampling);
    const std::string text = render_page(runs, resampling, figures, files.filename());
    for (const NamedFigure& figure : figures) write_figure_files(figure, files);
    remove_old_figures(figures, files);
    write_file_atomically(page, text);
  });
}

}  // namespace latentcrs
