"""The look of the HTML report and of a graph alone: light and dark, wide and narrow."""

from __future__ import annotations

_COLOURS = """\
:root {
  color-scheme: light dark;
  --back: #ffffff; --ink: #1b1f24; --soft: #57606a; --line: #d8dee4; --raised: #f6f8fa;
  --good: #1a7f37; --bad: #c2212b; --held: #8a5a00; --going: #0b5fc4; --idle: #6e7781;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #0f1216; --ink: #e6e9ed; --soft: #9aa4af; --line: #2b323a; --raised: #171c22;
    --good: #4cc26a; --bad: #ff7b80; --held: #e0ad4c; --going: #6cb0ff; --idle: #8d97a3;
  }
}
"""
_PAGE = """\
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 72rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.6rem; margin: 0 0 .75rem; display: flex; flex-wrap: wrap; gap: .75rem; align-items: baseline; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
h3 { font-size: 1rem; margin: 1rem 0 .25rem; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: .5rem 1.5rem; margin: 0; }
dt { color: var(--soft); font-size: .8rem; }
dd { margin: 0; overflow-wrap: anywhere; }
pre, code { font: 13px/1.45 ui-monospace, monospace; }
pre { background: var(--raised); border: 1px solid var(--line); border-radius: 6px; padding: .75rem; overflow: auto; }
pre { max-height: 32rem; margin: .5rem 0; }
code { overflow-wrap: anywhere; }
summary { cursor: pointer; color: var(--soft); }
:focus-visible { outline: 2px solid var(--going); outline-offset: 2px; }
.cause { border-left: 4px solid var(--bad); background: var(--raised); padding: .5rem 1rem; }
.cause p { margin: .25rem 0; overflow-wrap: anywhere; }
.place { color: var(--soft); font: 13px ui-monospace, monospace; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); }
thead th { color: var(--soft); font-size: .8rem; font-weight: 500; }
tbody th { font-weight: 500; overflow-wrap: anywhere; min-width: 8rem; }
td { white-space: nowrap; font-variant-numeric: tabular-nums; }
td:last-child { white-space: pre-wrap; overflow-wrap: anywhere; min-width: 10rem; }
.state { color: var(--idle); font-weight: 500; }
h1 .state { font-size: 1rem; }
.completed, .COMPLETED { color: var(--good); }
.failed, .FAILED { color: var(--bad); }
.stopped, .interrupted, .ABORTED, .DEFAULTED { color: var(--held); }
.running, .RUNNING { color: var(--going); }
.axis { display: flex; justify-content: space-between; color: var(--soft); font-size: .75rem; }
.axis { margin-left: calc(min(16rem, 30%) + .5rem); }
.bars { list-style: none; margin: .25rem 0; padding: 0; }
.bars li { display: grid; grid-template-columns: min(16rem, 30%) 1fr; gap: .5rem; align-items: center; }
.name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-size: .85rem; }
.lane { position: relative; height: 1.1rem; border-left: 1px solid var(--line); }
.bar { position: absolute; top: .15rem; bottom: .15rem; min-width: 3px; border-radius: 3px; background: currentColor; }
.waits { color: var(--line); }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
@media print { pre { max-height: none; } }
"""
_GRAPH = """\
.graph { font: 12px ui-monospace, monospace; }
.graph .lines path { fill: none; stroke: var(--line); stroke-width: 1.5; }
.graph rect { fill: var(--raised); stroke: currentColor; stroke-width: 1.5; }
.graph text { fill: var(--ink); }
.graph .sign { fill: currentColor; }
.node { color: var(--idle); }
.node.COMPLETED { color: var(--good); }
.node.FAILED { color: var(--bad); }
.node.ABORTED, .node.DEFAULTED { color: var(--held); }
.node.RUNNING { color: var(--going); }
"""

STYLE = _COLOURS + _PAGE + _GRAPH
SVG_STYLE = f"{_COLOURS}.back {{ fill: var(--back); }}\n{_GRAPH}"
