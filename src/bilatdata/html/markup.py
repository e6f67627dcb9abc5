"""Pieces of HTML whose texts are escaped, and the one look that they share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

_STYLE = """
.bilatdata{LIGHT;max-width:60rem;overflow-x:auto;margin:.25rem 0;padding:1rem 1.25rem;
border:1px solid var(--line);border-radius:8px;background:var(--paper);color:var(--ink);
font:14px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;text-align:left}
@media (prefers-color-scheme:dark){.bilatdata{DARK}}
[data-jp-theme-light=true] .bilatdata,.vscode-light .bilatdata,[data-theme=light] .bilatdata{LIGHT}
[data-jp-theme-light=false] .bilatdata,.vscode-dark .bilatdata,[data-theme=dark] .bilatdata{DARK}
.bilatdata *{box-sizing:border-box}
.bilatdata h3{margin:0 0 .2rem;font-size:1.2rem;line-height:1.3;color:inherit}
.bilatdata h4,.bilatdata summary{margin:1.1rem 0 .35rem;font-size:.95rem;font-weight:600;color:inherit}
.bilatdata summary{cursor:pointer}
.bilatdata p{margin:.5rem 0}
.bilatdata code{font:12.5px/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;color:inherit;background:none;
padding:0}
.bilatdata .soft,.bilatdata th{color:var(--soft)}
.bilatdata table{width:100%;margin:0;border-collapse:collapse;font-size:13px;color:inherit;background:none;border:0}
.bilatdata th,.bilatdata td{padding:.28rem .75rem .28rem 0;border:0;border-top:1px solid var(--line);background:none;
text-align:left;vertical-align:top;font-weight:400;white-space:normal;max-width:none;overflow-wrap:break-word}
.bilatdata tr:nth-child(n){background:none}
.bilatdata thead th,.bilatdata .values tr:first-child>*{border-top:0}
.bilatdata td:first-child>code{white-space:nowrap}
.bilatdata .values th{width:11rem;overflow-wrap:normal}
.bilatdata .right{text-align:right;font-variant-numeric:tabular-nums}
.bilatdata .no{margin:.1rem 0;padding:0 .4rem;border-left:3px solid var(--no);background:var(--no-paper);
color:var(--no)}
.bilatdata .mark{margin-left:.25rem;font-size:.8em;color:var(--link);cursor:help;white-space:nowrap}
.bilatdata .high{color:var(--high)}.bilatdata .medium{color:var(--medium)}.bilatdata .low{color:var(--low)}
.bilatdata .code{display:inline-block;margin:.1rem .25rem .1rem 0;padding:0 .35rem;border:1px solid var(--line);
border-radius:4px;background:var(--shade);font:12px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.bilatdata ol{margin:.3rem 0;padding-left:1.8rem;font-size:13px}
.bilatdata li{margin:.3rem 0}
.bilatdata a{color:var(--link);overflow-wrap:anywhere}
"""
_LIGHT = (
    "--ink:#1b1f24;--soft:#59636e;--line:#d8dee4;--paper:#fff;--shade:#f6f8fa;--link:#0a5cad;--no:#9a3412;"
    "--no-paper:#fff4ec;--high:#17693a;--medium:#7a5200;--low:#a3231f"
)
_DARK = (
    "--ink:#e6e9ed;--soft:#a2abb5;--line:#3a424b;--paper:#16191d;--shade:#22272d;--link:#7cb8f5;--no:#ffb088;"
    "--no-paper:#33231a;--high:#6fd39a;--medium:#e5b94e;--low:#ff9a94"
)


def text(words: object) -> str:
    """Words as they may stand in HTML, in an attribute too."""
    return escape(str(words))


def prose(words: str) -> str:
    """Words whose `names in backticks` become code."""
    parts = text(words).split("`")
    if len(parts) % 2 == 0:  # a backtick that is never closed
        return text(words)
    return "".join(element("code", part) if index % 2 else part for index, part in enumerate(parts))


def card(*parts: str) -> str:
    """A whole piece: its look and its parts."""
    style = _STYLE.replace("LIGHT", _LIGHT).replace("DARK", _DARK).strip()
    return f'<div class="bilatdata"><style>{style}</style>\n' + "\n".join(part for part in parts if part) + "\n</div>"


def element(name: str, inner: str, class_: str = "", **attributes: str) -> str:
    """An element around HTML; attributes are escaped."""
    given = {"class": class_, **attributes} if class_ else attributes
    written = "".join(f' {key}="{text(value)}"' for key, value in given.items())
    return f"<{name}{written}>{inner}</{name}>"


def link(address: str) -> str:
    """A web address as a link; anything else, a `javascript:` address above all, stays text."""
    if not address.startswith(("https://", "http://")):
        return text(address)
    return element("a", text(address), href=address, target="_blank", rel="noopener noreferrer")


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[bool] = ()) -> str:
    """A table of cells that are HTML already; `right` says which columns stand to the right."""
    sides = [*right, *[False] * (len(headings) - len(right))]
    columns = zip(headings, sides, strict=True)
    head = "".join(element("th", text(name), "right" * side, scope="col") for name, side in columns)
    lines = (
        element("tr", "".join(element("td", cell, "right" * side) for cell, side in zip(row, sides, strict=True)))
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


def section(title: str, inner: str, *, folded: bool = False) -> str:
    """A part with a heading that a reader can fold."""
    opened = "" if folded else " open"
    return f"<details{opened}><summary>{text(title)}</summary>{inner}</details>"
