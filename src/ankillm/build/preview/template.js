"use strict";
// Anki's card templates, as far as ours use them: {{Field}}, {{cloze:Field}}, {{#Field}}…{{/Field}}, {{^Field}}…{{/Field}}.
// Manual: https://docs.ankiweb.net/templates/generation.html

const CLOZE = /\{\{c(\d+)::([^]*?)(?:::([^]*?))?\}\}/g;
const SECTION = /\{\{([#^])(\w+)\}\}([^]*?)\{\{\/\2\}\}/g;

const escapeAttribute = (text) => text.replace(/&/g, "&amp;").replace(/"/g, "&quot;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

// The numbers of the gaps of a cloze: one card each.
const gapNumbers = (text) => [...new Set([...text.matchAll(CLOZE)].map((match) => Number(match[1])))].sort((a, b) => a - b);

const cloze = (text, number, answered) =>
  text.replace(CLOZE, (_, written, content, hint) => {
    if (Number(written) !== number) return `<span class="cloze-inactive" data-ordinal="${written}">${content}</span>`;
    if (answered) return `<span class="cloze" data-ordinal="${written}">${content}</span>`;
    return `<span class="cloze" data-cloze="${escapeAttribute(content)}" data-ordinal="${written}">[${hint || "..."}]</span>`;
  });

const renderTemplate = (template, fields, number, answered) =>
  template
    .replace(SECTION, (_, mark, name, inner) => (Boolean(fields[name]) === (mark === "#") ? inner : ""))
    .replace(/\{\{(cloze:)?(\w+)\}\}/g, (_, filter, name) =>
      filter ? cloze(fields[name] || "", number, answered) : fields[name] || "");

const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', nbsp: " " };
const decode = (text) =>
  text
    .replace(/&#(x?)([0-9a-f]+);/gi, (_, hex, digits) => String.fromCodePoint(parseInt(digits, hex ? 16 : 10)))
    .replace(/&(amp|lt|gt|quot|nbsp);/g, (_, name) => ENTITIES[name]);

const BLOCK = /<\/?(?:p|div|pre|blockquote|[ou]l|li|table|tr|t[dh]|h[1-6r]|br|img)\b[^>]*>/g;

// The words of a field: tags away, gaps filled or, with a number, open.
const plain = (html, number) =>
  decode(
    html
      .replace(CLOZE, (_, written, content) => (Number(written) === number ? "[…]" : content))
      .replace(BLOCK, " ")
      .replace(/<[^>]*>/g, ""),
  )
    .replace(/\s+/g, " ")
    .trim();
