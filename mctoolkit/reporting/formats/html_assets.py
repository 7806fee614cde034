"""The style sheet and the script of the HTML report."""

from __future__ import annotations

from typing import Final

__all__ = ["SCRIPT", "STYLE_SHEET"]

STYLE_SHEET: Final = """
:root { color-scheme: light dark; }
body.mct-report { background: #fff; font-size: 15px; margin: 0 auto; max-width: 960px; padding: 16px 20px 48px; }
.mct-report h1 { font-size: 26px; line-height: 1.25; margin: 12px 0 4px; }
.mct-report h2 { border-bottom: 1px solid var(--jp-border-color2, #ddd); font-size: 20px; margin: 32px 0 8px; }
.mct-report h3 { font-size: 16px; line-height: 1.5; margin: 0 0 6px; }
.mct-report a { color: #0b57d0; }
.mct-report .mct-number { border: 1.5px solid currentColor; border-radius: 50%; display: inline-block; font-size: 13px;
  height: 22px; line-height: 22px; margin-right: 4px; min-width: 22px; text-align: center; }
.mct-report .mct-finding { border-left: 3px solid var(--jp-border-color2, #ddd); margin: 0 0 20px;
  padding: 0 0 0 14px; }
.mct-report table.mct-table { font-size: 14px; }
.mct-report [aria-labelledby="sessions"] td { white-space: nowrap; }
.mct-report .mct-timeline { margin: 20px 0 28px; }
.mct-report .mct-ticket button { background: none; border: 1px solid currentColor; border-radius: 4px; color: inherit;
  cursor: pointer; font: inherit; padding: 4px 12px; }
.mct-report .mct-ticket button:focus-visible { outline: 2px solid #0b57d0; outline-offset: 2px; }
@media screen and (prefers-color-scheme: dark) {
  body.mct-report { background: #121212; --jp-ui-font-color1: #e6e6e6; --jp-ui-font-color2: #b5b5b5;
    --jp-content-font-color1: #f2f2f2; --jp-layout-color2: #262626; --jp-border-color2: #555;
    --jp-brand-color1: #8ab4f8; --mct-good: #81c784; --mct-bad: #ff8a80; --mct-tip: #ffcc80; }
  .mct-report a { color: #8ab4f8; }
}
@media print {
  body.mct-report { font-size: 11pt; max-width: none; padding: 0; }
  .mct-report .mct-ticket { display: none; }
  .mct-report .mct-finding, .mct-report .mct-timeline, .mct-report tr { break-inside: avoid; }
  .mct-report h2, .mct-report h3 { break-after: avoid; }
  .mct-report .mct-scroll { overflow: visible; }
  .mct-report [aria-labelledby="sessions"] td { white-space: normal; }
  .mct-report a { color: inherit; text-decoration: none; }
  .mct-timeline details { display: none; }
  .mct-timeline, .mct-timeline * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""

# A page that was opened from a file may have no clipboard API. Then the script selects the text and tries execCommand.
SCRIPT: Final = """
document.querySelectorAll("[data-copy]").forEach(function (button) {
  var text = document.getElementById(button.dataset.copy);
  var status = button.parentNode.querySelector("[role=status]");
  function confirm() { status.textContent = button.dataset.copied; }
  function selectText() {
    text.closest("details").open = true;
    var range = document.createRange();
    range.selectNodeContents(text);
    var selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    if (document.execCommand("copy")) { confirm(); }
  }
  button.hidden = false;
  button.addEventListener("click", function () {
    status.textContent = "";
    if (navigator.clipboard) {
      navigator.clipboard.writeText(text.textContent).then(confirm, selectText);
    } else { selectText(); }
  });
});
"""
