// What ipywidgets cannot do: copy a text, go to a field, mend from within a line of text, announce a change to a screen
// reader, tie each help line to its input, and notice that the kernel has gone. Draws nothing but a notice, and asks nothing of any network.

const LOST = new Set(["restarting", "autorestarting", "terminating", "dead"]);
const ALIVE = new Set(["idle", "busy"]);
const DOUBT_MS = 2000;

// Forms that have been seen once: when one wakes, it is brought into view; when it is drawn anew, nothing moves.
const woken = new WeakSet();

// To the browser an attribute that is written has changed, also when it has not.
function put(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
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
    const button = event.target.closest?.("[data-mct-copy], [data-mct-go], [data-mct-mend]");
    if (!button) return;
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

  function tie() {
    for (const field of form.querySelectorAll(".mct-field")) {
      const input = field.querySelector("input, select, textarea");
      const help = field.querySelector(".mct-help");
      if (!input || !help) continue;
      help.id ||= `mct-help-${Math.random().toString(36).slice(2)}`;
      put(input, "aria-describedby", help.id);
      put(input, "aria-invalid", String(help.querySelector(".mct-bad") !== null));
      if (field.classList.contains("mct-must")) put(input, "aria-required", "true");
    }
    const state = form.querySelector("[data-mct-say]")?.dataset.mctSay ?? "";
    if (stateSaid !== null && state !== stateSaid) said.textContent = state;
    stateSaid = state;
    const scroller = form.querySelector(".mct-fields");
    if (!scroller) return;
    put(scroller, "tabindex", "0");
    put(scroller, "role", "group");
    put(scroller, "aria-label", model.get("fields"));
  }

  let stateSaid = null; // of the draft, as its line on top has it; once it is said, other things may follow
  let tying = 0;
  const watcher = new MutationObserver((changes) => {
    if (pressed && !pressed.disabled && changes.some((change) => change.attributeName === "disabled")) release();
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
    watcher.observe(form, { subtree: true, childList: true, attributes: true, attributeFilter: ["class", "disabled"] });
    tie();
    if (!woken.has(model)) requestAnimationFrame(() => requestAnimationFrame(bringIntoView));
    woken.add(model);
  }
  settle();

  // Shift+Enter scrolls to the end of what was there before: of a form that is waking, only its foot would be seen.
  function bringIntoView() {
    const shown = form.getBoundingClientRect();
    if (shown.top < 0 && shown.bottom > 0) form.scrollIntoView({ block: "start" });
  }

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
    model.off("change:announcement", announce);
    model.off("msg:custom", told);
    clearTimeout(doubt);
    kernel?.statusChanged?.disconnect(onStatus);
    kernel?.disposed?.disconnect(onLost);
  };
}

export default { render };
