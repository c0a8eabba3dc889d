#!/usr/bin/env python3
"""Compares the includes with the graph of rooms in src/CMakeLists.txt.

    layers_test.py [PROJECT-FOLDER]     reports every include that goes against an arrow
    layers_test.py --self-test          checks on small trees of its own that each rule is enforced

Rules: a room includes public headers of its own and of the rooms it names, directly or through those (qdcnn/ROOM/x.h),
and private headers (ROOM/x.h, or a sibling) of its own only; rooms name earlier rooms, so the graph has no circle; public
headers include none of FOREIGN, but for the few in HEAVY.
"""

import pathlib
import re
import sys
import tempfile

# Headers of packages that the door does not show.
FOREIGN = re.compile(r"(nlohmann|toml\+\+|Eigen|boost|curl|openssl|omp\.h)(/|$)")
# The public headers that show one all the same; no other public header includes them.
HEAVY = {"base/json.h": "nlohmann", "vendors/ibm/typed_json.h": "nlohmann"}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[">]')
SOURCES = {".h", ".hpp", ".cpp", ".inc"}


def rooms_of(cmake_text):
    """{room: rooms it names}, in the order of the file."""
    rooms = {}
    for call in re.finditer(r"^qdcnn_room\(([^)]*)\)", cmake_text, re.MULTILINE):
        words = call.group(1).split()
        uses, keyword = [], ""
        for word in words[1:]:
            if word.isupper():
                keyword = word
            elif keyword == "USES":
                uses.append(word)
        rooms[words[0]] = uses
    return rooms


def closure(rooms, room):
    """The room and all that it may use."""
    reached, waiting = set(), [room]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += rooms.get(name, [])
    return reached


def includes_of(path):
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        match = INCLUDE.match(line)
        if match:
            yield number, match.group(1) == '"', match.group(2)


def graph_problems(rooms, cmake_path):
    known = set()
    for room, uses in rooms.items():
        for used in uses:
            if used not in known:
                yield f"{cmake_path}: room {room} names {used}, which is no earlier room"
        known.add(room)


def file_problems(path, place, rooms, room, is_public):
    """place: the path below include/qdcnn or src."""
    allowed = closure(rooms, room)
    for number, quoted, name in includes_of(path):
        where = f"{path}:{number}"
        parts = pathlib.PurePosixPath(name).parts
        if ".." in parts:
            yield f"{where}: {name}: write the path from include/ or src/"
        elif parts[0] == "qdcnn":
            if len(parts) < 3 or parts[1] not in rooms:
                yield f"{where}: {name} is in no room of src/CMakeLists.txt"
            elif parts[1] not in allowed:
                yield f"{where}: room {room} may not use {parts[1]} ({name}); it may use {', '.join(sorted(allowed))}"
            elif is_public and name.removeprefix("qdcnn/") in HEAVY and place not in HEAVY:
                yield f"{where}: {name} brings {HEAVY[name.removeprefix('qdcnn/')]} into a public header"
        elif parts[0] in rooms and quoted:
            if is_public:
                yield f"{where}: a public header includes the private header {name}"
            elif parts[0] != room:
                yield f"{where}: {name} is a private header of room {parts[0]}"
        elif quoted and (is_public or not (path.parent / name).is_file()):
            yield f"{where}: {name} is neither beside this file nor written from include/ or src/"
        elif is_public and FOREIGN.match(name) and HEAVY.get(place) != parts[0]:
            yield f"{where}: a public header includes {name}"


def problems(root):
    cmake_path = root / "src" / "CMakeLists.txt"
    rooms = rooms_of(cmake_path.read_text(encoding="utf-8"))
    if not rooms:
        yield f"{cmake_path}: no qdcnn_room(...) found"
    yield from graph_problems(rooms, cmake_path)
    for base, is_public in ((root / "include" / "qdcnn", True), (root / "src", False)):
        for path in sorted(base.rglob("*")):
            if path.suffix not in SOURCES:
                continue
            place = path.relative_to(base)
            room = place.parts[0]
            if len(place.parts) < 2 or room not in rooms:
                yield f"{path}: is in no room of {cmake_path}"
                continue
            yield from file_problems(path, place.as_posix(), rooms, room, is_public)


GRAPH = "qdcnn_room(base PACKAGES fmt::fmt)\nqdcnn_room(circuit USES base)\nqdcnn_room(sim\n  USES circuit PACKAGES x)\n"

# (files, the telling part of the one report expected, or None where all is well)
EXAMPLES = [
    ({"include/qdcnn/sim/a.h": "#include <vector>\n#include \"qdcnn/base/error.h\"\n",
      "src/sim/a.cpp": "#include \"sim/inner.h\"\n#include <nlohmann/json.hpp>\n"}, None),
    ({"include/qdcnn/base/json.h": "#include <nlohmann/json.hpp>\n"}, None),
    ({"src/circuit/a.cpp": "\n#include \"qdcnn/sim/a.h\"\n"}, "src/circuit/a.cpp:2: room circuit may not use sim"),
    ({"include/qdcnn/base/a.h": "#include \"qdcnn/circuit/a.h\"\n"}, "room base may not use circuit"),
    ({"src/sim/a.cpp": "#include \"circuit/rewrite.h\"\n"}, "private header of room circuit"),
    ({"include/qdcnn/sim/a.h": "#include \"sim/inner.h\"\n"}, "public header includes the private header"),
    ({"include/qdcnn/sim/a.h": "#include <nlohmann/json_fwd.hpp>\n"}, "a public header includes nlohmann"),
    ({"include/qdcnn/sim/a.h": "#  include <Eigen/Dense>\n"}, "a public header includes Eigen"),
    ({"include/qdcnn/sim/a.h": "#include \"qdcnn/base/json.h\"\n"}, "brings nlohmann into a public header"),
    ({"src/sim/a.cpp": "#include \"inner.h\"\n"}, "is neither beside this file"),
    ({"src/sim/a.cpp": "#include \"inner.h\"\n", "src/sim/inner.h": "\n"}, None),
    ({"src/sim/a.cpp": "#include \"../circuit/rewrite.h\"\n"}, "write the path from"),
    ({"src/sim/a.cpp": "#include \"qdcnn/nowhere/a.h\"\n"}, "is in no room"),
    ({"src/extra/a.cpp": "int x;\n"}, "is in no room"),
    ({"src/CMakeLists.txt": "qdcnn_room(base USES sim)\nqdcnn_room(sim USES base)\n"}, "which is no earlier room"),
]


def self_test():
    for files, expected in EXAMPLES:
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, content in {"src/CMakeLists.txt": GRAPH, **files}.items():
                path = root / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(content, encoding="utf-8")
            found = list(problems(root))
            good = not found if expected is None else len(found) == 1 and expected in found[0]
            if not good:
                sys.exit(f"example {files}\n  expected {expected!r}\n  found {found}")
    print(f"{len(EXAMPLES)} examples judged as they should be")


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    root = pathlib.Path(arguments[0]) if arguments else pathlib.Path(__file__).resolve().parent.parent
    found = list(problems(root))
    for line in found:
        print(line)
    if found:
        sys.exit(f"{len(found)} includes go against src/CMakeLists.txt")
    print("every include follows the graph of rooms")


if __name__ == "__main__":
    main(sys.argv[1:])
