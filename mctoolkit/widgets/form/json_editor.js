// The request as JSON: a text to read and to type in. A plain textarea takes the typing, so that keys and screen readers
// work as everywhere; a coloured copy of its text, with line numbers, lies exactly over it.

const TOKEN = /"(?:[^"\\\n]|\\.)*"?|[-+.\w]+|\n|[^\S\n]+|./gu;
const WORDS = new Set(["true", "false", "null"]);
const LATER_MS = 150;
const SIGN = { error: "!", hint: "i" };
const NO_BREAK = "\u00a0"; // a space that is as wide as a digit
const DEEPEST = 8; // what is nested deeper is marked where it begins

const slug = (place) => place.map((part) => String(part).replace(/[^A-Za-z0-9]/gu, "_")).join("-");

function element(name, className, text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

// To the browser what is written has changed, also when it has not: it lays out anew.
function set(node, name, value) {
  if (node[name] !== value) node[name] = value;
}

function unquoted(token) {
  try {
    return JSON.parse(token);
  } catch {
    return token;
  }
}

// Cut a text into lines of [kind, token], and say on which line each place of the body begins. Half a JSON is read too.
function read(text) {
  const lines = [[]];
  const starts = new Map([["[]", { line: 0, name: "" }]]);
  const holders = []; // one for each bracket that is open: the place of what it holds, and which member comes next
  function begins(line) {
    if (holders.length > DEEPEST) return;
    const place = holders.map(({ next }) => next);
    starts.set(JSON.stringify(place), { line, name: slug(place) });
  }
  let name = null; // the last text in an object, with its line: a colon makes it a key
  for (const [token] of text.matchAll(TOKEN)) {
    const line = lines.length - 1;
    const holder = holders.at(-1);
    const write = (kind) => lines[line].push([kind, token]);
    if (token === "\n") lines.push([]);
    else if (token === "{" || token === "[") {
      if (holder?.list) begins(line);
      holders.push({ list: token === "[", next: token === "[" ? 0 : null });
      write("");
    } else if (token === "}" || token === "]") {
      holders.pop();
      write("");
    } else if (token === ",") {
      if (holder) holder.next = holder.list ? holder.next + 1 : null;
      write("");
    } else if (token === ":" && holder && !holder.list && name) {
      holder.next = unquoted(name.written[1]);
      name.written[0] = "key";
      begins(name.line);
      name = null;
      write("");
    } else if (token.trim() === "") write("");
    else {
      if (holder?.list) begins(line);
      write(token.startsWith('"') ? "text" : WORDS.has(token) ? "number" : Number.isNaN(Number(token)) ? "" : "number");
      name = token.startsWith('"') ? { written: lines[line].at(-1), line } : null;
    }
  }
  return { lines, starts };
}

// Of texts typed in several views of a form, in several windows of a computer, the later has the greater number.
let lastStamp = 0;
const stamp = () => (lastStamp = Math.max(lastStamp + 1, Date.now()));

async function render({ model, el }) {
  // What is shown comes with all else that changes at a key press, in the one message of the bridge.
  const bridge = await model.widget_manager.get_model(model.get("bridge").replace("IPY_MODEL_", ""));
  const words = model.get("words");
  el.setAttribute("role", "group");
  el.setAttribute("aria-label", words.title);
  const counts = element("span", "mct-quiet mct-counts", " ");
  const copy = element("button", "mct-copy", words.copy);
  copy.type = "button";
  copy.setAttribute("aria-label", words.copy_label);
  const head = element("div", "mct-request-head");
  head.append(element("b", "", words.title), counts, copy);
  const slip = element("div", "mct-slip mct-bad");
  slip.hidden = true;
  const go = element("button", "mct-go", words.go_there);
  go.type = "button";
  go.addEventListener("click", () => goToSlip(true));
  slip.append(element("span", ""), go);
  const address = element("div", "mct-address");
  address.append(element("b", "mct-method", "POST"), ` ${words.address}`);
  const area = element("textarea", "");
  area.spellcheck = false;
  for (const off of ["autocapitalize", "autocomplete", "autocorrect"]) area.setAttribute(off, "off");
  area.setAttribute("aria-label", words.label);
  slip.id = `mct-slip-${Math.random().toString(36).slice(2)}`;
  area.setAttribute("aria-describedby", slip.id);
  const copyOfText = element("pre", "mct-json");
  copyOfText.setAttribute("aria-hidden", "true");
  const paper = element("div", "mct-paper mct-at-the-text");
  paper.append(area, copyOfText);
  const sheet = element("div", "mct-sheet");
  sheet.append(address, paper);
  el.append(head, slip, sheet);

  const drawn = []; // of each line: its node, and what that shows now
  let shown = bridge.get("shown").request;
  let places = []; // of each line, the place that begins there
  let focused = null; // the place of the field that has the focus
  let typed = 0;
  let wanted = null; // the text that the textarea has still to take
  let later = 0;
  let standing = ""; // the text as it was typed or written last

  function drawLine(line, number, tokens, level) {
    const { node, tokens: before } = line;
    if (before.length === tokens.length && before.every(([kind], at) => kind === tokens[at][0])) {
      tokens.forEach(([, token], at) => set((node.childNodes[at].firstChild ?? node.childNodes[at]), "nodeValue", token));
    } else {
      node.replaceChildren(...tokens.map(([kind, token]) => (kind ? element("span", `mct-${kind}`, token) : token)));
    }
    if (line.number !== number) node.dataset.number = number;
    if (line.level !== level) {
      node.classList.toggle("mct-line-error", level === "error");
      node.classList.toggle("mct-line-hint", level === "hint");
      if (level) node.dataset.sign = SIGN[level];
      else delete node.dataset.sign;
    }
    Object.assign(line, { number, tokens, level });
  }

  // Of a text that has lines more or fewer, those before and behind stay: what is not touched is not laid out anew.
  function makeRoom(lines) {
    const words = (tokens) => tokens.map(([, token]) => token).join("");
    const most = Math.min(lines.length, drawn.length);
    let head = 0;
    while (head < most && words(lines[head]) === words(drawn[head].tokens)) head += 1;
    const more = Math.max(lines.length - drawn.length, 0);
    const made = Array.from({ length: more }, () => ({ node: element("div", "mct-line"), tokens: [] }));
    const gone = drawn.splice(head, Math.max(drawn.length - lines.length, 0), ...made);
    for (const { node } of gone) node.remove();
    const nodes = made.map(({ node }) => node);
    if (head > 0) drawn[head - 1].node.after(...nodes);
    else copyOfText.prepend(...nodes);
  }

  function draw(text) {
    const { lines, starts } = read(text);
    places = [];
    for (const { line, name } of starts.values()) places[line] ??= name;
    const levels = [];
    for (const [place, level] of shown.marks) {
      let found;
      for (let depth = place.length; !found; depth -= 1) found = starts.get(JSON.stringify(place.slice(0, depth)));
      const { line } = found;
      if (levels[line] !== "error") levels[line] = level;
    }
    if (shown.slip && shown.text === text) levels[lineOfSlip(text)] = "error";
    makeRoom(lines);
    const digits = String(lines.length).length;
    lines.forEach((tokens, at) => drawLine(drawn[at], String(at + 1).padStart(digits, NO_BREAK), tokens, levels[at]));
    if (el.style.getPropertyValue("--mct-digits") !== String(digits)) el.style.setProperty("--mct-digits", digits);
    pointAt(focused, false);
  }

  const slipWords = (found) => (found ? `${found.where}: ${found.message} ` : "");

  function lineOfSlip(text) {
    return text.slice(0, shown.slip.at).split("\n").length - 1;
  }

  function show() {
    shown = bridge.get("shown").request;
    set(counts.firstChild, "nodeValue", shown.counts);
    set(slip, "hidden", !shown.slip);
    set(area, "ariaInvalid", String(Boolean(shown.slip)));
    if (slip.firstChild.textContent !== slipWords(shown.slip)) slip.firstChild.textContent = slipWords(shown.slip);
    // What comes back of an older text than stands here would take away what was typed since.
    if (shown.typed < typed) return;
    draw(shown.text);
    wanted = shown.text;
    clearTimeout(later);
    if (!area.value || document.activeElement === area) settleText();
    else later = setTimeout(settleText, LATER_MS);
  }

  // The text under the coloured copy is seen by nobody, and a browser takes its time for it: it can wait a moment.
  function settleText() {
    clearTimeout(later);
    if (wanted === null) return;
    rewrite(wanted);
    wanted = null;
  }

  // Put another text in its place; the cursor stays in what is the same in both.
  function rewrite(text) {
    const old = area.value;
    if (old === text) return;
    const most = Math.min(old.length, text.length);
    let [head, tail] = [0, 0];
    while (head < most && old[head] === text[head]) head += 1;
    while (tail < most - head && old.at(-1 - tail) === text.at(-1 - tail)) tail += 1;
    const moved = (at) => {
      if (at <= head) return at;
      return at >= old.length - tail ? at + text.length - old.length : text.length - tail;
    };
    const cursor = [moved(area.selectionStart), moved(area.selectionEnd)];
    area.value = standing = text;
    if (document.activeElement === area) area.setSelectionRange(...cursor);
  }

  function goToSlip(focus) {
    const found = shown.slip;
    if (focus) area.focus({ preventScroll: true });
    if (!found) return;
    if (focus) area.setSelectionRange(found.at, found.at + 1);
    scrollTo(sheet, drawn[lineOfSlip(wanted ?? area.value)]?.node);
  }

  function scrollTo(pane, node) {
    if (!node || !pane) return;
    const [outer, inner] = [pane.getBoundingClientRect(), node.getBoundingClientRect()];
    if (inner.top < outer.top) pane.scrollTop -= outer.top - inner.top + 8;
    else if (inner.bottom > outer.bottom) pane.scrollTop += inner.bottom - outer.bottom + 8;
  }

  // The line of the field that has the focus, so that one sees where it goes.
  function pointAt(place, scroll) {
    focused = place;
    const line = place === null ? undefined : drawn[places.indexOf(place)]?.node;
    for (const node of copyOfText.querySelectorAll(".mct-here")) if (node !== line) node.classList.remove("mct-here");
    if (!line) return;
    if (!line.classList.contains("mct-here")) line.classList.add("mct-here");
    if (scroll) scrollTo(sheet, line);
  }

  const placeOf = (field) => field?.className.match(/(?:^|\s)mct-at-(\S+)/)?.[1] ?? null;

  const stop = new AbortController();
  let form = null;
  function settle() {
    if (stop.signal.aborted) return;
    form = el.closest(".mct-form");
    if (!form) return void requestAnimationFrame(settle);
    form.addEventListener(
      "focusin",
      (event) => {
        const field = event.target.closest(".mct-field");
        if (field) pointAt(placeOf(field), true);
        else if (event.target !== area) pointAt(null, false);
      },
      { signal: stop.signal },
    );
    form.addEventListener("keydown", history, { capture: true, signal: stop.signal });
    form.addEventListener("focusout", () => pointAt(null, false), { signal: stop.signal });
  }
  settle();

  // And the other way: the field of the line that the cursor is in.
  function follow() {
    if (document.activeElement !== area) return;
    const line = area.value.slice(0, area.selectionStart).split("\n").length - 1;
    const field = places[line] ? form?.querySelector(`.mct-field[class~="mct-at-${CSS.escape(places[line])}"]`) : null;
    light(field);
    if (field?.offsetParent) scrollTo(field.closest(".mct-fields"), field);
  }

  function light(field) {
    for (const other of form?.querySelectorAll(".mct-field.mct-here") ?? []) other.classList.remove("mct-here");
    field?.classList.add("mct-here");
  }

  area.addEventListener("input", (event) => {
    if (event.inputType?.startsWith("history")) return void (area.value = standing); // an undo that was meant for a field
    wanted = null;
    typed = stamp();
    standing = area.value;
    draw(area.value);
    model.send({ text: area.value, typed });
  });
  // The browser's own undo does not know of what the form writes, and would tear the text to pieces; JupyterLab's is one of
  // cells. The form has one history for its fields and the text.
  function history(event) {
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
    document.execCommand("insertText", false, `\n${indent}`); // as if it were typed
  });
  for (const before of ["pointerdown", "focus"]) area.addEventListener(before, settleText);
  area.addEventListener("blur", () => light(null));
  area.addEventListener("mct-slip", (event) => goToSlip(event.detail.focus));
  document.addEventListener("selectionchange", follow, { signal: stop.signal });
  copy.addEventListener("click", () => (copy.dataset.mctCopy = wanted ?? area.value)); // the bridge copies

  bridge.on("change:shown", show);
  show();
  return () => {
    stop.abort();
    clearTimeout(later);
    bridge.off("change:shown", show);
  };
}

export default { render };
