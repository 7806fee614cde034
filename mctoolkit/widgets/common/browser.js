// The browser side of a form. It applies each update in one message, copies text, moves the focus, applies fixes,
// announces changes to screen readers, links help lines to their inputs, and reports a lost kernel.

const LOST = new Set(["restarting", "autorestarting", "terminating", "dead"]);
const ALIVE = new Set(["idle", "busy"]);
const UNKNOWN_STATUS_MS = 2000;
const TYPING_PAUSE_MS = 1000;

// Forms that were scrolled into view on their first display. A redraw does not scroll.
const displayed = new WeakSet();

// Write only changed values: a browser treats every write as a change.
function setAttribute(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

function setProperty(node, name, value) {
  if (node[name] !== value) node[name] = value;
}

const placeOf = (field) => field.className.match(/(?:^|\s)mct-at-(\S+)/)?.[1];

// Show HTML from the kernel in an element of ipywidgets, beside the content that ipywidgets manages.
const filledHtml = new WeakMap();
function fill(parent, html) {
  let node = parent?.querySelector(":scope > .mct-filled");
  if (!parent || (!node && !html)) return;
  if (!node) {
    node = document.createElement("div");
    node.className = "mct-filled";
    parent.append(node);
  }
  if (filledHtml.get(node) === html) return;
  node.innerHTML = html;
  filledHtml.set(node, html);
}

async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

function render({ model, el }) {
  const announcer = document.createElement("div");
  announcer.className = "mct-announcer";
  announcer.setAttribute("role", "status");
  const kernelLost = document.createElement("div");
  kernelLost.className = "mct-kernel-lost";
  kernelLost.setAttribute("role", "alert");
  kernelLost.hidden = true;
  el.append(announcer, kernelLost);

  let form = null;
  const removed = new AbortController();

  function goTo(name, focus = true) {
    const place = form?.querySelector(`[class~="mct-at-${CSS.escape(name)}"]`);
    const input = place?.querySelector("input, select, textarea") ?? place;
    if (!input || input.offsetParent === null) return false;
    if (input === place && !place.textContent.trim()) return false; // the problem is already fixed
    if (input.localName === "textarea") {
      input.dispatchEvent(new CustomEvent("mct-show-syntax-error", { detail: { focus } }));
      return true;
    }
    input.scrollIntoView({ block: focus ? "center" : "nearest" });
    if (!focus) return true;
    if (input === place) input.setAttribute("tabindex", "-1");
    input.focus();
    return true;
  }

  // Treat a double click as one click: the kernel may finish the first request before it receives the second click.
  // Keep the width of Send while it shows "Sending...", so that the layout does not move.
  let pressed = null;
  function onClickCapture(event) {
    const button = event.target.closest?.(".mct-once");
    if (!button) return;
    if (event.detail > 1) return void event.stopImmediatePropagation();
    release();
    pressed = form.querySelector(".mct-send .mct-once");
    pressed.style.minWidth = `${pressed.offsetWidth}px`;
  }

  function release() {
    const button = pressed;
    if (!button) return;
    pressed = null;
    button.style.minWidth = "";
    restoreFocus(button);
  }

  // A browser removes the focus from an element that is disabled, hidden or deleted. Keyboard users need it back.
  function restoreFocus(element) {
    setTimeout(() => {
      if (document.activeElement === document.body) element?.focus({ preventScroll: true });
    }, 100);
  }

  async function onClick(event) {
    const button = event.target.closest?.("[data-mct-copy], [data-mct-go], [data-mct-fix], [data-mct-press]");
    if (!button) return;
    if (button.dataset.mctPress !== undefined) return model.send({ press: button.dataset.mctPress });
    if (button.dataset.mctFix !== undefined) {
      const field = button.closest(".mct-field");
      model.send({ fix: button.dataset.mctFix });
      field?.querySelector("input, select")?.focus({ preventScroll: true }); // the button is about to disappear
      restoreFocus(form.querySelector(".mct-fields"));
      return;
    }
    if (button.dataset.mctGo !== undefined) {
      if (!goTo(button.dataset.mctGo)) model.send({ unfold: button.dataset.mctGo });
      return;
    }
    await copyText(button.dataset.mctCopy);
    button.dataset.mctLabel ??= button.textContent;
    button.textContent = model.get("copied");
    announcer.textContent = model.get("copied");
    setTimeout(() => (button.textContent = button.dataset.mctLabel), 1500);
  }

  // Show the state from the kernel. Also called after ipywidgets has created parts of the form.
  function showState() {
    const { status, send, send_note: note, messages } = model.get("view_state");
    if (status === undefined) return; // a form without a request, such as the event pad
    fill(form.querySelector(".mct-status > .widget-html-content"), status);
    fill(form.querySelector(".mct-send-note > .widget-html-content"), note);
    const button = form.querySelector('[data-mct-press="send"]');
    if (button) {
      setProperty(button.firstChild ?? button.appendChild(new Text()), "data", send.message);
      setProperty(button, "className", `jupyter-button mct-once mod-${send.style}`);
      setProperty(button, "disabled", send.busy);
    }
    for (const help of form.querySelectorAll(".mct-field > .mct-help > .widget-html-content")) {
      const field = help.closest(".mct-field");
      const message = messages[placeOf(field)] ?? ""; // replaces the help text
      if (help.firstElementChild) setProperty(help.firstElementChild, "hidden", message !== "");
      fill(help, message);
      const input = field.querySelector("input, select");
      if (input) setAttribute(input, "aria-invalid", String(help.querySelector(".mct-bad") !== null));
    }
  }

  // The accessible description of a field: a copy of its help line, updated on focus and after a pause in typing.
  // Chromium's autofill rescans the whole form each time that a description changes, which is slow while typing.
  function describe(field) {
    const [input, help] = [field.querySelector("input, select, textarea"), field.querySelector(".mct-help")];
    if (!input || !help) return;
    let description = help.querySelector(".mct-described");
    if (!description) {
      description = document.createElement("span");
      description.className = "mct-described";
      description.id = `mct-described-${Math.random().toString(36).slice(2)}`;
      description.hidden = true;
      help.append(description);
    }
    const lines = help.querySelector(".widget-html-content")?.childNodes ?? [];
    const text = Array.from(lines, (line) => (line.hidden ? "" : line.textContent)).join(" ").trim();
    setProperty(description, "textContent", text);
    setAttribute(input, "aria-describedby", description.id);
  }

  function onFocus(event) {
    const field = event.target.closest(".mct-field");
    if (field) describe(field);
  }

  let describeTimer = 0;
  function describeLater() {
    clearTimeout(describeTimer);
    describeTimer = setTimeout(() => form.querySelectorAll(".mct-field").forEach(describe), TYPING_PAUSE_MS);
  }

  function connect() {
    showState();
    describeLater();
    for (const field of form.querySelectorAll(".mct-field")) {
      const input = field.querySelector("input, select, textarea");
      const help = field.querySelector(".mct-help");
      if (!input || !help) continue;
      if (!help.querySelector(".mct-described")) describe(field);
      if (field.classList.contains("mct-required")) setAttribute(input, "aria-required", "true");
    }
    const scroller = form.querySelector(".mct-fields");
    if (!scroller) return;
    setAttribute(scroller, "tabindex", "0");
    setAttribute(scroller, "role", "group");
    setAttribute(scroller, "aria-label", model.get("fields_label"));
  }

  // Announce the status line to screen readers when it changes.
  let announcedStatus = null;
  function announceStatus() {
    const status = model.get("view_state").status_text ?? "";
    if (announcedStatus !== null && status !== announcedStatus) announcer.textContent = status;
    announcedStatus = status;
  }

  // Ignore changes that this file and the JSON editor make: only new elements of ipywidgets need connect().
  const OWN_ELEMENTS = ".mct-filled, .mct-described, .mct-announcer, .mct-json-text, [data-mct-press]";
  let connectFrame = 0;
  const observer = new MutationObserver((changes) => {
    if (pressed && !pressed.disabled && changes.some((change) => change.attributeName === "disabled")) release();
    if (changes.every(({ target }) => target.closest(OWN_ELEMENTS))) return;
    connectFrame ||= requestAnimationFrame(() => {
      connectFrame = 0;
      connect();
    });
  });

  function attach() {
    if (removed.signal.aborted) return;
    form = el.closest(".mct-form");
    if (!form) return void requestAnimationFrame(attach);
    form.addEventListener("click", onClickCapture, { capture: true, signal: removed.signal });
    form.addEventListener("click", onClick, { signal: removed.signal });
    form.addEventListener("focusin", onFocus, { signal: removed.signal });
    observer.observe(form, { subtree: true, childList: true, attributes: true, attributeFilter: ["class", "disabled"] });
    connect();
    announceStatus();
    if (!displayed.has(model)) requestAnimationFrame(() => requestAnimationFrame(bringIntoView));
    displayed.add(model);
  }
  attach();

  // Shift+Enter scrolls to the end of the old output. Scroll back to the top of a form that is taller than that.
  function bringIntoView() {
    const box = form.getBoundingClientRect();
    if (box.top < 0 && box.bottom > 0) form.scrollIntoView({ block: "start" });
  }

  const onStateChange = () => {
    if (!form) return;
    showState();
    announceStatus();
    describeLater();
  };
  model.on("change:view_state", onStateChange);
  const announce = () => (announcer.textContent = model.get("announcement"));
  model.on("change:announcement", announce);
  const onMessage = (message) => {
    if (message.focus !== undefined) setTimeout(() => goTo(message.focus), 150);
    if (message.scroll_to !== undefined) setTimeout(() => goTo(message.scroll_to, false), 150);
  };
  model.on("msg:custom", onMessage);

  const kernel = model.widget_manager?.kernel;
  const onKernelLost = () => {
    kernelLost.textContent = model.get("kernel_lost");
    kernelLost.hidden = false;
    form?.classList.add("mct-no-kernel");
  };
  let unknownTimer = 0;
  const onKernelStatus = (_, status) => {
    if (ALIVE.has(status)) clearTimeout(unknownTimer);
    else if (LOST.has(status)) onKernelLost();
    else if (status === "unknown") unknownTimer = setTimeout(onKernelLost, UNKNOWN_STATUS_MS); // may be a short break
  };
  kernel?.statusChanged?.connect(onKernelStatus);
  kernel?.disposed?.connect(onKernelLost);

  return () => {
    removed.abort();
    observer.disconnect();
    model.off("change:view_state", onStateChange);
    model.off("change:announcement", announce);
    model.off("msg:custom", onMessage);
    clearTimeout(unknownTimer);
    clearTimeout(describeTimer);
    kernel?.statusChanged?.disconnect(onKernelStatus);
    kernel?.disposed?.disconnect(onKernelLost);
  };
}

export default { render };
