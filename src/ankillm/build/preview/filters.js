"use strict";
// The cards, and what of them is shown.

// One card for each gap number of a note, as in Anki.
const cards = notes.flatMap((note) => {
  const asked = note.fields.Front || note.fields.Text || "";
  const numbers = note.type === "cloze" ? gapNumbers(asked) : [];
  return (numbers.length ? numbers : [1]).map((number) => {
    const title = plain(asked, number);
    const words = [plain(asked), plain(note.fields.Back || ""), note.source, note.tags.join(" "), note.key];
    return { ...note, number, title, words: words.join(" ").normalize("NFKC").toLowerCase() };
  });
});

// Cards may have the same key, as two sections may have the same title.
const times = new Map();
for (const card of cards) {
  const name = `${card.key} ${card.number}`;
  times.set(name, (times.get(name) || 0) + 1);
  card.name = `${name} ${times.get(name)}`;
}

const WITH_DROPPED = "also dropped ones, and why";
const DROPPED = "dropped";

// A filter: its element, what "all" is called, the values a card has, and the values that are always offered.
const FILTERS = [
  { id: "deck", all: "All decks", values: (card) => card.deck.split("::").map((_, i, parts) => parts.slice(0, i + 1).join("::")) },
  { id: "kind", all: "All kinds", values: (card) => [card.type, card.question] },
  { id: "tag", all: "All tags", values: (card) => card.tags },
  { id: "verdict", all: "Any verdict", values: (card) => (card.verdicts.length ? card.verdicts.map((v) => v.kind) : ["none"]), offered: [...verdicts, "none"] },
  { id: "state", all: "Cards in the deck", values: (card) => [WITH_DROPPED, ...(card.dropped ? [DROPPED, card.dropped.code] : [])], offered: [WITH_DROPPED, DROPPED] },
];

const matches = (card, words, chosen) =>
  FILTERS.every(({ id, values }) =>
    chosen[id] ? values(card).includes(chosen[id]) : id !== "state" || !card.dropped) &&
  words.every((word) => card.words.includes(word));

// The cards that hold every word searched for and every value chosen.
const select = ({ search, chosen }) => {
  const words = search.normalize("NFKC").toLowerCase().split(/\s+/).filter(Boolean);
  return cards.filter((card) => matches(card, words, chosen));
};

// The menu of a filter, each value with the number of its cards.
function options({ id, all, values, offered = [] }) {
  const counts = new Map(offered.map((value) => [value, 0]));
  for (const card of cards) for (const value of new Set(values(card))) counts.set(value, (counts.get(value) || 0) + 1);
  const names = [...new Set([...offered, ...[...counts.keys()].sort()])];
  at(id).replaceChildren(new Option(all, ""), ...names.map((value) => new Option(`${value} (${counts.get(value)})`, value)));
}
