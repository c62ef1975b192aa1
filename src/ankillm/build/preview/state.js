"use strict";
// What the reader has chosen; it outlives a reload, but not the tab.

// The data that `ankillm preview` wrote.
const { cards: notes, look, verdicts } = window.ankillm;
const at = (id) => document.getElementById(id);
const make = (name, className, text) => Object.assign(document.createElement(name), { className, textContent: text });

const stored = (key, fallback) => {
  try {
    return JSON.parse(sessionStorage.getItem(key)) ?? fallback;
  } catch {
    return fallback; // a browser that keeps nothing for files
  }
};
const dark = matchMedia("(prefers-color-scheme: dark)").matches;
const state = stored("ankillm", { search: "", chosen: {}, name: "", answered: false, night: dark, phone: false });
const keep = () => {
  try {
    sessionStorage.setItem("ankillm", JSON.stringify(state));
  } catch {
    // likewise
  }
};
