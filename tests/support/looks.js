// What a card's page looks like, measured in the browser; `looks()` returns the faults it finds, as lines.

const parse = (text) => {
  const [r, g, b, a = 1] = text.match(/[\d.]+/g).map(Number);
  return { r, g, b, a };
};
const over = (top, below) => {
  const mix = (channel) => top[channel] * top.a + below[channel] * (1 - top.a);
  return { r: mix("r"), g: mix("g"), b: mix("b"), a: 1 };
};
// WCAG 2.2, "relative luminance" and "contrast ratio".
const luminance = ({ r, g, b }) => {
  const [x, y, z] = [r, g, b].map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  return 0.2126 * x + 0.7152 * y + 0.0722 * z;
};
const contrast = (a, b) => {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
};

const ancestors = (element) => (element ? [...ancestors(element.parentElement), element] : []);
const ground = (element) =>
  ancestors(element)
    .map((e) => parse(getComputedStyle(e).backgroundColor))
    .reduce((below, top) => over(top, below), { r: 255, g: 255, b: 255, a: 1 });
const opacity = (element) => ancestors(element).reduce((product, e) => product * getComputedStyle(e).opacity, 1);
const ratio = (element, pseudo) => {
  const paper = ground(element);
  const ink = parse(getComputedStyle(element, pseudo).color);
  return contrast(over({ ...ink, a: ink.a * opacity(element) }, paper), paper);
};
const named = (element) => `<${element.localName} class="${element.className}">`;

const texts = (root = document.querySelector("#qa")) => {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.data.trim() && node.parentElement.checkVisibility() && node.parentElement.localName !== "style") found.push(node);
  }
  return found;
};
const pale = (root) =>
  texts(root)
    .map((node) => [node, ratio(node.parentElement)])
    .filter(([, value]) => value < 4.5)
    .map(([node, value]) => `contrast ${value.toFixed(2)}: ${named(node.parentElement)} ${node.data.trim().slice(0, 30)}`);
const palePseudo = () =>
  [...document.querySelectorAll("#qa *")].flatMap((element) =>
    ["::before", "::after", "::marker"]
      .filter((pseudo) => pseudo !== "::marker" || element.localName === "li")
      .filter((pseudo) => pseudo === "::marker" || !["none", "normal"].includes(getComputedStyle(element, pseudo).content))
      .filter((pseudo) => ratio(element, pseudo) < 4.5)
      .map((pseudo) => `contrast ${ratio(element, pseudo).toFixed(2)}: ${named(element)}${pseudo}`));
const pictures = () =>
  [...document.querySelectorAll("#qa *")]
    .filter((e) => getComputedStyle(e).backgroundImage !== "none")
    .map((e) => `a background image, whose contrast is not known: ${named(e)}`);

const wide = () => {
  const page = document.scrollingElement;
  return page.scrollWidth > page.clientWidth ? [`the page is ${page.scrollWidth} wide in ${page.clientWidth}`] : [];
};
const scrolls = (element) => ancestors(element).some((e) => ["auto", "scroll"].includes(getComputedStyle(e).overflowX));
const outside = () =>
  [...document.querySelectorAll("#qa *")]
    .filter((e) => e.getBoundingClientRect().right > document.scrollingElement.clientWidth + 0.5 && !scrolls(e.parentElement))
    .map((e) => `reaches out of the page: ${named(e)}`);

const rules = (list) => [...list].flatMap((rule) => [...(rule.selectorText ? [rule.selectorText] : []), ...rules(rule.cssRules || [])]);
const unstyled = () => {
  const selectors = rules(document.querySelector("#qa style").sheet.cssRules)
    .flatMap((text) => text.split(","))
    .map((text) => text.replace(/::[a-z-]+/g, "").trim());
  return [...document.querySelectorAll("#qa [class]")].flatMap((element) =>
    [...element.classList]
      .filter((name) => !selectors.some((s) => new RegExp(`\\.${CSS.escape(name)}(?![\\w-])`).test(s) && element.matches(s)))
      .map((name) => `no rule for the class ${name}: ${named(element)}`));
};
const broken = () =>
  [...document.images].filter((image) => !image.complete || !image.naturalWidth).map((image) => `no picture: ${image.src}`);

const looks = () => [...new Set([() => pale(), palePseudo, pictures, wide, outside, unstyled, broken].flatMap((check) => check()))];
