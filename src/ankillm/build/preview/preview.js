"use strict";
// The page: what is found, which card is shown, keys and buttons.

let found = [];
let index = -1;
const rows = new Rows(at("list"), at("rows"), drawRow, (chosen) => go(chosen));
const stage = new Stage(at("card"), window.ankillm.reviewer + look["style.css"]);

function drawRow(card) {
  const row = make("div", card.dropped ? "dropped" : "", "");
  const below = make("small", "", "");
  if (card.dropped) below.append(make("span", "badge drop", `${card.dropped.code}: ${card.dropped.reason}`));
  for (const kind of new Set(card.verdicts.map((verdict) => verdict.kind))) {
    const times = card.verdicts.filter((verdict) => verdict.kind === kind).length;
    below.append(make("span", `badge ${kind}`, times > 1 ? `${kind} ×${times}` : kind));
  }
  below.append(card.source);
  row.append(make("b", "", card.title), below);
  return row;
}

function filter() {
  found = select(state);
  at("count").textContent = `${found.length.toLocaleString("en")} of ${cards.length.toLocaleString("en")} cards`;
  at("clear").hidden = !state.search && !Object.values(state.chosen).some(Boolean);
  for (const { id } of FILTERS) at(id).classList.toggle("set", Boolean(state.chosen[id]));
  rows.fill(found);
  const again = found.findIndex((card) => card.name === state.name);
  go(Math.max(again, found.length ? 0 : -1), state.both || (again >= 0 && state.answered));
}

function go(to, answered = Boolean(state.both)) {
  index = Math.min(to, found.length - 1);
  document.body.classList.toggle("empty", index < 0);
  at("nothing").hidden = index >= 0;
  at("dropped").hidden = index < 0 || !found[index].dropped;
  rows.select(index);
  if (index < 0) return;
  state.name = found[index].name;
  state.answered = answered;
  draw();
}

function draw() {
  const card = found[index];
  keep();
  document.documentElement.classList.toggle("night", state.night);
  document.body.classList.toggle("phone", state.phone);
  at("both").setAttribute("aria-pressed", Boolean(state.both));
  at("night").setAttribute("aria-pressed", state.night);
  at("phone").setAttribute("aria-pressed", state.phone);
  if (!card) return;
  at("turn").textContent = state.answered ? "Question" : "Answer";
  if (card.dropped) at("dropped").textContent = `Dropped (${card.dropped.code}): ${card.dropped.reason}`;
  at("facts").replaceChildren(...facts(card).flatMap(([term, ...details]) => {
    const detail = make("dd", "", "");
    detail.append(...details);
    return [make("dt", "", term), detail];
  }));
  const side = look[`${card.type}_${state.answered ? "back" : "front"}.html`];
  stage.show(renderTemplate(side, card.fields, card.number, state.answered), { ...state, number: card.number });
}

const facts = (card) =>
  [
    ["source", card.opens ? link(card.source, card.opens) : card.source],
    ["deck", card.deck],
    ["kind", `${card.type} · ${card.question}`],
    ["tags", card.tags.join("  ")],
    ["demo", card.demo],
    ...card.verdicts.map((v) => ["verdict", make("span", `badge ${v.kind}`, v.kind), v.text]),
  ].filter(([, ...details]) => details.some((detail) => detail));

const link = (text, address) => Object.assign(make("a", "", text), { href: address, target: "_blank" });

const turn = () => index >= 0 && go(index, !state.answered);
const step = (by) => index + by >= 0 && index + by < found.length && go(index + by);
const flip = (name) => {
  state[name] = !state[name];
  draw();
};
const both = () => {
  state.both = !state.both;
  go(index, state.both);
};
const clear = () => {
  state.search = at("search").value = "";
  for (const { id } of FILTERS) state.chosen[id] = at(id).value = "";
  filter();
};

const KEYS = {
  " ": turn, Enter: turn,
  ArrowRight: () => step(1), ArrowDown: () => step(1), j: () => step(1),
  ArrowLeft: () => step(-1), ArrowUp: () => step(-1), k: () => step(-1),
  Home: () => found.length && go(0), End: () => found.length && go(found.length - 1),
  b: both, n: () => flip("night"), p: () => flip("phone"), "/": () => at("search").select(), Escape: clear,
};

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("select")) return;
  if ([" ", "Enter"].includes(event.key) && event.target.closest?.("button, a, summary")) return; // theirs
  if (event.target === at("search")) {
    if (["Enter", "Escape", "ArrowDown"].includes(event.key)) {
      event.preventDefault();
      at("list").focus();
    }
    return;
  }
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

function clicked(event) {
  const selecting = String(at("card").contentWindow.getSelection());
  if (!selecting && !event.target.closest("a, summary")) turn();
}

// While `ankillm build --watch` runs, a new stamp beside the page means that the cards are new.
function follow() {
  const script = make("script", "", "");
  script.src = `stamp.js?${Date.now()}`;
  script.addEventListener("load", () => {
    script.remove();
    if (window.ankillmStamp !== window.ankillm.stamp) location.reload();
  });
  script.addEventListener("error", () => script.remove());
  document.head.append(script);
}

for (const one of FILTERS) {
  options(one);
  at(one.id).value = state.chosen[one.id] || "";
  state.chosen[one.id] = at(one.id).value; // what was chosen before a reload may be gone
  at(one.id).addEventListener("change", () => {
    state.chosen[one.id] = at(one.id).value;
    filter();
  });
}
at("search").value = state.search;
at("search").addEventListener("input", () => {
  state.search = at("search").value;
  filter();
});
at("clear").addEventListener("click", clear);
at("turn").addEventListener("click", turn);
at("previous").addEventListener("click", () => step(-1));
at("next").addEventListener("click", () => step(1));
at("both").addEventListener("click", both);
at("night").addEventListener("click", () => flip("night"));
at("phone").addEventListener("click", () => flip("phone"));
document.addEventListener("keydown", pressed);
stage.ready.then((page) => {
  page.addEventListener("keydown", pressed);
  page.addEventListener("click", clicked);
});
filter();
draw();
at("list").focus();
if (window.ankillm.watched) setInterval(follow, 1000);
