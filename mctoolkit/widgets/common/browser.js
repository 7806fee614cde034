// What ipywidgets cannot do: show in one message all that changes at a key press, copy a text, go to a field, mend from
// within a line of text, announce a change to a screen reader, tie each help line to its input, and notice that the kernel
// has gone. Asks nothing of any network.

const LOST = new Set(["restarting", "autorestarting", "terminating", "dead"]);
const ALIVE = new Set(["idle", "busy"]);
const DOUBT_MS = 2000;
const REST_MS = 1000;

// Forms that have been seen once: when one wakes, it is brought into view; when it is drawn anew, nothing moves.
const woken = new WeakSet();

// To the browser an attribute that is written has changed, also when it has not.
function put(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

function set(node, name, value) {
  if (node[name] !== value) node[name] = value;
}

const placeOf = (field) => field.className.match(/(?:^|\s)mct-at-(\S+)/)?.[1];

// Show HTML of the kernel in a place that ipywidgets has made; its own things there stay.
const written = new WeakMap();
function fill(place, html) {
  let node = place?.querySelector(":scope > .mct-written");
  if (!place || (!node && !html)) return;
  if (!node) {
    node = document.createElement("div");
    node.className = "mct-written";
    place.append(node);
  }
  if (written.get(node) === html) return;
  node.innerHTML = html;
  written.set(node, html);
}

async function copy(text) {
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
  const said = document.createElement("div");
  said.className = "mct-said";
  said.setAttribute("role", "status");
  const lost = document.createElement("div");
  lost.className = "mct-lost";
  lost.setAttribute("role", "alert");
  lost.hidden = true;
  el.append(said, lost);

  let form = null;
  const stop = new AbortController();

  function goTo(name, focus = true) {
    const place = form?.querySelector(`[class~="mct-at-${CSS.escape(name)}"]`);
    const input = place?.querySelector("input, select, textarea") ?? place;
    if (!input || input.offsetParent === null) return false;
    if (input === place && !place.textContent.trim()) return false; // nothing stands there any more
    if (input.localName === "textarea") {
      input.dispatchEvent(new CustomEvent("mct-slip", { detail: { focus } })); // the request knows its own lines
      return true;
    }
    input.scrollIntoView({ block: focus ? "center" : "nearest" });
    if (!focus) return true;
    if (input === place) input.setAttribute("tabindex", "-1");
    input.focus();
    return true;
  }

  // A double click is one click: the kernel may have handled the first before it sees the second, and would send again.
  // Send keeps its width while it says "Sending...", so that nothing slides under the pointer.
  let pressed = null;
  function once(event) {
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
    keepFocus(button);
  }

  // A browser takes the focus from what is disabled, hidden or gone: this gets it, for whoever uses the keyboard.
  function keepFocus(element) {
    setTimeout(() => {
      if (document.activeElement === document.body) element?.focus({ preventScroll: true });
    }, 100);
  }

  async function clicked(event) {
    const button = event.target.closest?.("[data-mct-copy], [data-mct-go], [data-mct-mend], [data-mct-press]");
    if (!button) return;
    if (button.dataset.mctPress !== undefined) return model.send({ press: button.dataset.mctPress });
    if (button.dataset.mctMend !== undefined) {
      const field = button.closest(".mct-field");
      model.send({ mend: button.dataset.mctMend });
      field?.querySelector("input, select")?.focus({ preventScroll: true }); // the button goes with the problem
      keepFocus(form.querySelector(".mct-fields"));
      return;
    }
    if (button.dataset.mctGo !== undefined) {
      if (!goTo(button.dataset.mctGo)) model.send({ unfold: button.dataset.mctGo });
      return;
    }
    await copy(button.dataset.mctCopy);
    button.dataset.mctWords ??= button.textContent;
    button.textContent = model.get("copied");
    said.textContent = model.get("copied");
    setTimeout(() => (button.textContent = button.dataset.mctWords), 1500);
  }

  // Put what the kernel says where it belongs: at any time, also when ipywidgets has made a part of the form just now.
  function write() {
    const { status, send, note, told } = model.get("shown");
    if (status === undefined) return; // a form that has no request
    fill(form.querySelector(".mct-status > .widget-html-content"), status);
    fill(form.querySelector(".mct-send-note > .widget-html-content"), note);
    const button = form.querySelector('[data-mct-press="send"]');
    if (button) {
      set(button.firstChild ?? button.appendChild(new Text()), "data", send.message);
      set(button, "className", `jupyter-button mct-once mod-${send.style}`);
      set(button, "disabled", send.busy);
    }
    for (const help of form.querySelectorAll(".mct-field > .mct-help > .widget-html-content")) {
      const field = help.closest(".mct-field");
      const instead = told[placeOf(field)] ?? ""; // of the help, which waits hidden
      if (help.firstElementChild) set(help.firstElementChild, "hidden", instead !== "");
      fill(help, instead);
      const input = field.querySelector("input, select");
      if (input) put(input, "aria-invalid", String(help.querySelector(".mct-bad") !== null));
    }
  }

  // What a screen reader reads of a field beside its name: a copy of the line below it, made when one comes to the field
  // and when typing rests. For where a description becomes another at a key press, Chromium's autofill reads the whole
  // form anew, which takes longer than all the rest.
  function describe(field) {
    const [input, help] = [field.querySelector("input, select, textarea"), field.querySelector(".mct-help")];
    if (!input || !help) return;
    let copied = help.querySelector(".mct-described");
    if (!copied) {
      copied = document.createElement("span");
      copied.className = "mct-described";
      copied.id = `mct-described-${Math.random().toString(36).slice(2)}`;
      copied.hidden = true;
      help.append(copied);
    }
    const lines = help.querySelector(".widget-html-content")?.childNodes ?? [];
    set(copied, "textContent", Array.from(lines, (line) => (line.hidden ? "" : line.textContent)).join(" ").trim());
    put(input, "aria-describedby", copied.id);
  }

  function come(event) {
    const field = event.target.closest(".mct-field");
    if (field) describe(field);
  }

  let resting = 0;
  function rest() {
    clearTimeout(resting);
    resting = setTimeout(() => form.querySelectorAll(".mct-field").forEach(describe), REST_MS);
  }

  function tie() {
    write();
    rest();
    for (const field of form.querySelectorAll(".mct-field")) {
      const input = field.querySelector("input, select, textarea");
      const help = field.querySelector(".mct-help");
      if (!input || !help) continue;
      if (!help.querySelector(".mct-described")) describe(field);
      if (field.classList.contains("mct-must")) put(input, "aria-required", "true");
    }
    const scroller = form.querySelector(".mct-fields");
    if (!scroller) return;
    put(scroller, "tabindex", "0");
    put(scroller, "role", "group");
    put(scroller, "aria-label", model.get("fields"));
  }

  // Tell a screen reader the state of the draft, as its line on top has it, once it is another.
  let stateSaid = null;
  function say() {
    const state = model.get("shown").said ?? "";
    if (stateSaid !== null && state !== stateSaid) said.textContent = state;
    stateSaid = state;
  }

  // What is drawn here and in the request needs nothing more: only what ipywidgets has made anew is to be tied.
  const OURS = ".mct-written, .mct-described, .mct-said, .mct-paper, [data-mct-press]";
  let tying = 0;
  const watcher = new MutationObserver((changes) => {
    if (pressed && !pressed.disabled && changes.some((change) => change.attributeName === "disabled")) release();
    if (changes.every(({ target }) => target.closest(OURS))) return;
    tying ||= requestAnimationFrame(() => {
      tying = 0;
      tie();
    });
  });

  function settle() {
    if (stop.signal.aborted) return;
    form = el.closest(".mct-form");
    if (!form) return void requestAnimationFrame(settle);
    form.addEventListener("click", once, { capture: true, signal: stop.signal });
    form.addEventListener("click", clicked, { signal: stop.signal });
    form.addEventListener("focusin", come, { signal: stop.signal });
    watcher.observe(form, { subtree: true, childList: true, attributes: true, attributeFilter: ["class", "disabled"] });
    tie();
    say();
    if (!woken.has(model)) requestAnimationFrame(() => requestAnimationFrame(bringIntoView));
    woken.add(model);
  }
  settle();

  // Shift+Enter scrolls to the end of what was there before: of a form that is waking, only its foot would be seen.
  function bringIntoView() {
    const shown = form.getBoundingClientRect();
    if (shown.top < 0 && shown.bottom > 0) form.scrollIntoView({ block: "start" });
  }

  const show = () => {
    if (!form) return;
    write();
    say();
    rest();
  };
  model.on("change:shown", show);
  const announce = () => (said.textContent = model.get("announcement"));
  model.on("change:announcement", announce);
  const told = (message) => {
    if (message.go !== undefined) setTimeout(() => goTo(message.go), 150);
    if (message.show !== undefined) setTimeout(() => goTo(message.show, false), 150);
  };
  model.on("msg:custom", told);

  const kernel = model.widget_manager?.kernel;
  const onLost = () => {
    lost.textContent = model.get("lost");
    lost.hidden = false;
    form?.classList.add("mct-gone");
  };
  let doubt = 0;
  const onStatus = (_, status) => {
    if (ALIVE.has(status)) clearTimeout(doubt);
    else if (LOST.has(status)) onLost();
    else if (status === "unknown") doubt = setTimeout(onLost, DOUBT_MS); // it is also what a short break looks like
  };
  kernel?.statusChanged?.connect(onStatus);
  kernel?.disposed?.connect(onLost);

  return () => {
    stop.abort();
    watcher.disconnect();
    model.off("change:shown", show);
    model.off("change:announcement", announce);
    model.off("msg:custom", told);
    clearTimeout(doubt);
    clearTimeout(resting);
    kernel?.statusChanged?.disconnect(onStatus);
    kernel?.disposed?.disconnect(onLost);
  };
}

export default { render };
