// What ipywidgets cannot do: copy a text, go to a field, announce a change to a screen reader, tie each help line to
// its input, and notice that the kernel has gone. Draws nothing but a notice, and asks nothing of any network.

const LOST = new Set(["restarting", "autorestarting", "terminating", "dead"]);

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

  function goTo(name) {
    const field = form?.querySelector(`[class~="mct-at-${CSS.escape(name)}"]`);
    const input = field?.querySelector("input, select, textarea");
    if (!input || input.offsetParent === null) return false;
    input.scrollIntoView({ block: "center" });
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
    // A browser takes the focus from a button that is disabled or hidden: Send gets it, for whoever uses the keyboard.
    setTimeout(() => {
      if (document.activeElement === document.body) button.focus({ preventScroll: true });
    }, 100);
  }

  async function clicked(event) {
    const button = event.target.closest?.("[data-mct-copy], [data-mct-go]");
    if (!button) return;
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
      put(input, "aria-invalid", String(field.classList.contains("mct-wrong")));
      if (field.classList.contains("mct-must")) put(input, "aria-required", "true");
    }
    for (const scroller of form.querySelectorAll(".mct-fields, .mct-preview")) {
      put(scroller, "tabindex", "0");
      put(scroller, "role", "group");
      put(scroller, "aria-label", model.get(scroller.classList.contains("mct-fields") ? "fields" : "preview"));
    }
  }

  let tying = 0;
  const watcher = new MutationObserver((changes) => {
    if (pressed && !pressed.disabled && changes.some((change) => change.attributeName === "disabled")) release();
    tying ||= requestAnimationFrame(() => {
      tying = 0;
      tie();
    });
  });

  function settle() {
    form = el.closest(".mct-form");
    if (!form) return void requestAnimationFrame(settle);
    form.addEventListener("click", once, { capture: true, signal: stop.signal });
    form.addEventListener("click", clicked, { signal: stop.signal });
    watcher.observe(form, { subtree: true, childList: true, attributes: true, attributeFilter: ["class", "disabled"] });
    tie();
  }
  settle();

  const announce = () => (said.textContent = model.get("announcement"));
  model.on("change:announcement", announce);
  const told = (message) => {
    if (message.go !== undefined) setTimeout(() => goTo(message.go), 150);
  };
  model.on("msg:custom", told);

  const kernel = model.widget_manager?.kernel;
  const onStatus = (_, status) => {
    if (!LOST.has(status)) return;
    lost.textContent = model.get("lost");
    lost.hidden = false;
    form?.classList.add("mct-gone");
  };
  kernel?.statusChanged?.connect(onStatus);

  return () => {
    stop.abort();
    watcher.disconnect();
    model.off("change:announcement", announce);
    model.off("msg:custom", told);
    kernel?.statusChanged?.disconnect(onStatus);
  };
}

export default { render };
