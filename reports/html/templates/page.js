"use strict";
// The view, what of it, and the filters are in the address: #cell/PAGE/CLAUSE/IMPLEMENTATION?family=openssl. Everything from the record
// is shown as text (textContent), never as HTML.
(() => {
  document.documentElement.className = "js";
  const data = JSON.parse(document.getElementById("data").textContent);
  const form = document.getElementById("filters");
  const table = document.getElementById("cells");
  const found = form.querySelector("output");
  const rows = [...table.querySelectorAll("tr[data-clause]")];
  const names = data.implementations;
  const families = [...table.querySelectorAll("thead .names th[data-family]")].map((head) => head.dataset.family);
  const title = document.title;
  const filterBox = document.getElementById("filter");

  function element(tag, text = "", classes = "") {
    const made = document.createElement(tag);
    made.textContent = text;
    if (classes) made.className = classes;
    return made;
  }

  function within(parent, ...children) {
    parent.append(...children);
    return parent;
  }

  function decoded(text) {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  }

  function address() {
    const [path, query = ""] = location.hash.slice(1).split("?");
    return { path, parts: path.split("/").map(decoded), filters: new URLSearchParams(query) };
  }

  function hash(path, filters) {
    const query = filters.toString();
    return `#${path}${query ? `?${query}` : ""}`;
  }

  // The address of a view of something; a clause's id has a slash in it.
  function to(...parts) {
    return `#${parts.join("/").split("/").map(encodeURIComponent).join("/")}`;
  }

  // The address of two things side by side: a name may have a slash in it, and would be taken for two.
  function beside(one, other) {
    return `#${["differences", one, other].map(encodeURIComponent).join("/")}`;
  }

  // Filters

  function chosen() {
    const values = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (value.trim()) values.set(name, value.trim());
    return values;
  }

  function fill(filters) {
    for (const field of form.elements) if (field.name) field.value = filters.get(field.name) ?? "";
  }

  function matches(node, filters, text) {
    const among = (name) => !filters.get(name) || node.dataset[name] === undefined || node.dataset[name].split("|").includes(filters.get(name));
    return ["page", "kind", "verdict", "family", "protocol"].every(among) && (!text || node.textContent.toLowerCase().includes(text));
  }

  function filter(filters) {
    const text = (filters.get("text") ?? "").toLowerCase();
    for (const node of document.querySelectorAll(".finding, section.question, .one, .implementation, .era")) {
      node.hidden = !matches(node, filters, text);
    }
    filterAnswers(filters);
    for (const group of document.querySelectorAll(".group")) group.hidden = !group.querySelector(".finding:not([hidden])");
    const shown = filterMatrix(filters, text);
    found.textContent = filters.size ? `${shown} of ${rows.length} clauses` : "";
  }

  // Leaves the answers that somebody of the family gives, and the questions that then have any.
  function filterAnswers(filters) {
    for (const question of document.querySelectorAll("section.question:not([hidden])")) {
      for (const answers of question.querySelectorAll("table")) {
        for (const row of answers.querySelectorAll("tr[data-family]")) row.hidden = !matches(row, filters, "");
        answers.hidden = !answers.querySelector("tbody tr:not([hidden])");
      }
      question.hidden = !question.querySelector("table:not([hidden])");
    }
  }

  // Shows the rows and columns that are wanted, each cell as it is for the protocol, and returns how many rows that are.
  function filterMatrix(filters, text) {
    const away = new Set(names.map((_, at) => at).filter((at) => filters.get("family") && families[at] !== filters.get("family")));
    const verdict = filters.get("verdict");
    const protocol = filters.get("protocol") ?? "";
    const cells = data.cells[Object.hasOwn(data.cells, protocol) ? protocol : ""];
    for (const row of rows) {
      const says = `${row.dataset.clause} ${row.cells[0].title}`.toLowerCase();
      const places = cells[row.dataset.clause];
      const marks = places?.map((place) => data.marks[place]);
      const keeps = (mark, at) => !away.has(at) && (!verdict || mark[1].split(" ")[0] === verdict);
      const fits = ["page", "kind"].every((name) => !filters.get(name) || row.dataset[name] === filters.get(name));
      row.hidden = !(fits && says.includes(text) && marks?.some(keeps));
      if (!row.hidden) marks.forEach((mark, at) => fillCell(row.cells[at + 1], mark, away.has(at), keeps(mark, at)));
    }
    hideColumns(away);
    return rows.filter((row) => !row.hidden).length;
  }

  function fillCell(cell, [word, classes], away, kept) {
    set(cell.firstChild, "textContent", word);
    set(cell, "className", `${classes}${cell.classList.contains("first") ? " first" : ""}${kept ? "" : " away"}`);
    set(cell, "hidden", away);
  }

  // Setting what is set already would have the browser lay out the table again.
  function set(node, name, value) {
    if (node[name] !== value) node[name] = value;
  }

  function hideColumns(away) {
    for (const row of table.querySelectorAll(".names, .totals tr:not(.section)")) {
      [...row.cells].slice(1).forEach((cell, at) => set(cell, "hidden", away.has(at)));
    }
    for (const head of table.querySelectorAll("thead th[colspan]")) {
      head.hidden = families.every((family, at) => family !== head.dataset.family || away.has(at));
    }
    for (const body of table.querySelectorAll("tbody:not(.totals)")) body.hidden = !body.querySelector("tr[data-clause]:not([hidden])");
    for (const head of table.querySelectorAll(".section th")) head.colSpan = names.length - away.size + 1;
  }

  // Views

  const views = [...document.querySelectorAll("main > .view")];
  const singles = { clause: "clauses", implementation: "implementations" };

  function show(moved) {
    const { path, parts, filters } = address();
    const view = singles[parts[0]] ?? (views.some((each) => each.id === parts[0]) ? parts[0] : "findings");
    for (const each of views) each.hidden = each.id !== view;
    filterBox.hidden = Boolean(singles[parts[0]]) || ["cell", "differences", "editions", "help"].includes(view);
    for (const link of document.querySelectorAll("nav a")) {
      const leads = link.getAttribute("href").slice(1).split("?")[0];
      if (leads === view) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
      link.href = hash(leads, filters);
    }
    fill(filters);
    filter(filters);
    found.hidden = view !== "matrix";
    let target = document.getElementById(view);
    if (singles[parts[0]]) target = one(view, path) ?? target;
    if (view === "cell") evidence(parts);
    if (view === "differences") differences(parts);
    const heading = target.querySelector("h2, h3");
    document.title = path ? `${heading.textContent.trim()} - ${title}` : title;
    if (moved && path) {
      heading.focus({ preventScroll: true });
      if (singles[parts[0]] || view === "cell") target.scrollIntoView({ block: "start" });
      else scrollTo(0, 0);
    }
  }

  function one(view, path) {
    const articles = [...document.querySelectorAll(`#${view} > article`)];
    const wanted = articles.find((article) => article.id === path || decoded(article.id) === decoded(path));
    if (wanted) for (const article of articles) article.hidden = article !== wanted;
    return wanted;
  }

  // A cell and its evidence

  function evidence(parts) {
    const clause = data.clauses.indexOf(`${parts[1]}/${parts[2]}`);
    const name = parts.slice(3).join("/");
    const box = document.querySelector("#cell > div");
    const heading = document.getElementById("cell-title");
    box.replaceChildren();
    if (clause < 0 || !Object.hasOwn(data.rows, name)) {
      heading.textContent = "Nothing here";
      box.append(element("p", "The address names a clause or an implementation that this page does not have."));
      return;
    }
    heading.textContent = `${data.clauses[clause]} on ${name}`;
    const about = data.rows[name].filter((row) => data.templates[row[0]][2].includes(clause) || row[7].some((each) => each[0] === clause));
    box.append(element("p", data.says[clause]), links(clause, name), again(clause, name, about));
    if (!about.length) box.append(element("p", "No row of this clause was run; where it has a verdict, it was checked on every call of the others."));
    for (const row of about) box.append(shownRow(row, clause));
    const made = data.reproducers[clause] ?? {};
    if (Object.hasOwn(made, name)) {
      box.append(within(element("details", "", "program"), element("summary", "A C program that shows it"), ...program(made[name])));
    }
  }

  // C programs, which have most of their parts in common

  function source(place) {
    const text = (part) => data.parts[part].map((line) => `${data.code[line]}\n`).join("");
    return data.programs[place].map(text).join("\n");
  }

  // The program, with what a reader does with it.
  function program(place) {
    const text = source(place);
    const block = Object.assign(element("pre", text), { tabIndex: 0 });
    const save = Object.assign(element("a", "Download"), { download: "repro.c", href: URL.createObjectURL(new Blob([text], { type: "text/plain" })) });
    const copy = Object.assign(element("button", "Copy"), { type: "button" });
    const done = element("output");
    copy.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(text);
        done.textContent = "Copied.";
      } catch {
        getSelection().selectAllChildren(block);
        done.textContent = "Selected: copy it with the keyboard.";
      }
    });
    return [within(element("p"), copy, " ", save, " ", done), block];
  }

  // While it is closed there is nothing in it: the filter for text would find half of C in every finding.
  for (const box of document.querySelectorAll("details.program")) {
    const fill = () => box.replaceChildren(box.firstElementChild, ...(box.open ? program(box.dataset.program) : []));
    box.addEventListener("toggle", fill);
    fill();
  }

  function links(clause, name) {
    const link = (text, ...parts) => Object.assign(element("a", text), { href: to(...parts) });
    return within(
      element("p"),
      link("the clause", "clause", data.clauses[clause]), ", ",
      link("the implementation", "implementation", name), ", ",
      link("the matrix", "matrix"),
    );
  }

  function again(clause, name, about) {
    const option = about.some((row) => data.templates[row[0]][4]) ? " --undefined" : "";
    return within(element("p", "Run it again: "), element("code", `sslspec explain ${data.clauses[clause]} -i ${name}${option}`));
  }

  function shownRow(row, clause) {
    const [template, verdict, reason, expected, observed, answer, events, broken, known] = row;
    const [place, name, , control] = data.templates[template];
    const word = data.texts[verdict];
    const loud = ["deviates", "crashes", "hangs"].includes(word) || broken.length;
    const made = Object.assign(element("details", "", "row"), { open: Boolean(loud) });
    const head = within(element("summary"), element("span", word, `verdict ${word}`), " ", name);
    if (control) head.append(" (control: what happens without the cause)");
    made.append(head, pairs([
      ["expected", data.texts[expected]], ["observed", data.texts[observed]], ["answer", data.texts[answer]],
      ["why", expected || observed ? "" : data.texts[reason]], ["scenario", place],
      ...broken.filter((each) => each[0] === clause).map((each) => ["broken on a call", data.texts[each[1]]]),
    ]));
    for (const entry of known) made.append(element("h3", "Known"), pairs(data.known[entry]));
    const lines = data.evidence[events].map((line) => data.lines[line]);
    if (lines.length) made.append(...timeline(lines), calls(lines));
    return made;
  }

  function pairs(items) {
    const list = element("dl");
    for (const [label, text, isLink] of items.filter((item) => item[1])) {
      const value = element("dd", isLink ? "" : text);
      if (isLink) value.append(Object.assign(element("a", text), { href: text, rel: "noreferrer" }));
      list.append(element("dt", label), value);
    }
    return list;
  }

  function calls(lines) {
    const block = element("pre", "", "evidence");
    block.tabIndex = 0;
    for (const line of lines) {
      const kind = line.startsWith(" ") ? (/^ +callback /.test(line) ? "callback" : /^ +[\w-]+\(.*\): /.test(line) ? "seen" : "call") : "step";
      block.append(element("span", `${line}\n`, kind));
    }
    return block;
  }

  // How each session's references went, in the order in which they were counted.
  function timeline(lines) {
    const counts = new Map();
    for (const line of lines) {
      const seen = /^ *references\((\w+)\): (-?\d+)$/.exec(line);
      if (seen) counts.set(seen[1], [...(counts.get(seen[1]) ?? []), seen[2]]);
    }
    if (!counts.size) return [];
    const went = [...counts].map(([session, numbers]) => [session, numbers.join(" → ")]);
    return [element("h3", "References"), pairs(went)];
  }

  // Two implementations

  const sides = ["one", "other"].map((id) => document.getElementById(id));

  function differences(parts) {
    const [one, other] = [0, 1].map((at) => (names.includes(parts[at + 1]) ? parts[at + 1] : names[Math.min(at, names.length - 1)]));
    sides[0].value = one;
    sides[1].value = other;
    const theirs = new Map(data.rows[other].map((row) => [row[0], row]));
    const differ = data.rows[one].filter((row) => theirs.has(row[0]) && said(row) !== said(theirs.get(row[0])));
    const both = differ.filter((row) => ran(row) && ran(theirs.get(row[0])));
    const made = within(element("table"), element("caption", `${differ.length} of ${data.rows[one].length} rows`), head(["clause", "row", one, other]));
    const groups = [["Both were seen to do something", both], ["One of them could not be seen, or need not", differ.filter((row) => !both.includes(row))]];
    for (const [label, rows] of groups.filter((part) => part[1].length)) {
      const body = within(element("tbody"), within(element("tr"), Object.assign(element("th", `${label}: ${rows.length}`), { scope: "rowgroup", colSpan: 4 })));
      for (const row of rows) body.append(line(row, theirs.get(row[0]), one, other));
      made.append(body);
    }
    document.querySelector("#differences > div").replaceChildren(made);
  }

  const ran = (row) => ["conforms", "answered", "deviates", "crashes", "hangs"].includes(data.texts[row[1]]);

  const said = (row) => [row[1], row[4], row[5]].join();

  function head(labels) {
    const row = element("tr");
    for (const label of labels) row.append(Object.assign(element("th", label), { scope: "col" }));
    return within(element("thead"), row);
  }

  function line(row, their, one, other) {
    const [, name, clauses] = data.templates[row[0]];
    const ids = clauses.map((clause) => data.clauses[clause]);
    const first = Object.assign(element("th"), { scope: "row" });
    ids.forEach((id, at) => first.append(at ? ", " : "", Object.assign(element("a", id), { href: to("clause", id) })));
    return within(element("tr"), first, element("td", name), side(row, ids[0], one), side(their, ids[0], other));
  }

  function side(row, id, name) {
    const word = data.texts[row[1]];
    const link = within(Object.assign(element("a"), { href: to("cell", id, name) }), element("span", word, `verdict ${word}`));
    return within(element("td"), link, " ", data.texts[row[5]] || data.texts[row[4]] || data.texts[row[2]]);
  }

  for (const side of sides) {
    for (const name of names) side.append(element("option", name));
    side.addEventListener("change", () => { location.hash = beside(...sides.map((each) => each.value)); });
  }
  for (const link of document.querySelectorAll("nav a[hidden]")) link.hidden = false;

  // With the keyboard the matrix is one stop of the tab key; the arrows move in it.
  const reachable = () => rows.filter((row) => !row.hidden).map((row) => [...row.cells].slice(1).filter((cell) => !cell.hidden).map((cell) => cell.firstChild));

  function roam(event) {
    const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    const move = moves[event.key];
    if (!move || !event.target.closest("td")) return;
    const grid = reachable();
    const y = grid.findIndex((line) => line.includes(event.target));
    const next = grid[y + move[0]]?.[grid[y].indexOf(event.target) + move[1]];
    if (!next) return;
    event.preventDefault();
    stop(next);
    next.focus();
  }

  function stop(link) {
    for (const other of table.querySelectorAll('td > a[tabindex="0"]')) other.tabIndex = -1;
    link.tabIndex = 0;
  }

  for (const link of table.querySelectorAll("td > a")) link.tabIndex = -1;
  if (reachable()[0]?.[0]) stop(reachable()[0][0]);
  table.addEventListener("keydown", roam);
  filterBox.open = !matchMedia("(max-width: 45rem)").matches || address().filters.size > 0;
  form.addEventListener("submit", (event) => event.preventDefault());
  for (const kind of ["input", "change"]) {
    form.addEventListener(kind, () => {
      history.replaceState(null, "", hash(address().path || "findings", chosen()));
      show(false);
    });
  }
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    history.replaceState(null, "", `#${address().path || "findings"}`);
    show(false);
  });
  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault();
    views.find((view) => !view.hidden).querySelector("h2").focus();
  });
  addEventListener("hashchange", () => show(true));
  show(Boolean(location.hash));
})();
