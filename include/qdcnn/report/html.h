#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "qdcnn/report/table.h"

namespace qdcnn::report {

struct Paragraph {
    std::string text;
};

/// A few numbers in large type: value and what it is.
struct KeyFigures {
    struct Figure {
        std::string value;
        std::string label;
        /// Small type below, for example the interval.
        std::string note = {};
    };
    std::vector<Figure> figures;
};

struct CaptionedTable {
    Table table;
    std::string caption = {};
};

/// Pictures side by side where the window is wide enough. svg: from this room's functions; the only text that
/// is not escaped.
struct Pictures {
    struct Picture {
        std::string svg;
        std::string caption = {};
    };
    std::vector<Picture> pictures;
};

/// Text in fixed type: QASM, commands.
struct Listing {
    std::string text;
    std::string caption = {};
    /// Folded away behind its caption at first.
    bool is_folded = false;
};

using Block = std::variant<Paragraph, KeyFigures, CaptionedTable, Pictures, Listing>;

struct Section {
    std::string title;
    std::vector<Block> blocks;
};

struct Page {
    std::string title;
    std::string subtitle = {};
    std::vector<Section> sections;
    std::string footer = {};
};

/// One HTML file that needs nothing beside it: no script, no font, no address; light and dark by the reader's
/// setting; prints well. All text is escaped. It is well-formed XML too.
std::string to_html(const Page& page);

}  // namespace qdcnn::report
