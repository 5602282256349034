"use strict";
// The page of a diagram: search, one node with its neighbours, a switch between the kinds of edges.
// What is shown is in the address (#id of a node), so that the browser goes back and links lead here.
// Whatever people wrote reaches the page as text, never as markup.
{
  const { nodes, edges, kinds, words, form, directed, arrows, ...data } = JSON.parse(document.getElementById("data").textContent);
  const [controls, query, results, figure, around, panel, back, said] = [
    ".controls", "#query", "#results", "#figure", "#around", "#panel", "#back", "#said",
  ].map((selector) => document.querySelector(selector));
  const state = { chosen: null, only: "", marked: -1, scroll: 0 };
  const MOST = 60; // results that are listed

  const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);
  const say = (text) => { said.textContent = text; };
  const numbers = new Map(nodes.map((node, n) => [node.id, n]));

  // What each node is joined with.
  const joined = nodes.map(() => []);
  for (const edge of edges) {
    joined[edge.from].push({ ...edge, other: edge.to, way: "outward" });
    joined[edge.to].push({ ...edge, other: edge.from, way: "inward" });
  }
  const heaviest = Math.max(1, ...edges.map((edge) => edge.weight));

  /** The neighbours of a node that the switch lets through, in sections: one for each kind and direction. */
  function sections(n) {
    const found = new Map();
    for (const kind of Object.keys(kinds)) {
      for (const way of ["inward", "outward"]) {
        const heading = kinds[kind][way];
        const some = joined[n].filter((join) => join.kind === kind && join.way === way && (!state.only || state.only === kind));
        const key = directed ? `${way}/${kind}` : kind;
        if (some.length) found.set(key, { heading, kind, way, joins: [...(found.get(key)?.joins ?? []), ...some] });
      }
    }
    return [...found.values()];
  }

  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children.filter((child) => child !== ""));
    return element;
  }

  // -- what is shown ------------------------------------------------------------------------------------------------------

  function choose(n) {
    if (state.chosen === null) state.scroll = scrollY;
    location.hash = encodeURIComponent(nodes[n].id);
    show();
  }

  function whole() {
    location.hash = "";
    show();
  }

  function asked() {
    try {
      return numbers.get(decodeURIComponent(location.hash.slice(1))) ?? null;
    } catch {
      return null; // an address that somebody mistyped
    }
  }

  /** Show what the address asks for. */
  function show() {
    const n = asked();
    if (n === state.chosen) return;
    const before = state.chosen;
    state.chosen = n;
    const view = n === null ? "all" : joined[n].length ? "one" : "alone";
    document.body.dataset.view = view;
    figure.hidden = view === "one";
    around.hidden = view !== "one";
    panel.hidden = back.hidden = view === "all";
    for (const one of ones) one.element.classList.toggle("chosen", one.n === n);
    if (n === null) returned(before);
    else opened(view);
  }

  function opened(view) {
    redraw();
    panel.querySelector("h2").focus({ preventScroll: true });
    const count = sections(state.chosen).reduce((sum, section) => sum + section.joins.length, 0);
    say(filled(view === "one" ? words.shown : words.alone, { name: nodes[state.chosen].label, count }));
    if (view === "one" || innerWidth < 900) scrollTo(0, 0);
  }

  /** Back at the whole picture, where one was. */
  function returned(before) {
    say(words.whole);
    scrollTo(0, state.scroll);
    const one = first.get(before);
    if (one) settle(one, { preventScroll: true });
    else query.focus({ preventScroll: true });
  }

  function redraw() {
    if (state.chosen === null) return;
    const found = sections(state.chosen);
    if (!around.hidden) drawAround(state.chosen, found);
    panel.replaceChildren(...details(state.chosen, found));
  }

  // -- the panel ----------------------------------------------------------------------------------------------------------

  function details(n, found) {
    const node = nodes[n];
    const own = [...new Set([...node.clauses, ...found.flatMap((section) => section.joins.flatMap((join) => join.clauses))])];
    const of = [node.kind, node.group].filter(Boolean).join(" · ");
    return [
      of && make("p", { class: "small" }, of),
      make("h2", { tabindex: "-1" }, node.label),
      node.note && make("p", {}, node.note),
      node.lines.length && make("ul", { class: "lines" }, ...node.lines.map((line) => make("li", {}, line))),
      own.length && clauses(own),
      ...found.flatMap(neighbours),
      joined[n].length && !found.length && make("p", {}, words.nothing),
    ].filter(Boolean);
  }

  /** Clauses in one line; many of them folded up. */
  function clauses(own) {
    const folds = own.length > 24;
    const heading = filled(words.counted, { name: words.clauses, count: own.length });
    const line = make("p", {}, own.join(words.comma));
    return folds ? make("details", {}, make("summary", {}, heading), line) : make("div", {}, make("h3", {}, heading), line);
  }

  function neighbours({ heading, joins }) {
    const button = (join) => {
      const about = [join.label, join.weight > 1 ? join.weight : "", join.clauses.join(words.comma)].filter(Boolean).join("　");
      const name = nodes[join.other].label;
      return make("button", { type: "button", "data-to": join.other }, name, about && make("span", { class: "small" }, about));
    };
    return [
      make("h3", {}, filled(words.counted, { name: heading, count: joins.length })),
      make("ul", { class: "joined" }, ...joins.map((join) => make("li", {}, button(join)))),
    ];
  }

  // -- a node with its neighbours, drawn ------------------------------------------------------------------------------------

  const PAD = 9, LABEL = 14, NOTE = 12, LEADING = 1.4, GAP = 8;
  const PIECE = /(?:[!-~]+|[^!-~])[，。；、：）？！》”’】％]*\s*/gu; // what is not broken; no line begins with a comma
  const DASHES = { dashed: "7 4", dotted: "1.5 4" };
  const pen = document.createElement("canvas").getContext("2d");
  const fonts = getComputedStyle(document.body).fontFamily;
  const widths = new Map();

  /** The width of a text at a size. */
  function wide(text, size) {
    const key = `${size} ${text}`;
    if (!widths.has(key)) {
      pen.font = `${size}px ${fonts}`;
      widths.set(key, pen.measureText(text).width);
    }
    return widths.get(key);
  }

  /** A text in lines: broken between Chinese characters and between words, inside a word only where it is too long. */
  function wrapped(text, room, size) {
    const lines = [];
    let line = "", length = 0;
    const add = (piece) => {
      if (line && length + wide(piece.trimEnd(), size) > room) {
        lines.push(line.trimEnd());
        line = "";
        length = 0;
      }
      line += piece;
      length += wide(piece, size);
    };
    for (const piece of text.match(PIECE) ?? []) {
      if (wide(piece, size) <= room) add(piece);
      else [...piece].forEach(add);
    }
    return [...lines, line].filter(Boolean);
  }

  function draw(parent, tag, attributes, text = "") {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.textContent = text;
    parent.append(element);
    return element;
  }

  /** Lines of text with their sizes, and the height that they take. */
  function measured(parts, room) {
    const lines = parts.flatMap(([text, size, colour]) => wrapped(text, room, size).map((line) => [line, size, colour]));
    return { lines, height: lines.reduce((sum, [, size]) => sum + size * LEADING, 0) };
  }

  function write(parent, { lines }, x, y) {
    for (const [line, size, fill] of lines) {
      draw(parent, "text", { x, y: y + size * 1.05, "font-size": size, fill }, line);
      y += size * LEADING;
    }
  }

  /** The size of a node at a width. */
  function sized(n, width) {
    const parts = [[nodes[n].label, LABEL, "#1a1a1a"], [nodes[n].note, NOTE, "#5a5a5a"]];
    const text = measured(parts, width - 2 * PAD - 2);
    return { n, text, width, height: text.height + 2 * PAD - 2 };
  }

  function drawBox(parent, box, chosen) {
    const { fill, stroke, shape } = nodes[box.n];
    const group = draw(parent, "g", { class: "box", "data-to": box.n });
    const look = { fill, stroke: stroke === "none" ? "#6b6b6b" : stroke, "stroke-width": chosen ? 3 : 1 };
    const { x, y, width, height } = box;
    draw(group, "rect", { x, y, width, height, rx: { rounded: 10, ellipse: Math.min(18, height / 2) }[shape] ?? 2, ...look });
    write(group, box.text, x + PAD, y + PAD - 1);
  }

  /** Headings and neighbours of some sections, one below the other. */
  function column(found, width) {
    const items = [];
    let y = 0;
    for (const { heading, kind, joins, count = joins.length } of found) {
      const text = measured([[heading && filled(words.counted, { name: heading, count }), 13, "#1a1a1a"]], width - 44);
      if (heading) items.push({ kind, text, y, heading });
      y += heading ? text.height + GAP : 0;
      for (const join of joins) {
        const box = sized(join.other, width);
        items.push({ ...box, join, y });
        y += box.height + GAP;
      }
      y += GAP;
    }
    return { items, height: Math.max(0, y - 2 * GAP) };
  }

  function drawColumn(svg, { items }, x, y) {
    for (const item of items) {
      item.x = x;
      item.y += y;
      if (item.heading) {
        const middle = item.y + 9;
        draw(svg, "path", { d: `M${x},${middle}h34`, ...stroke(item.kind, 1) });
        write(svg, item.text, x + 42, item.y);
      } else drawBox(svg, item);
    }
  }

  function stroke(kind, weight) {
    const { colour, line, width } = kinds[kind];
    const share = weight / heaviest;
    const found = { fill: "none", stroke: colour, "stroke-width": heaviest > 1 ? 0.7 + 7 * share * share : Math.max(1.2, width) };
    return DASHES[line] ? { ...found, "stroke-dasharray": DASHES[line] } : found;
  }

  function drawEdge(below, svg, join, d, at) {
    draw(below, "path", { class: "join", d, ...stroke(join.kind, join.weight) });
    if (heaviest > 1) {
      const look = { "font-size": NOTE, "text-anchor": "middle", stroke: "#fff", "stroke-width": 4, "paint-order": "stroke" };
      draw(svg, "text", { x: at[0], y: at[1] + 4, fill: "#1a1a1a", ...look }, join.weight);
    }
  }

  /** The head of an arrow with its point at (x, y). */
  function drawHead(svg, kind, x, y, shape) {
    draw(svg, "path", { d: `M${x},${y}${shape}`, fill: kinds[kind].colour });
  }

  function drawAround(n, found) {
    const room = Math.max(280, around.clientWidth);
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const { width, height } = (room < 640 ? drawTree : drawFan)(svg, n, found, room);
    const attributes = { width, height, viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "xMinYMin slice" };
    for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, value);
    around.style.cssText = `--width: ${width}; --height: ${height}`;
    around.replaceChildren(svg);
  }

  /** On a narrow screen: the node above, its neighbours below, each section on a branch of its own. */
  function drawTree(svg, n, found, room) {
    const below = draw(svg, "g", {}), indent = 26 + 10 * found.length;
    const chosen = { ...sized(n, room - 4), x: 2, y: 2 };
    const under = column(found, room - indent - 4);
    drawColumn(svg, under, indent, chosen.height + 18);
    drawBox(svg, chosen, true);
    let branch = 2;
    for (const item of under.items) {
      if (item.heading) branch += 10;
      else {
        const y = item.y + item.height / 2, top = chosen.y + chosen.height;
        drawEdge(below, svg, item.join, `M${branch},${top}V${y - 8}q0,8 8,8H${indent}`, [indent - 10, y]);
        if (arrows && item.join.way === "inward") drawHead(svg, item.join.kind, branch, top, "l-4,8h8z");
        if (arrows && item.join.way === "outward") drawHead(svg, item.join.kind, indent, y, "l-8,-4v8z");
      }
    }
    return { width: room, height: chosen.height + under.height + 24 };
  }

  /** Which sections stand on the left: those that lead here, where some lead on; else every other, or half of the only one. */
  function sides(found) {
    const ways = new Set(found.map((section) => section.way));
    if (directed && ways.size > 1) return [["inward"], ["outward"]].map((way) => found.filter((each) => way.includes(each.way)));
    if (found.length > 1) return [0, 1].map((side) => found.filter((_, k) => k % 2 === side));
    const joins = found[0]?.joins ?? [], half = Math.ceil(joins.length / 2);
    if (joins.length < 7) return [[], found];
    const [some, others] = [joins.slice(0, half), joins.slice(half)];
    return [[{ ...found[0], joins: some, count: joins.length }], [{ ...found[0], joins: others, heading: "" }]];
  }

  /** On a wide screen: the node in the middle, its neighbours on both sides or on the right. */
  function drawFan(svg, n, found, room) {
    const both = sides(found), total = Math.min(room, 980), most = Math.max(...both.flat().map(({ joins }) => joins.length), 0);
    const below = draw(svg, "g", { class: heaviest === 1 && most > 20 ? "many" : "few" });
    const left = both[0].length > 0, apart = 84, wideOne = Math.min(230, total * 0.27);
    const side = left ? (total - wideOne - 2 * apart) / 2 - 2 : Math.min(380, total - wideOne - apart - 4);
    const columns = both.map((some) => column(some, side));
    const chosen = { ...sized(n, wideOne), x: left ? side + apart + 2 : 2 };
    const tallest = Math.max(chosen.height, ...columns.map((each) => each.height));
    const middle = Math.max(chosen.height / 2, Math.min(tallest / 2, 240)) + 2;
    chosen.y = middle - chosen.height / 2;
    [2, chosen.x + chosen.width + apart].forEach((x, k) => {
      drawColumn(svg, columns[k], x, Math.max(2, middle - columns[k].height / 2));
      fan(below, svg, chosen, columns[k].items.filter((item) => !item.heading), k ? 1 : -1);
    });
    drawBox(svg, chosen, true);
    const bottom = columns.map(({ items }) => Math.max(0, ...items.map((item) => item.y + (item.height ?? 0))));
    return { width: left ? total : chosen.width + apart + side + 4, height: Math.max(chosen.y + chosen.height, ...bottom) + 4 };
  }

  /** The edges between the chosen node and one side; they stand apart where they meet. */
  function fan(below, svg, chosen, items, by) {
    const x = by > 0 ? chosen.x + chosen.width : chosen.x;
    const step = Math.min(5, (chosen.height * 0.8) / items.length);
    items.forEach((item, k) => {
      const y = chosen.y + chosen.height / 2 + (k - (items.length - 1) / 2) * step;
      const toX = by > 0 ? item.x : item.x + item.width, toY = item.y + item.height / 2, half = (x + toX) / 2;
      drawEdge(below, svg, item.join, `M${x},${y}C${half},${y} ${half},${toY} ${toX},${toY}`, [toX - 14 * by, toY]);
      if (arrows && item.join.way === "outward") drawHead(svg, item.join.kind, toX, toY, `l${-8 * by},-4v8z`);
      if (arrows && item.join.way === "inward") drawHead(svg, item.join.kind, x, y, `l${8 * by},-4v8z`);
    });
  }

  // -- the whole picture --------------------------------------------------------------------------------------------------

  const ones = [...figure.querySelectorAll(".one")].map((element) => ({ element, n: Number(element.dataset.n) }));
  const first = new Map(); // of each node the element that can have the focus: the first that is shown
  const shapes = [...figure.querySelectorAll("g.edge, .one")].flatMap((element) => {
    const kind = data.switch.find((name) => element.classList.contains(`at-${name}`) || edgeOf(element, name));
    return kind ? [{ element, kind }] : [];
  });

  function edgeOf(element, kind) {
    return element.classList.contains(kind) && /(^| )from-\d/.test(element.getAttribute("class"));
  }

  /** Make the shapes of the picture buttons: one stop for Tab, arrows between them. */
  function prepare() {
    const boxes = ones.map(({ element }) => element.getBBox());
    ones.forEach(({ element }, k) => {
      const { x, y, width, height } = boxes[k];
      draw(element, "rect", { class: "hit", x, y, width, height });
    });
    figure.querySelector("svg").setAttribute("role", "group");
    setStops();
  }

  /** One button for each node; where it stands in two places, the other is for the pointer only. */
  function setStops() {
    first.clear();
    for (const { element, n } of ones) {
      const shown = element.style.display !== "none" && !first.has(n);
      if (shown) first.set(n, element);
      const label = [nodes[n].label, nodes[n].note].filter(Boolean).join("　");
      const attributes = { role: shown && "button", tabindex: shown && "-1", "aria-label": shown && label, "aria-hidden": !shown && "true" };
      for (const [name, value] of Object.entries(attributes)) {
        if (value) element.setAttribute(name, value);
        else element.removeAttribute(name);
      }
    }
    first.values().next().value?.setAttribute("tabindex", "0");
  }

  /** Put the focus on a shape; from there Tab goes on. */
  function settle(element, options) {
    figure.querySelector('[tabindex="0"]')?.setAttribute("tabindex", "-1");
    element.setAttribute("tabindex", "0");
    element.focus(options);
  }

  const DIRECTIONS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };

  /** The shape nearest in a direction: what lies aside counts double. */
  function nearest(from, [dx, dy]) {
    const middle = (element) => {
      const { left, top, width, height } = element.getBoundingClientRect();
      return [left + width / 2, top + height / 2];
    };
    const [x, y] = middle(from);
    let best = null, least = Infinity;
    for (const element of first.values()) {
      const [toX, toY] = middle(element);
      const along = (toX - x) * dx + (toY - y) * dy, aside = Math.abs((toX - x) * dy) + Math.abs((toY - y) * dx);
      if (along > 1 && along + 2 * aside < least) [best, least] = [element, along + 2 * aside];
    }
    return best;
  }

  function figureKey(event) {
    const one = event.target.closest(".one");
    if (!one) return;
    const all = [...first.values()];
    const to = { Home: all[0], End: all.at(-1) }[event.key] ?? (DIRECTIONS[event.key] && nearest(one, DIRECTIONS[event.key]));
    if (event.key === "Enter" || event.key === " ") choose(Number(one.dataset.n));
    else if (to) settle(to);
    else if (!DIRECTIONS[event.key]) return;
    event.preventDefault();
  }

  /** What a click in the picture means: a node, or in a matrix the row of a cell. */
  function clicked(event) {
    const one = event.target.closest(".one"), cell = form === "matrix" && event.target.closest("g.edge");
    const row = cell && /(?:^| )to-(\d+)/.exec(cell.getAttribute("class"));
    if (one) choose(Number(one.dataset.n));
    else if (row) choose(Number(row[1]));
  }

  // -- search -------------------------------------------------------------------------------------------------------------

  const texts = nodes.map((node) => [node.label, node.id, node.note].join("\n").toLowerCase());

  /** The nodes that have all the words; those whose name begins with what is written come first. */
  function matching(text) {
    const parts = text.toLowerCase().split(/\s+/).filter(Boolean);
    const found = [...nodes.keys()].filter((n) => parts.every((part) => texts[n].includes(part)));
    const begins = (n) => Number(texts[n].startsWith(parts[0] ?? ""));
    return found.sort((a, b) => begins(b) - begins(a));
  }

  function option(n, k) {
    const { label, kind, note, group } = nodes[n];
    const about = make("span", { class: "small" }, [kind, note, group].filter(Boolean).join("　"));
    return make("div", { role: "option", id: `option-${k}`, "aria-selected": "false", "data-to": n }, label, about);
  }

  function find() {
    const found = matching(query.value);
    const told = found.length ? filled(words.found, { count: found.length }) : words.none;
    const more = found.length > MOST ? filled(words.more, { count: found.length - MOST }) : found.length ? "" : told;
    const last = more && make("p", { class: "small", role: "presentation" }, more);
    results.replaceChildren(...found.slice(0, MOST).map(option), last);
    list(true);
    say(told);
  }

  function list(open) {
    results.hidden = !open;
    query.setAttribute("aria-expanded", String(open));
    mark(-1);
  }

  function mark(k) {
    const options = results.querySelectorAll('[role="option"]');
    options[state.marked]?.setAttribute("aria-selected", "false");
    state.marked = options.length ? Math.max(-1, Math.min(k, options.length - 1)) : -1;
    const marked = options[state.marked];
    if (!marked) return query.removeAttribute("aria-activedescendant");
    marked.setAttribute("aria-selected", "true");
    marked.scrollIntoView({ block: "nearest" });
    query.setAttribute("aria-activedescendant", marked.id);
  }

  function take(option) {
    list(false);
    query.value = "";
    choose(Number(option.dataset.to));
  }

  function queryKey(event) {
    if (event.isComposing) return; // the keys belong to whoever writes Chinese
    const options = results.hidden ? [] : results.querySelectorAll('[role="option"]');
    if (event.key === "ArrowDown" && results.hidden) find();
    if (event.key === "ArrowDown") mark(state.marked + 1);
    else if (event.key === "ArrowUp") mark(state.marked - 1);
    else if (event.key === "Enter" && options.length) take(options[Math.max(0, state.marked)]);
    else if (event.key === "Escape" && (query.value || !results.hidden)) cleared(event);
    else return;
    event.preventDefault();
  }

  /** The first Esc empties the search, only the next one leads back. */
  function cleared(event) {
    query.value = "";
    list(false);
    event.stopPropagation();
  }

  // -- the rest -----------------------------------------------------------------------------------------------------------

  /** The switch: a choice for each kind of edge, for the picture and for a node with its neighbours. */
  function prepareSwitch() {
    const set = document.getElementById("switch");
    set.hidden = !data.switch.length;
    for (const kind of data.switch) {
      const input = make("input", { type: "radio", name: "only", value: kind });
      set.append(make("label", {}, input, make("span", {}, filled(words.only, { name: kinds[kind].label }))));
    }
    set.addEventListener("change", (event) => {
      state.only = event.target.value;
      for (const { element, kind } of shapes) element.style.display = state.only && state.only !== kind ? "none" : "";
      setStops();
      redraw();
      say(event.target.parentElement.textContent);
    });
  }

  function pageKey(event) {
    if (event.key === "Escape" && state.chosen !== null) whole();
    if (event.key === "/" && !event.target.closest("input, textarea")) {
      event.preventDefault();
      query.focus();
    }
  }

  const follow = (event) => {
    const to = event.target.closest("[data-to]");
    if (to && Number(to.dataset.to) !== state.chosen) choose(Number(to.dataset.to));
  };

  prepare();
  prepareSwitch();
  controls.hidden = false;
  history.scrollRestoration = "manual";
  figure.addEventListener("click", clicked);
  figure.addEventListener("keydown", figureKey);
  around.addEventListener("click", follow);
  panel.addEventListener("click", follow);
  query.addEventListener("input", () => (query.value.trim() ? find() : list(false)));
  query.addEventListener("keydown", queryKey);
  query.addEventListener("blur", () => list(false));
  results.addEventListener("pointerdown", (event) => event.preventDefault()); // the focus stays where it is
  results.addEventListener("click", (event) => {
    const option = event.target.closest('[role="option"]');
    if (option) take(option);
  });
  back.addEventListener("click", whole);
  document.getElementById("print").addEventListener("click", () => print());
  document.addEventListener("keydown", pageKey);
  addEventListener("hashchange", show);
  addEventListener("resize", redraw);
  show();
}
