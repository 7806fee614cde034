"""Style sheet of the forms. It uses JupyterLab's variables and so follows light, dark and high-contrast themes."""

from __future__ import annotations

__all__ = ["FORM_STYLE", "JSON_STYLE"]

JSON_STYLE = """
.mct-json .mct-key { color: var(--mct-key, #1f4f8f); }
.mct-json .mct-text { color: var(--mct-text, #1b6e20); }
.mct-json .mct-number { color: var(--mct-number, #6b21a8); }
[data-jp-theme-light="false"] .mct-json { --mct-key: #8ab4f8; --mct-text: #a5d6a7; --mct-number: #d7aefb; }
"""

FORM_STYLE = """
.mct-form { border: 1px solid var(--jp-border-color2, #ddd); border-radius: 4px; container-type: inline-size;
  margin: 2px; overflow: hidden; }
.mct-form.mct-form :focus-visible { outline: 2px solid var(--jp-brand-color1, #0d6efd) !important;
  outline-offset: 1px; }
.mct-form.mct-form :is(.mct-fields, .mct-go, textarea):focus-visible { outline-offset: -2px; }
.mct-form .widget-html-content { line-height: 1.45; min-width: 0; overflow-wrap: anywhere; }
.mct-form .mct-responses .mct-table :is(td, th) { overflow-wrap: break-word; }
.mct-form .mct-compared { max-width: none; }
.mct-form .mct-responses .mct-compared .mct-table td:nth-child(n+2) { overflow-wrap: anywhere; }
.mct-form .mct-compared td:first-child { min-width: 13em; }
.mct-form .mct :is(p, li) code { overflow-wrap: anywhere; }
.mct-form .widget-html { height: auto; margin: 0; width: auto; }
.mct-form .widget-label, .mct-form .widget-box:not(.mct-fields) { overflow: visible; } /* clipping adds a layer */
.mct-part { margin: 0; overflow: visible; padding: 8px 12px; }
.mct-part + .mct-part { border-top: 1px solid var(--jp-border-color2, #ddd); }
.mct-status { min-height: 42px; }
.mct-top { align-items: center; display: flex; gap: 12px; justify-content: space-between; min-height: 44px; }
.mct-top .mct-status { align-items: center; border: 0; flex: 1; min-height: 28px; padding: 0; }
.mct-top .mct-status > .widget-html-content { align-self: center; }
.mct-top .jupyter-button { flex: none; margin: 0; }
.mct-go { background: none; border: 0; color: var(--jp-content-link-color, #0b57d0); cursor: pointer; font: inherit;
  margin-right: 8px; padding: 0; text-decoration: underline; }
/* A change in one pane lays out only that pane. This works only if the panes are not flex items. */
.mct-middle { --mct-cut: 52.4%; height: 340px; padding: 0; position: relative; }
.mct-middle > * { bottom: 0; contain: strict; position: absolute; top: 0; }
.mct-fields { left: 0; margin: 0; width: var(--mct-cut); overflow: hidden auto; padding: 4px 12px 12px; }
.mct-preview { border-left: 1px solid var(--jp-border-color2, #ddd); color: var(--jp-ui-font-color1, #212121);
  display: flex; flex-direction: column; left: var(--mct-cut); margin: 0; overflow: hidden; right: 0; }
.mct-request-head { align-items: center; display: flex; gap: 12px; padding: 8px 12px 4px; }
.mct-counts { margin-left: auto; }
.mct-json-scroll { display: flex; flex: 1 1 auto; flex-direction: column; overflow: hidden auto; padding: 0 0 8px; }
.mct-address { flex: none; font-family: var(--jp-code-font-family, monospace); font-size: 12px;
  overflow-wrap: anywhere; padding: 2px 8px 6px 12px; }
.mct-method { color: var(--mct-good, #1b6e20); }
.mct-json-text { flex: 1 0 auto; position: relative; }
.mct-json-text :is(pre, textarea) { background: none; border: 0; box-sizing: border-box; margin: 0; overflow: hidden;
  font: 12px/1.5 var(--jp-code-font-family, monospace); letter-spacing: normal; min-height: 100%;
  overflow-wrap: anywhere; padding: 0 12px 0 calc(var(--mct-digits, 2) * 1ch + 26px); tab-size: 4; text-align: left;
  white-space: pre-wrap; width: 100%; word-break: normal; }
.mct-json-text textarea { caret-color: var(--jp-content-font-color1, #000); color: var(--jp-content-font-color1, #000);
  height: 100%; inset: 0; position: absolute; resize: none; -webkit-text-fill-color: transparent; }
.mct-json-text textarea::selection { background: var(--jp-editor-selected-focused-background, #b3d4fc); }
.mct-json-text pre { color: var(--jp-content-font-color1, #000); pointer-events: none; position: relative; }
.mct-line { margin: 0 -12px 0 calc(var(--mct-digits, 2) * -1ch - 26px); min-height: 1.5em;
  padding: 0 12px 0 calc(var(--mct-digits, 2) * 1ch + 26px); }
/* The number is inline content without width. A box for each number would cost more layout time than the line. */
.mct-line::before { color: var(--jp-ui-font-color2, #555); content: attr(data-number);
  margin: 0 12px 0 calc(var(--mct-digits, 2) * -1ch - 12px); }
.mct-line[data-sign] { position: relative; }
.mct-line[data-sign]::after { content: attr(data-sign); font-weight: 700; left: 5px; position: absolute; top: 0; }
.mct-line-error { background: color-mix(in srgb, var(--mct-bad, #b00020) 12%, transparent); }
.mct-line-hint { background: color-mix(in srgb, var(--mct-tip, #7a4a00) 12%, transparent); }
.mct-line.mct-current { box-shadow: inset 3px 0 var(--jp-brand-color1, #0d6efd); }
.mct-line-error::before, .mct-line-error::after { color: var(--mct-bad, #b00020); }
.mct-line-hint::before, .mct-line-hint::after { color: var(--mct-tip, #7a4a00); }
.mct-field.mct-current { box-shadow: -4px 0 var(--jp-layout-color1, #fff), -7px 0 var(--jp-brand-color1, #0d6efd); }
.mct-form .mct-title-row { align-items: baseline; display: flex; flex-flow: row wrap; gap: 4px 12px;
  justify-content: space-between;  max-width: none; overflow: visible; }
.mct-form .mct-title-row > * { margin: 0; overflow: visible; }
.mct-form h2.mct-head { font-family: inherit; margin: 0; }
.mct-form h3.mct-section { font-family: inherit; font-size: inherit; }
.mct-quiet { color: var(--jp-ui-font-color2, #555); }
.mct-syntax-error { padding: 0 12px 4px; }
.mct-response > * { transition: opacity 0.1s; }
.mct-response.mct-busy > .widget-html { opacity: 0.45; transition-delay: 0.4s; }
.mct-metadata-row { align-items: flex-end; display: flex; flex-flow: row wrap; gap: 8px; margin: 0; overflow: visible; }
.mct-metadata-row .mct-input { flex: 1 1 8em; }
.mct-metadata-row .jupyter-button { margin: 0; }
.mct-form .mct-copy { background: none; border: 1px solid var(--jp-border-color1, #bbb); border-radius: 3px;
  color: var(--jp-ui-font-color1, #212121); cursor: pointer; display: inline-block; font: inherit; padding: 0 6px; }
.mct-form .mct-inline { margin: 0; width: auto; }
.mct-form .mct-inline > .widget-label { width: auto; }
.mct-form .mct-inline select, .mct-form .mct-inline input { max-width: 16em; min-width: 6em; width: auto; }
.mct-tools { align-items: center; display: flex; flex-flow: row wrap; gap: 4px 16px; margin: 0; overflow: visible; }
.mct-announcer { clip-path: inset(50%); contain: strict; height: 1px; overflow: hidden; position: absolute;
  white-space: nowrap; width: 1px; }
.mct-kernel-lost { border: 2px solid var(--mct-bad, #b00020); font-weight: 600; margin: 8px; padding: 8px 12px; }
.mct-no-kernel .mct-part { opacity: 0.55; }
.mct-confirm { background: var(--jp-layout-color2, #f3f3f3); border-left: 4px solid var(--mct-bad, #b00020); }
.mct-real { border: 2px solid var(--mct-bad, #b00020); }
.mct-real .mct-headline { color: var(--mct-bad, #b00020); font-weight: 600; }
.mct-fields > * { flex: none; overflow: visible; }
.mct-section { color: var(--jp-ui-font-color1, #212121); font-weight: 600; margin: 10px 0 2px; }
.mct-field { margin: 0 0 4px; overflow: visible; }
.mct-fields > .mct-field { contain-intrinsic-size: auto 83px; content-visibility: auto; margin: 0 -4px 4px;
  padding: 0 4px; } /* room for the focus outline */
.mct-field .mct-input { display: block; height: auto; margin: 0; }
.mct-field .mct-input > .widget-label { display: block; height: auto; line-height: 1.5; margin: 0; max-width: none;
  overflow: visible; text-align: left; white-space: normal; width: auto; }
.mct-field .widget-label em { color: var(--jp-ui-font-color2, #555); font-style: normal; }
.mct-field .widget-label code { background: none; color: var(--jp-ui-font-color2, #555); font-size: 12px;
  overflow-wrap: anywhere; }
.mct-field .widget-label .mct-mark { float: right; }
.mct-field input { display: block; }
/* Paint the focused field last: a blinking caret repaints everything above it in the same pane. */
.mct-fields > .mct-field:focus-within { z-index: 1; }
.mct-field:focus-within .mct-input { position: relative; z-index: 1; }
.mct-field input, .mct-field select { flex: none; height: 28px; max-width: none; min-width: 0; width: 100% !important; }
.mct-help { color: var(--jp-ui-font-color2, #555); font-size: 12px; min-height: 36px; } /* 2 lines: a message fits */
.mct-field [aria-invalid="true"] { border-color: var(--mct-bad, #b00020) !important; }
.mct-form .mct-bad { color: var(--mct-bad, #b00020); }
.mct-form .mct-tip { color: var(--mct-tip, #7a4a00); }
.mct-form .mct-good { color: var(--mct-good, #1b6e20); }
[data-jp-theme-light="false"] .mct-form { --mct-good: #81c784; --mct-bad: #ff8a80; --mct-tip: #ffcc80;
  --jp-widgets-dropdown-arrow: url("data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 18 18'%3E\
%3Cpath fill='%23ddd' d='M5.2 5.9 9 9.7l3.8-3.8 1.2 1.2-4.9 5-5-5z'/%3E%3C/svg%3E"); }
.mct-field .mct-now { align-self: flex-start; margin: 2px 0 0; }
.mct-problem { align-items: flex-start; display: flex; flex-wrap: wrap; gap: 2px 8px; justify-content: space-between; }
.mct-problem > span { flex: 1 1 16em; }
.mct-form .mct-fix { background: var(--jp-layout-color2, #eee); border: 1px solid var(--jp-border-color1, #bbb);
  border-radius: 3px; color: var(--jp-ui-font-color1, #212121); cursor: pointer; font: inherit; line-height: 22px;
  margin-top: 4px; padding: 0 8px; }
.mct-help > .widget-html-content { flex: 1; }
.mct-form .jupyter-button { max-width: 100%; overflow: hidden; text-overflow: ellipsis; }
.mct-send { align-items: center; display: flex; flex-wrap: wrap; gap: 4px 12px; }
.mct-part.mct-send > .mct-inline { margin-left: auto; }
.mct-form .mct-once:disabled { cursor: default; opacity: 0.6; }
.mct-response .jupyter-button, .mct-responses .jupyter-button { align-self: flex-start; margin: 4px 0 0; }
.mct-form .jupyter-button.mod-warning { color: #111; }
.mct-confirm .jupyter-button:not(.mod-danger) { border: 1px solid var(--jp-border-color1, #bbb); }
.mct-form .mct-monitor, .mct-monitor > * { margin: 0; overflow: visible; }
.mct-monitor .mct-scroll { max-height: 400px; overflow: auto; }
.mct-monitor > :first-child:not(:last-child) .mct-scroll { margin-bottom: 12px; max-height: 170px; }
.mct-monitor thead th { background: var(--jp-layout-color0, #fff); position: sticky; top: 0; }
.mct-form .mct-top .mct-live { flex: 1; margin: 0; min-width: 0; }
.mct-cancel { animation: mct-appear-late 1ms 0.4s both; }
@keyframes mct-appear-late { from { visibility: hidden; } }
.mct-send .jupyter-button { height: auto; margin: 0; min-height: 28px; white-space: normal; width: auto; }
.mct-form .jupyter-widget-Accordion, .mct-form .jupyter-widget-accordion { margin: 4px 0 0; }
@container (max-width: 720px) {
  .mct-top { flex-wrap: wrap; justify-content: flex-start; }
  .mct-form .mct-top .mct-status, .mct-form .mct-top .mct-live { flex: 1 0 100%; }
  .mct-form .mct-part .mct-inline { margin-left: 0; max-width: 100%; }
  .mct-form .mct-inline select, .mct-form .mct-inline input { flex: 1; min-width: 0; }
  .mct-middle { display: block; height: auto; }
  .mct-middle > * { position: static; width: auto; }
  .mct-fields { height: 400px; }
  .mct-preview { border-left: 0; border-top: 1px solid var(--jp-border-color2, #ddd); height: 320px; }
}
@container (max-width: 420px) {
  .mct-form :is(.mct-top, .mct-send, .mct-responses) .jupyter-button { flex: 1 0 100%; margin: 0; width: 100%; }
  .mct-send > .widget-html:first-child { flex: 1 0 100%; }
}
"""
