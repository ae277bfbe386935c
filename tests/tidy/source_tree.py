# SPDX-License-Identifier: MIT
"""The files of a source tree, and C++ text without what is not code."""
import dataclasses
import functools
import pathlib
import re

CPP_SUFFIXES = {".hpp", ".cpp", ".h", ".c", ".cc", ".mm"}
SCRIPT_SUFFIXES = {".py", ".sh", ".js", ".mjs", ".ts", ".java"}
_NOT_OURS = {".git", ".cache", ".vscode", ".idea", "__pycache__", "node_modules"}

_NOT_CODE = re.compile(
    r'(?P<raw>R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)")'
    r"|(?P<comment>//(?:[^\n\\]|\\.)*|/\*.*?(?:\*/|\Z))"
    r'|(?P<string>"(?:[^"\\\n]|\\.)*")'
    r"|(?P<number>\b\d(?:[\w.]|'(?=\w))*)"
    r"|(?P<char>'(?:[^'\\\n]|\\.)*')",
    re.DOTALL)


def _blank(text):
    return re.sub(r"[^\n]", " ", text)


def without_comments(text):
    return _NOT_CODE.sub(lambda m: _blank(m[0]) if m["comment"] else m[0], text)


def without_comments_and_strings(text):
    return _NOT_CODE.sub(lambda m: m[0] if m["number"] else _blank(m[0]), text)


@dataclasses.dataclass(frozen=True)
class Source:
    root: pathlib.Path
    name: str  # relative to the root, with slashes

    @functools.cached_property
    def path(self):
        return self.root / self.name

    @property
    def is_cpp(self):
        return self.path.suffix in CPP_SUFFIXES

    @property
    def is_script(self):
        return self.path.suffix in SCRIPT_SUFFIXES

    @functools.cached_property
    def text(self):
        return self.path.read_text(encoding="utf-8", errors="replace")

    @functools.cached_property
    def code(self):
        """Without comments and strings; line numbers stay."""
        return without_comments_and_strings(self.text)

    @functools.cached_property
    def includes(self):
        """(line, '"' or '<', path) of each #include."""
        found = re.finditer(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">\n]+)[">]', without_comments(self.text), re.MULTILINE)
        return [(line_of(self.text, m.start()), m[1], m[2]) for m in found]

    def under(self, *folders):
        return any(self.name.startswith(folder) for folder in folders)

    def find(self, pattern, text=None):
        """Yields (line, matched text) of each match in the code."""
        text = self.code if text is None else text
        for match in re.finditer(pattern, text, re.MULTILINE):
            yield line_of(text, match.start()), match[0].strip()


def line_of(text, offset):
    """The line number, from 1, of a position in a text."""
    return text.count("\n", 0, offset) + 1


class Tree:
    def __init__(self, root):
        self.root = pathlib.Path(root).resolve()
        self.folders = sorted(p.name for p in self.root.iterdir()
                              if p.is_dir() and not p.name.startswith((".", "build")))
        self.files = [Source(self.root, p.relative_to(self.root).as_posix()) for p in self._walk(self.root)]

    def _walk(self, folder):
        for path in sorted(folder.iterdir()):
            if path.is_symlink() or path.name in _NOT_OURS:
                continue
            if path.is_file():
                yield path
            elif path.is_dir() and not (folder == self.root and path.name.startswith("build")):
                yield from self._walk(path)

    def cpp(self, *folders):
        return [f for f in self.files if f.is_cpp and (not folders or f.under(*folders))]
