"use strict";
// The card in a page of its own, built like the page of Anki's reviewer: same root, same body, same style.

const MATHS = /\\\(([^]*?)\\\)|\\\[([^]*?)\\\]/;

class Stage {
  constructor(frame, style) {
    this.frame = frame;
    this.ready = new Promise((resolve) => {
      frame.addEventListener("load", () => resolve(this.prepare(style)), { once: true });
    });
    frame.srcdoc = '<!doctype html><meta charset="utf-8"><base href="media/" target="_blank">';
  }

  prepare(style) {
    const page = this.frame.contentDocument;
    const sheet = page.createElement("style");
    sheet.textContent = style;
    page.head.append(sheet);
    this.box = page.createElement("div");
    this.box.id = "qa";
    this.box.dir = "auto";
    page.body.append(this.box);
    return page;
  }

  async show(html, { number, night, phone }) {
    const page = await this.ready;
    page.documentElement.className = [night && "night-mode", phone && "mobile"].filter(Boolean).join(" ");
    page.body.className = `card card${number} fancy${night ? " nightMode night_mode" : ""}`;
    this.box.innerHTML = html;
    typeset(this.box);
    page.scrollingElement.scrollTop = 0;
    page.getElementById("answer")?.scrollIntoView({ block: "nearest" });
  }
}

// Each formula as MathML; one that is not understood stays as it was written.
function typeset(box) {
  const walker = box.ownerDocument.createTreeWalker(box, NodeFilter.SHOW_TEXT);
  const nodes = [];
  while (walker.nextNode()) if (MATHS.test(walker.currentNode.data)) nodes.push(walker.currentNode);
  for (const node of nodes) node.replaceWith(...pieces(node.data, box.ownerDocument));
}

function pieces(text, page) {
  return text.split(/(\\\([^]*?\\\)|\\\[[^]*?\\\])/).map((part) => {
    const [, inline, display] = MATHS.exec(part) || [];
    return inline === undefined && display === undefined ? part : formula(inline ?? display, display !== undefined, page) || part;
  });
}

function formula(tex, displayMode, page) {
  const holder = page.createElement(displayMode ? "div" : "span");
  holder.className = "formula";
  try {
    temml.render(tex, holder, { displayMode, throwOnError: true });
  } catch {
    return null;
  }
  return holder;
}
