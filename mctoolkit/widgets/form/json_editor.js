// The request as editable JSON. A plain textarea handles typing, keys and screen readers; a highlighted copy of its
// text, with line numbers, covers it exactly.

const TOKEN = /"(?:[^"\\\n]|\\.)*"?|[-+.\w]+|\n|[^\S\n]+|./gu;
const LITERALS = new Set(["true", "false", "null"]);
const TEXTAREA_DELAY_MS = 150;
const LEVEL_SIGNS = { error: "!", hint: "i" };
const NO_BREAK = "\u00a0"; // as wide as a digit
const MAX_DEPTH = 8; // a problem deeper than this is marked at its ancestor

const slug = (place) => place.map((part) => String(part).replace(/[^A-Za-z0-9]/gu, "_")).join("-");

function createElement(name, className, text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

// Write only changed values: a browser lays out again after every write.
function setProperty(node, name, value) {
  if (node[name] !== value) node[name] = value;
}

function unquoted(token) {
  try {
    return JSON.parse(token);
  } catch {
    return token;
  }
}

// Split a text into lines of [kind, token] and find the line on which each place of the body starts. Accepts incomplete
// JSON.
function parseLines(text) {
  const lines = [[]];
  const starts = new Map([["[]", { line: 0, name: "" }]]);
  const containers = []; // the open brackets: whether each is a list, and the key or index of the next member
  function startsAt(line) {
    if (containers.length > MAX_DEPTH) return;
    const place = containers.map(({ next }) => next);
    starts.set(JSON.stringify(place), { line, name: slug(place) });
  }
  let name = null; // the last string, with its line: a colon makes it a key
  for (const [token] of text.matchAll(TOKEN)) {
    const line = lines.length - 1;
    const container = containers.at(-1);
    const push = (kind) => lines[line].push([kind, token]);
    if (token === "\n") lines.push([]);
    else if (token === "{" || token === "[") {
      if (container?.list) startsAt(line);
      containers.push({ list: token === "[", next: token === "[" ? 0 : null });
      push("");
    } else if (token === "}" || token === "]") {
      containers.pop();
      push("");
    } else if (token === ",") {
      if (container) container.next = container.list ? container.next + 1 : null;
      push("");
    } else if (token === ":" && container && !container.list && name) {
      container.next = unquoted(name.token[1]);
      name.token[0] = "key";
      startsAt(name.line);
      name = null;
      push("");
    } else if (token.trim() === "") push("");
    else {
      if (container?.list) startsAt(line);
      push(token.startsWith('"') ? "text" : LITERALS.has(token) ? "number" : Number.isNaN(Number(token)) ? "" : "number");
      name = token.startsWith('"') ? { token: lines[line].at(-1), line } : null;
    }
  }
  return { lines, starts };
}

// Number each typed text, so that the latest wins across several views of a form.
let lastStamp = 0;
const stamp = () => (lastStamp = Math.max(lastStamp + 1, Date.now()));

async function render({ model, el }) {
  // The request is part of the one message that the bridge receives on each keystroke.
  const bridge = await model.widget_manager.get_model(model.get("bridge").replace("IPY_MODEL_", ""));
  const labels = model.get("labels");
  el.setAttribute("role", "group");
  el.setAttribute("aria-label", labels.title);
  const counts = createElement("span", "mct-quiet mct-counts", " ");
  const copy = createElement("button", "mct-copy", labels.copy);
  copy.type = "button";
  copy.setAttribute("aria-label", labels.copy_label);
  const head = createElement("div", "mct-request-head");
  head.append(createElement("b", "", labels.title), counts, copy);
  const syntaxError = createElement("div", "mct-syntax-error mct-bad");
  syntaxError.hidden = true;
  const go = createElement("button", "mct-go", labels.go_there);
  go.type = "button";
  go.addEventListener("click", () => goToSyntaxError(true));
  syntaxError.append(createElement("span", ""), go);
  const address = createElement("div", "mct-address");
  address.append(createElement("b", "mct-method", "POST"), ` ${labels.address}`);
  const area = createElement("textarea", "");
  area.spellcheck = false;
  for (const off of ["autocapitalize", "autocomplete", "autocorrect"]) area.setAttribute(off, "off");
  area.setAttribute("aria-label", labels.label);
  syntaxError.id = `mct-syntax-error-${Math.random().toString(36).slice(2)}`;
  area.setAttribute("aria-describedby", syntaxError.id);
  const highlighted = createElement("pre", "mct-json");
  highlighted.setAttribute("aria-hidden", "true");
  const textBox = createElement("div", "mct-json-text mct-at-json-text");
  textBox.append(area, highlighted);
  const scroller = createElement("div", "mct-json-scroll");
  scroller.append(address, textBox);
  el.append(head, syntaxError, scroller);

  const drawnLines = []; // for each line: its node and what the node shows
  let shown = bridge.get("view_state").request;
  let places = []; // for each line: the place that starts there
  let focused = null; // the place of the focused field
  let typed = 0;
  let pendingText = null; // the text to write to the textarea
  let writeTimer = 0;
  let lastText = ""; // the text as last typed or written

  function drawLine(line, number, tokens, level) {
    const { node, tokens: before } = line;
    if (before.length === tokens.length && before.every(([kind], at) => kind === tokens[at][0])) {
      tokens.forEach(([, token], at) => setProperty((node.childNodes[at].firstChild ?? node.childNodes[at]), "nodeValue", token));
    } else {
      node.replaceChildren(...tokens.map(([kind, token]) => (kind ? createElement("span", `mct-${kind}`, token) : token)));
    }
    if (line.number !== number) node.dataset.number = number;
    if (line.level !== level) {
      node.classList.toggle("mct-line-error", level === "error");
      node.classList.toggle("mct-line-hint", level === "hint");
      if (level) node.dataset.sign = LEVEL_SIGNS[level];
      else delete node.dataset.sign;
    }
    Object.assign(line, { number, tokens, level });
  }

  // Insert or remove lines where the texts differ. Untouched lines need no new layout.
  function resizeTo(lines) {
    const textOf = (tokens) => tokens.map(([, token]) => token).join("");
    const most = Math.min(lines.length, drawnLines.length);
    let head = 0;
    while (head < most && textOf(lines[head]) === textOf(drawnLines[head].tokens)) head += 1;
    const more = Math.max(lines.length - drawnLines.length, 0);
    const added = Array.from({ length: more }, () => ({ node: createElement("div", "mct-line"), tokens: [] }));
    const deleted = drawnLines.splice(head, Math.max(drawnLines.length - lines.length, 0), ...added);
    for (const { node } of deleted) node.remove();
    const nodes = added.map(({ node }) => node);
    if (head > 0) drawnLines[head - 1].node.after(...nodes);
    else highlighted.prepend(...nodes);
  }

  function draw(text) {
    const { lines, starts } = parseLines(text);
    places = [];
    for (const { line, name } of starts.values()) places[line] ??= name;
    const levels = [];
    for (const [place, level] of shown.marks) {
      let found;
      for (let depth = place.length; !found; depth -= 1) found = starts.get(JSON.stringify(place.slice(0, depth)));
      const { line } = found;
      if (levels[line] !== "error") levels[line] = level;
    }
    if (shown.syntax_error && shown.text === text) levels[lineOfSyntaxError(text)] = "error";
    resizeTo(lines);
    const digits = String(lines.length).length;
    lines.forEach((tokens, at) => drawLine(drawnLines[at], String(at + 1).padStart(digits, NO_BREAK), tokens, levels[at]));
    if (el.style.getPropertyValue("--mct-digits") !== String(digits)) el.style.setProperty("--mct-digits", digits);
    highlightLine(focused, false);
  }

  const syntaxErrorText = (found) => (found ? `${found.where}: ${found.message} ` : "");

  function lineOfSyntaxError(text) {
    return text.slice(0, shown.syntax_error.at).split("\n").length - 1;
  }

  function show() {
    shown = bridge.get("view_state").request;
    setProperty(counts.firstChild, "nodeValue", shown.counts);
    setProperty(syntaxError, "hidden", !shown.syntax_error);
    setProperty(area, "ariaInvalid", String(Boolean(shown.syntax_error)));
    setProperty(syntaxError.firstChild, "textContent", syntaxErrorText(shown.syntax_error));
    // Ignore a text that is older than the last keystroke: it would overwrite newer typing.
    if (shown.typed < typed) return;
    draw(shown.text);
    pendingText = shown.text;
    clearTimeout(writeTimer);
    if (!area.value || document.activeElement === area) writePending();
    else writeTimer = setTimeout(writePending, TEXTAREA_DELAY_MS);
  }

  // The textarea is invisible under the highlighted copy, and writing it is slow, so the update can wait.
  function writePending() {
    clearTimeout(writeTimer);
    if (pendingText === null) return;
    replaceText(pendingText);
    pendingText = null;
  }

  // Replace the text and keep the cursor in the part that both texts share.
  function replaceText(text) {
    const old = area.value;
    if (old === text) return;
    const most = Math.min(old.length, text.length);
    let [head, tail] = [0, 0];
    while (head < most && old[head] === text[head]) head += 1;
    while (tail < most - head && old.at(-1 - tail) === text.at(-1 - tail)) tail += 1;
    const shifted = (at) => {
      if (at <= head) return at;
      return at >= old.length - tail ? at + text.length - old.length : text.length - tail;
    };
    const cursor = [shifted(area.selectionStart), shifted(area.selectionEnd)];
    area.value = lastText = text;
    if (document.activeElement === area) area.setSelectionRange(...cursor);
  }

  function goToSyntaxError(focus) {
    const found = shown.syntax_error;
    if (focus) area.focus({ preventScroll: true });
    if (!found) return;
    if (focus) area.setSelectionRange(found.at, found.at + 1);
    scrollTo(scroller, drawnLines[lineOfSyntaxError(pendingText ?? area.value)]?.node);
  }

  function scrollTo(pane, node) {
    if (!node || !pane) return;
    const [outer, inner] = [pane.getBoundingClientRect(), node.getBoundingClientRect()];
    if (inner.top < outer.top) pane.scrollTop -= outer.top - inner.top + 8;
    else if (inner.bottom > outer.bottom) pane.scrollTop += inner.bottom - outer.bottom + 8;
  }

  // Highlight the line of the focused field.
  function highlightLine(place, scroll) {
    focused = place;
    const line = place === null ? undefined : drawnLines[places.indexOf(place)]?.node;
    for (const node of highlighted.querySelectorAll(".mct-current")) if (node !== line) node.classList.remove("mct-current");
    if (!line) return;
    if (!line.classList.contains("mct-current")) line.classList.add("mct-current");
    if (scroll) scrollTo(scroller, line);
  }

  const placeOf = (field) => field?.className.match(/(?:^|\s)mct-at-(\S+)/)?.[1] ?? null;

  const removed = new AbortController();
  let form = null;
  function attach() {
    if (removed.signal.aborted) return;
    form = el.closest(".mct-form");
    if (!form) return void requestAnimationFrame(attach);
    form.addEventListener(
      "focusin",
      (event) => {
        const field = event.target.closest(".mct-field");
        if (field) highlightLine(placeOf(field), true);
        else if (event.target !== area) highlightLine(null, false);
      },
      { signal: removed.signal },
    );
    form.addEventListener("keydown", onHistoryKey, { capture: true, signal: removed.signal });
    form.addEventListener("focusout", () => highlightLine(null, false), { signal: removed.signal });
  }
  attach();

  // Highlight the field of the line that contains the cursor.
  function followCursor() {
    if (document.activeElement !== area) return;
    const line = area.value.slice(0, area.selectionStart).split("\n").length - 1;
    const field = places[line] ? form?.querySelector(`.mct-field[class~="mct-at-${CSS.escape(places[line])}"]`) : null;
    highlightField(field);
    if (field?.offsetParent) scrollTo(field.closest(".mct-fields"), field);
  }

  function highlightField(field) {
    for (const other of form?.querySelectorAll(".mct-field.mct-current") ?? []) other.classList.remove("mct-current");
    field?.classList.add("mct-current");
  }

  area.addEventListener("input", (event) => {
    if (event.inputType?.startsWith("history")) return void (area.value = lastText); // a native undo reached the wrong input
    pendingText = null;
    typed = stamp();
    lastText = area.value;
    draw(area.value);
    model.send({ text: area.value, typed });
  });
  // The form has one undo history for its fields and the text. The browser's own undo does not know the form's edits,
  // and JupyterLab's undo applies to cells.
  function onHistoryKey(event) {
    const key = event.key.toLowerCase();
    if (!(event.ctrlKey || event.metaKey) || !["z", "y"].includes(key)) return;
    if (event.target !== area && !placeOf(event.target.closest(".mct-field"))) return;
    event.preventDefault();
    event.stopPropagation();
    model.send({ history: key === "y" || event.shiftKey ? "redo" : "undo" });
  }

  area.addEventListener("beforeinput", (event) => {
    if (!event.inputType.startsWith("history")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    model.send({ history: event.inputType === "historyUndo" ? "undo" : "redo" });
  });
  area.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.stopPropagation();
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.isComposing) return;
    const before = area.value.slice(0, area.selectionStart);
    const indent = before.split("\n").at(-1).match(/^\s*/)[0] + (/[[{]\s*$/.test(before) ? "  " : "");
    event.preventDefault();
    document.execCommand("insertText", false, `\n${indent}`); // keeps the input event
  });
  for (const before of ["pointerdown", "focus"]) area.addEventListener(before, writePending);
  area.addEventListener("blur", () => highlightField(null));
  area.addEventListener("mct-show-syntax-error", (event) => goToSyntaxError(event.detail.focus));
  document.addEventListener("selectionchange", followCursor, { signal: removed.signal });
  copy.addEventListener("click", () => (copy.dataset.mctCopy = pendingText ?? area.value)); // browser.js copies it

  bridge.on("change:view_state", show);
  show();
  return () => {
    removed.abort();
    clearTimeout(writeTimer);
    bridge.off("change:view_state", show);
  };
}

export default { render };
