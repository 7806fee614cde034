"""The style sheet of the form: JupyterLab's own variables, so that light, dark and high contrast look native."""

from __future__ import annotations

__all__ = ["FORM_STYLE"]

FORM_STYLE = """
.mct-form { border: 1px solid var(--jp-border-color2, #ddd); border-radius: 4px; container-type: inline-size;
  margin: 2px; overflow: hidden; }
.mct-form .widget-html-content { line-height: 1.45; }
.mct-form .widget-html { height: auto; margin: 0; width: auto; }
.mct-part { margin: 0; overflow: visible; padding: 8px 12px; }
.mct-part + .mct-part { border-top: 1px solid var(--jp-border-color2, #ddd); }
.mct-status { min-height: 42px; }
.mct-middle { display: grid; gap: 0; grid-template-columns: minmax(0, 6fr) minmax(0, 5fr); height: 400px; padding: 0; }
.mct-fields { margin: 0; overflow-x: hidden; overflow-y: auto; padding: 4px 12px 12px; }
.mct-preview { border-left: 1px solid var(--jp-border-color2, #ddd); margin: 0; overflow: auto; padding: 8px 12px; }
.mct-preview pre { font-family: var(--jp-code-font-family, monospace); font-size: 12px; line-height: 1.45; margin: 0;
  overflow-wrap: anywhere; white-space: pre-wrap; color: var(--jp-content-font-color1, #000); background: none; }
.mct-over { color: var(--jp-ui-font-color2, #555); display: flex; justify-content: space-between; gap: 8px; }
.mct-section { color: var(--jp-ui-font-color1, #212121); font-weight: 600; margin: 10px 0 2px; }
.mct-field { margin: 0 0 10px; overflow: visible; }
.mct-field .mct-input { align-items: stretch; display: flex; flex-direction: column; height: auto; margin: 0; }
.mct-field .mct-input > .widget-label { display: block; height: auto; line-height: 1.5; margin: 0; max-width: none;
  overflow: visible; text-align: left; white-space: normal; width: auto; }
.mct-field .widget-label em { color: var(--jp-ui-font-color2, #555); font-style: normal; }
.mct-field .widget-label code { background: none; color: var(--jp-ui-font-color2, #555); font-size: 12px; }
.mct-field .widget-label .mct-mark { float: right; }
.mct-field input, .mct-field select { max-width: none; min-width: 0; width: 100% !important; }
.mct-field input:focus-visible, .mct-field select:focus-visible, .mct-form button:focus-visible
  { outline: 2px solid var(--jp-brand-color1, #0d6efd); outline-offset: 1px; }
.mct-help { color: var(--jp-ui-font-color2, #555); font-size: 12px; min-height: 18px; }
.mct-wrong input, .mct-wrong select { border-color: var(--mct-bad, #b00020) !important; }
.mct-form .mct-bad { color: var(--mct-bad, #b00020); }
.mct-form .mct-tip { color: var(--mct-tip, #7a4a00); }
.mct-form .mct-good { color: var(--mct-good, #1b6e20); }
[data-jp-theme-light="false"] .mct-form { --mct-good: #81c784; --mct-bad: #ff8a80; --mct-tip: #ffcc80; }
.mct-fix { align-self: flex-start; margin: 2px 0 0; }
.mct-form .jupyter-button { max-width: 100%; overflow: hidden; text-overflow: ellipsis; }
.mct-send { align-items: center; display: flex; flex-wrap: wrap; gap: 4px 12px; }
.mct-send .jupyter-button { height: auto; margin: 0; min-height: 28px; white-space: normal; width: auto; }
.mct-form .jupyter-widget-Accordion, .mct-form .jupyter-widget-accordion { margin: 4px 0 0; }
@container (max-width: 720px) {
  .mct-middle { grid-template-columns: minmax(0, 1fr); height: auto; }
  .mct-fields { max-height: 400px; }
  .mct-preview { border-left: 0; border-top: 1px solid var(--jp-border-color2, #ddd); max-height: 320px; }
}
"""
