#include "qdcnn/report/html.h"

#include <fmt/format.h>

#include "qdcnn/base/error.h"
#include "report/text.h"

namespace qdcnn::report {
namespace {

constexpr std::string_view kStyle = R"(
:root{color-scheme:light dark;--ink:#24292f;--dim:#5c656f;--paper:#ffffff;--rule:#e4e7eb;--soft:#f6f7f9;--accent:#1f66b3}
@media (prefers-color-scheme:dark){:root{--ink:#e3e7eb;--dim:#a2abb5;--paper:#14181d;--rule:#2a3038;--soft:#1b2026;--accent:#76b4f7}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","DejaVu Sans",sans-serif}
main{max-width:62rem;margin:0 auto;padding:2.5rem 1.25rem 4rem}
h1{font-size:1.9rem;line-height:1.2;margin:0}
h2{font-size:1.2rem;margin:3rem 0 .9rem;padding-bottom:.35rem;border-bottom:1px solid var(--rule)}
p{margin:.6rem 0;max-width:44rem}
.subtitle{color:var(--dim);margin:.4rem 0 0}
.figures{display:flex;flex-wrap:wrap;gap:1rem;margin:1.2rem 0}
.figures div{flex:1 1 9rem;background:var(--soft);border-radius:.5rem;padding:.9rem 1.1rem}
.figures b{display:block;font-size:1.65rem;line-height:1.2;font-weight:600;font-variant-numeric:tabular-nums}
.figures span{display:block}
.figures small{display:block;color:var(--dim)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;margin:.9rem 0;font-variant-numeric:tabular-nums}
caption{caption-side:bottom;text-align:left;color:var(--dim);font-size:.9rem;padding-top:.4rem}
th,td{padding:.35rem .9rem .35rem 0;border-bottom:1px solid var(--rule);text-align:left;vertical-align:top}
th{font-weight:600;color:var(--dim);font-size:.9rem}
.right{text-align:right}
.pictures{display:flex;flex-wrap:wrap;gap:1.25rem;align-items:flex-start;margin:1rem 0}
figure{margin:0;max-width:100%;overflow-x:auto}
figure svg{display:block;max-width:100%;height:auto}
figcaption,summary{color:var(--dim);font-size:.9rem}
figcaption{padding-top:.3rem}
pre{background:var(--soft);border-radius:.5rem;padding:.9rem 1.1rem;overflow-x:auto;font:13px/1.5 ui-monospace,"DejaVu Sans Mono",Consolas,monospace;margin:.6rem 0}
summary{cursor:pointer}
footer{margin-top:3.5rem;padding-top:.8rem;border-top:1px solid var(--rule);color:var(--dim);font-size:.9rem}
@media print{main{max-width:none;padding:0}h2{break-after:avoid}figure,table,.figures{break-inside:avoid}}
)";

std::string_view align_class(Align align) { return align == Align::right ? " class=\"right\"" : ""; }

std::string html_of(const Paragraph& paragraph) { return fmt::format("<p>{}</p>\n", escape(paragraph.text)); }

std::string html_of(const KeyFigures& block) {
    std::string html = "<div class=\"figures\">\n";
    for (const auto& figure : block.figures) {
        html += fmt::format("<div><b>{}</b><span>{}</span>", escape(figure.value), escape(figure.label));
        if (!figure.note.empty()) html += fmt::format("<small>{}</small>", escape(figure.note));
        html += "</div>\n";
    }
    return html + "</div>\n";
}

std::string html_of(const CaptionedTable& block) {
    std::string html = "<div class=\"scroll\"><table>\n";
    if (!block.caption.empty()) html += fmt::format("<caption>{}</caption>\n", escape(block.caption));
    html += "<thead><tr>";
    for (const Column& column : block.table.columns)
        html += fmt::format("<th scope=\"col\"{}>{}</th>", align_class(column.align), escape(column.title));
    html += "</tr></thead>\n<tbody>\n";
    for (std::size_t row = 0; row < block.table.rows.size(); ++row) {
        const auto& cells = block.table.rows[row];
        if (cells.size() != block.table.columns.size())
            throw Error(ErrorKind::invalid_input, fmt::format("table row {} has {} cells, expected {}", row,
                                                              cells.size(), block.table.columns.size()));
        html += "<tr>";
        for (std::size_t column = 0; column < cells.size(); ++column)
            html += fmt::format("<td{}>{}</td>", align_class(block.table.columns[column].align),
                                escape(cells[column]));
        html += "</tr>\n";
    }
    return html + "</tbody></table></div>\n";
}

std::string html_of(const Pictures& block) {
    std::string html = "<div class=\"pictures\">\n";
    for (const auto& picture : block.pictures) {
        html += "<figure>\n" + picture.svg;
        if (!picture.caption.empty())
            html += fmt::format("<figcaption>{}</figcaption>", escape(picture.caption));
        html += "</figure>\n";
    }
    return html + "</div>\n";
}

std::string html_of(const Listing& block) {
    const std::string text = fmt::format("<pre>{}</pre>\n", escape(block.text));
    if (block.is_folded)
        return fmt::format("<details><summary>{}</summary>{}</details>\n", escape(block.caption), text);
    return block.caption.empty()
               ? text
               : fmt::format("<figure>{}<figcaption>{}</figcaption></figure>\n", text, escape(block.caption));
}

}  // namespace

std::string to_html(const Page& page) {
    std::string html = fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n<meta "
        "charset=\"utf-8\"/>\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>{0}</title>\n"
        "<style>{1}</style>\n</head>\n<body>\n<main>\n<h1>{0}</h1>\n",
        escape(page.title), kStyle);
    if (!page.subtitle.empty()) html += fmt::format("<p class=\"subtitle\">{}</p>\n", escape(page.subtitle));
    for (const Section& section : page.sections) {
        html += fmt::format("<section>\n<h2>{}</h2>\n", escape(section.title));
        for (const Block& block : section.blocks)
            html += std::visit([](const auto& content) { return html_of(content); }, block);
        html += "</section>\n";
    }
    if (!page.footer.empty()) html += fmt::format("<footer>{}</footer>\n", escape(page.footer));
    return html + "</main>\n</body>\n</html>\n";
}

}  // namespace qdcnn::report
