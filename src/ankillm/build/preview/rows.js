"use strict";
// A list of any length: only the rows in sight are in the page.

const ROW = 56; // pixels, as in preview.css
const SPARE = 4; // rows above and below what is in sight

class Rows {
  constructor(list, inner, draw, choose) {
    Object.assign(this, { list, inner, draw, choose, items: [], chosen: -1 });
    list.addEventListener("scroll", () => this.paint());
    new ResizeObserver(() => this.paint()).observe(list);
    inner.addEventListener("click", (event) => choose(Number(event.target.closest(".row").dataset.index)));
  }

  fill(items) {
    this.items = items;
    this.inner.style.height = `${items.length * ROW}px`;
    this.paint();
  }

  select(index) {
    this.chosen = index;
    const top = index * ROW;
    const { scrollTop, clientHeight } = this.list;
    if (top < scrollTop) this.list.scrollTop = top;
    else if (top + ROW > scrollTop + clientHeight) this.list.scrollTop = top + ROW - clientHeight;
    this.paint();
  }

  paint() {
    const first = Math.max(0, Math.floor(this.list.scrollTop / ROW) - SPARE);
    const last = Math.min(this.items.length, Math.ceil((this.list.scrollTop + this.list.clientHeight) / ROW) + SPARE);
    const rows = [];
    for (let index = first; index < last; index += 1) rows.push(this.row(index));
    this.inner.replaceChildren(...rows);
    this.list.setAttribute("aria-activedescendant", this.chosen >= 0 ? `row-${this.chosen}` : "");
  }

  row(index) {
    const row = this.draw(this.items[index]);
    row.classList.add("row");
    row.id = `row-${index}`;
    row.dataset.index = index;
    row.style.top = `${index * ROW}px`;
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", index === this.chosen);
    return row;
  }
}
