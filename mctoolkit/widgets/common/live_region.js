// A part of the page that changes while somebody reads it. What has not changed stays the same element, so that scroll
// position, focus and selected text stay too; rows are told apart by their first cell.

const keyOf = (row) => row.cells[0]?.textContent ?? "";

function bringRows(old, next) {
  const wanted = new Set([...next.rows].map(keyOf));
  const kept = new Map();
  for (const row of [...old.rows]) {
    if (wanted.has(keyOf(row)) && !kept.has(keyOf(row))) kept.set(keyOf(row), row);
    else row.remove();
  }
  let at = old.firstElementChild;
  for (const row of [...next.rows]) {
    const found = kept.get(keyOf(row));
    kept.delete(keyOf(row));
    if (found && found === at) at = at.nextElementSibling;
    else old.insertBefore(found ?? row, at);
    if (found) bring(found, row);
  }
}

function bring(old, next) {
  if (old.isEqualNode(next)) return;
  if (old.nodeName === "TBODY") return void bringRows(old, next);
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
    bring(node, after[i]);
  }
}

function render({ model, el }) {
  const next = document.createElement("template");
  function show() {
    next.innerHTML = model.get("value");
    bring(el, next.content);
  }
  show();
  model.on("change:value", show);
  return () => model.off("change:value", show);
}

export default { render };
