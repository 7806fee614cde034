// HTML that changes while a user reads it. Unchanged elements are kept, and with them scroll position, focus and
// selection. Table rows are matched by the text of their first cell.

const keyOf = (row) => row.cells[0]?.textContent ?? "";

function updateRows(old, next) {
  const wanted = new Set([...next.rows].map(keyOf));
  const kept = new Map();
  for (const row of [...old.rows]) {
    if (wanted.has(keyOf(row)) && !kept.has(keyOf(row))) kept.set(keyOf(row), row);
    else row.remove();
  }
  let position = old.firstElementChild;
  for (const row of [...next.rows]) {
    const match = kept.get(keyOf(row));
    kept.delete(keyOf(row));
    if (match && match === position) position = position.nextElementSibling;
    else old.insertBefore(match ?? row, position);
    if (match) update(match, row);
  }
}

function update(old, next) {
  if (old.isEqualNode(next)) return;
  if (old.nodeName === "TBODY") return void updateRows(old, next);
  const [before, after] = [[...old.childNodes], [...next.childNodes]];
  if (before.length !== after.length || before.some((node, i) => node.nodeName !== after[i].nodeName)) {
    return void old.replaceChildren(...after);
  }
  for (const [i, node] of before.entries()) {
    if (node.nodeType !== Node.ELEMENT_NODE) {
      if (node.nodeValue !== after[i].nodeValue) node.nodeValue = after[i].nodeValue;
      continue;
    }
    for (const { name } of [...node.attributes]) if (!after[i].hasAttribute(name)) node.removeAttribute(name);
    for (const { name, value } of after[i].attributes) if (node.getAttribute(name) !== value) node.setAttribute(name, value);
    update(node, after[i]);
  }
}

function render({ model, el }) {
  const template = document.createElement("template");
  function show() {
    template.innerHTML = model.get("value");
    update(el, template.content);
  }
  show();
  model.on("change:value", show);
  return () => model.off("change:value", show);
}

export default { render };
