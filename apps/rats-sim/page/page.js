// SPDX-License-Identifier: MIT
// Draws a run from the JSON that the page contains. What stands in the page at a time is told to programs by the data
// attributes of the root element; data-state is "drawn" when all of it is there.
"use strict";
(() => {
  const root = document.documentElement;
  const byId = (id) => document.getElementById(id);
  const run = JSON.parse(byId("run").textContent);
  const {report, film} = run;
  const series = report.series;
  const times = series.seconds;
  const SVG = "http://www.w3.org/2000/svg";

  const make = (tag, parent, attributes = {}, text) => {
    const out = tag === "svg" || parent instanceof SVGElement ? document.createElementNS(SVG, tag) : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) out.setAttribute(name, value);
    if (text !== undefined) out.textContent = text;
    parent.append(out);
    return out;
  };
  const colour = (name) => getComputedStyle(root).getPropertyValue(name).trim();
  const count = (x) => x.toLocaleString("en-US", {maximumFractionDigits: x < 10 ? 2 : x < 100 ? 1 : 0});
  const short = (x) => {
    for (const [size, unit] of [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e4, "k"]])
      if (x >= size) return count(x / (unit === "k" ? 1e3 : size)) + " " + unit;
    return count(x);
  };
  const span = (s) => {
    const whole = Math.floor(s);
    const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60].map((x) => String(x).padStart(2, "0"));
    return s < 600 ? count(s) + " s" : (whole < 3600 ? parts.slice(1) : parts).join(":");
  };

  // -- topology: frames hold what changed since the one before, so the same list leads forward and back
  const up = new Uint8Array(film.nodes.length);
  const linked = new Uint8Array(film.links.length / 2);
  let frame = -1;
  const toggle = (which) => {
    for (const i of film.frames[which].nodes) up[i] ^= 1;
    for (const i of film.frames[which].links) linked[i] ^= 1;
  };
  const seek = (t) => {
    while (frame + 1 < film.frames.length && film.frames[frame + 1].at <= t) toggle(++frame);
    while (frame >= 0 && film.frames[frame].at > t) toggle(frame--);
  };

  /// Groups are discs around the middle; a small one has its nodes in a circle, a large one as seeds of a sunflower.
  const places = (() => {
    const order = report.groups.map((_, i) => i).sort((a, b) => film.regions[a].localeCompare(film.regions[b]) || a - b);
    const sizes = report.groups.map((_, g) => film.nodes.filter((x) => x[0] === g).length);
    const whole = order.reduce((sum, g) => sum + Math.sqrt(sizes[g]), 0);
    const out = film.nodes.map(() => [0, 0]);
    const centres = [];
    let turned = -Math.PI / 2;
    for (const g of order) {
      const angle = 2 * Math.PI * Math.sqrt(sizes[g]) / whole;
      const alone = order.length === 1;
      const away = alone ? 0 : 0.62;
      const radius = alone ? 0.9 : Math.max(0.05, Math.min(0.33, away * Math.sin(Math.min(angle, Math.PI) / 2) * 0.86));
      const centre = [away * Math.cos(turned + angle / 2), away * Math.sin(turned + angle / 2)];
      turned += angle;
      centres.push({group: g, x: centre[0], y: centre[1], radius});
      let k = 0;
      film.nodes.forEach((node, i) => {
        if (node[0] !== g) return;
        const n = sizes[g];
        const [r, a] = n <= 80 ? [n === 1 ? 0 : radius, 2 * Math.PI * k / n - Math.PI / 2]
          : [radius * Math.sqrt((k + 0.5) / n), k * Math.PI * (3 - Math.sqrt(5))];
        out[i] = [centre[0] + r * Math.cos(a), centre[1] + r * Math.sin(a)];
        ++k;
      });
    }
    // Cut to what is there, with room for a name above each disc.
    const box = centres.reduce((b, c) => [Math.min(b[0], c.x - c.radius), Math.min(b[1], c.y - c.radius),
      Math.max(b[2], c.x + c.radius), Math.max(b[3], c.y + c.radius)], [1, 1, -1, -1]);
    return {nodes: out, centres, box, shape: Math.max(0.45, Math.min(1, (box[3] - box[1]) / (box[2] - box[0])))};
  })();

  const nodeName = (i) => report.groups[film.nodes[i][0]].name + "/" + film.nodes[i][1];
  const groupColour = (g) => colour("--s" + g % 8);
  let pointed = -1;
  let seen = [];  // Where the nodes are on the canvas.

  const drawTopology = () => {
    const canvas = byId("topology");
    canvas.style.aspectRatio = String(1 / places.shape);
    const width = canvas.clientWidth || 560;
    const height = canvas.clientHeight || width * places.shape;
    const scale = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    const pen = canvas.getContext("2d");
    pen.scale(scale, scale);
    const [left, top, right, bottom] = places.box;
    const unit = Math.min((width - 28) / (right - left), (height - 50) / (bottom - top));
    const X = (p) => width / 2 + (p[0] - (left + right) / 2) * unit;
    const Y = (p) => height / 2 + 10 + (p[1] - (top + bottom) / 2) * unit;
    seen = film.nodes.map((_, i) => [X(places.nodes[i]), Y(places.nodes[i])]);
    const line = (i) => {
      const a = places.nodes[film.links[2 * i]], b = places.nodes[film.links[2 * i + 1]];
      pen.moveTo(X(a), Y(a));
      pen.lineTo(X(b), Y(b));
    };
    let shown = 0;
    for (const x of linked) shown += x;
    pen.strokeStyle = colour("--link");
    pen.lineWidth = 1;
    pen.globalAlpha = Math.max(0.05, Math.min(0.55, 26 / Math.sqrt(shown + 1) / 6));
    pen.beginPath();
    for (let i = 0; i < linked.length; ++i) if (linked[i]) line(i);
    pen.stroke();
    pen.globalAlpha = 1;
    const peers = new Set();
    if (pointed >= 0) {
      pen.strokeStyle = colour("--accent");
      pen.lineWidth = 1.6;
      pen.beginPath();
      for (let i = 0; i < linked.length; ++i) {
        const a = film.links[2 * i], b = film.links[2 * i + 1];
        if (!linked[i] || (a !== pointed && b !== pointed)) continue;
        peers.add(a === pointed ? b : a);
        line(i);
      }
      pen.stroke();
    }
    const dot = Math.max(2.2, Math.min(7, 90 / Math.sqrt(film.nodes.length + 1)));
    film.nodes.forEach((node, i) => {
      const p = places.nodes[i];
      pen.beginPath();
      pen.arc(X(p), Y(p), i === pointed ? dot * 1.5 : dot, 0, 2 * Math.PI);
      pen.fillStyle = up[i] ? groupColour(node[0]) : colour("--panel");
      pen.fill();
      if (!up[i] || peers.has(i) || i === pointed) {
        pen.lineWidth = 1.4;
        pen.strokeStyle = up[i] ? colour("--ink") : colour("--down");
        pen.stroke();
      }
    });
    if (places.centres.length > 1) {
      pen.font = "600 12px system-ui, sans-serif";
      pen.textAlign = "center";
      for (const one of places.centres) {
        const name = report.groups[one.group].name + (film.regions[one.group] ? " (" + film.regions[one.group] + ")" : "");
        const y = Y([0, one.y - one.radius]) - dot - 6;
        pen.lineWidth = 3;
        pen.strokeStyle = colour("--panel");
        pen.strokeText(name, X([one.x, 0]), Math.max(12, y));
        pen.fillStyle = colour("--quiet");
        pen.fillText(name, X([one.x, 0]), Math.max(12, y));
      }
    }
    byId("pointed").textContent = pointed < 0 ? "Point at a node to see its links."
      : nodeName(pointed) + (up[pointed] ? ": " + peers.size + (peers.size === 1 ? " link" : " links") : " is down")
        + (peers.size ? " to " + [...peers].slice(0, 8).map(nodeName).join(", ") + (peers.size > 8 ? ", …" : "") : "");
    root.dataset.drawnUp = up.reduce((sum, x) => sum + x, 0);
    root.dataset.drawnLinks = shown;
  };

  const watchPointer = () => {
    const canvas = byId("topology");
    const find = (event) => {
      const box = canvas.getBoundingClientRect();
      const x = event.clientX - box.left;
      const y = event.clientY - box.top;
      let best = -1, least = 12 ** 2;
      seen.forEach((p, i) => {
        const d = (p[0] - x) ** 2 + (p[1] - y) ** 2;
        if (d < least) [best, least] = [i, d];
      });
      return best;
    };
    const point = (i) => { if (i !== pointed) { pointed = i; drawTopology(); } };
    canvas.addEventListener("pointermove", (event) => point(find(event)));
    canvas.addEventListener("pointerleave", () => point(-1));
  };

  // -- charts
  const rate = (values) => values.map((x, i) => {
    const [before, since] = i === 0 ? [0, 0] : [values[i - 1], times[i - 1]];
    return times[i] > since ? (x - before) / (times[i] - since) : null;
  });
  const CHARTS = [
    {title: "Messages per second", lines: [["sent", rate(series.sent), "--s0"], ["delivered", rate(series.arrivals), "--s1"]]},
    {title: "Delivered within, ms", lines: [["half", series.latency_p50_ms, "--s0"], ["99 %", series.latency_p99_ms, "--s1"]]},
    {title: "Bytes per second", lines: [["on all links", rate(series.bytes), "--s0"]]},
    {title: "Links", lines: [["links", series.links, "--s0"]]},
    {title: "Nodes up", lines: [["up", series.up, "--s0"]]},
    {title: "Crashes and restarts of parts", lines: [["crashes", series.crashes, "--s0"], ["restarts", series.restarts, "--s1"]]},
  ];
  const W = 300, H = 124, LEFT = 40, RIGHT = 8, TOP = 8, BOTTOM = 20;
  const last = times.length ? times[times.length - 1] : 1;
  const atX = (t) => LEFT + (W - LEFT - RIGHT) * (last > 0 ? t / last : 0);

  /// The smallest of 1, 2 and 5 times a power of ten that is not below.
  const roof = (x) => {
    if (!(x > 0)) return 1;
    const power = 10 ** Math.floor(Math.log10(x));
    return [1, 2, 5, 10].map((k) => k * power).find((k) => k >= x * 0.999999);
  };

  const drawChart = (chart) => {
    const box = make("div", byId("charts"), {class: "panel chart"});
    make("h2", box, {}, chart.title);
    chart.values = make("div", box, {class: "values"});
    const svg = make("svg", box, {viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": chart.title});
    const most = roof(Math.max(0, ...chart.lines.flatMap((x) => x[1].filter((y) => y !== null))));
    const atY = (y) => H - BOTTOM - (H - TOP - BOTTOM) * y / most;
    for (const one of film.partitions)
      make("rect", svg, {x: atX(Math.min(one.from, last)), y: TOP, height: H - TOP - BOTTOM, fill: "var(--bad)", opacity: 0.1,
        width: Math.max(0, atX(Math.min(one.until, last)) - atX(Math.min(one.from, last)))}).append(
        Object.assign(document.createElementNS(SVG, "title"), {textContent: "partition " + one.name}));
    for (const y of [0, most / 2, most]) {
      make("line", svg, {x1: LEFT, x2: W - RIGHT, y1: atY(y), y2: atY(y), stroke: "var(--grid)"});
      make("text", svg, {x: LEFT - 5, y: atY(y) + 4, "text-anchor": "end"}, short(y));
    }
    for (const [t, anchor] of [[0, "start"], [last / 2, "middle"], [last, "end"]])
      make("text", svg, {x: atX(t), y: H - 5, "text-anchor": anchor}, span(t));
    for (const [, values, stroke] of chart.lines) {
      let path = "", drawing = false;
      values.forEach((y, i) => {
        if (y === null) { drawing = false; return; }
        path += (drawing ? "L" : "M") + atX(times[i]).toFixed(1) + " " + atY(y).toFixed(1);
        if (!drawing && (i + 1 === values.length || values[i + 1] === null)) path += "h0.1";
        drawing = true;
      });
      make("path", svg, {d: path, fill: "none", stroke: `var(${stroke})`, "stroke-width": 2, "stroke-linejoin": "round",
        "stroke-linecap": "round"});
    }
    chart.cursor = make("line", svg, {y1: TOP, y2: H - BOTTOM, stroke: "var(--ink)", "stroke-dasharray": "3 3", opacity: 0.7});
    const timeAt = (event) => {
      const area = svg.getBoundingClientRect();
      return ((event.clientX - area.left) / area.width * W - LEFT) / (W - LEFT - RIGHT) * last;
    };
    svg.addEventListener("pointermove", (event) => markChart(chart, indexAt(timeAt(event))));
    svg.addEventListener("pointerleave", () => markChart(chart, current));
    svg.addEventListener("click", (event) => show(indexAt(timeAt(event))));
  };

  const markChart = (chart, i) => {
    if (i < 0) return;
    chart.cursor.setAttribute("x1", atX(times[i]));
    chart.cursor.setAttribute("x2", atX(times[i]));
    chart.values.replaceChildren();
    for (const [name, values, stroke] of chart.lines) {
      const one = make("span", chart.values);
      if (chart.lines.length > 1) make("i", one, {style: `background: var(${stroke})`});
      one.append(name + " " + (values[i] === null ? "–" : short(values[i])));
    }
    if (i !== current) make("span", chart.values, {}, "at " + span(times[i]));
  };

  // -- the moment that is shown
  let current = -1;
  const indexAt = (t) => {
    let out = 0;
    while (out + 1 < times.length && times[out + 1] <= t + 1e-9) ++out;
    return times.length ? out : -1;
  };
  const text = (x) => x === null ? "–" : count(x);

  const show = (i) => {
    if (i < 0) return;
    current = i;
    const t = times[i];
    byId("time").value = i;
    byId("time").setAttribute("aria-valuetext", span(t));
    byId("clock").textContent = span(t);
    seek(t);
    const figures = [["Nodes up", text(series.up[i])], ["Links", text(series.links[i])], ["Sent", text(series.sent[i])],
      ["Delivered", text(series.arrivals[i])], ["Bytes", short(series.bytes[i]) + "B"],
      ["Half within", series.latency_p50_ms[i] === null ? "–" : count(series.latency_p50_ms[i]) + " ms"],
      ["99 % within", series.latency_p99_ms[i] === null ? "–" : count(series.latency_p99_ms[i]) + " ms"],
      ["Crashes", text(series.crashes[i])], ["Restarts", text(series.restarts[i])]];
    byId("figures").replaceChildren();
    for (const [name, value] of figures) {
      const box = make("div", byId("figures"), {class: "figure"});
      make("span", box, {}, name);
      make("b", box, {}, value);
    }
    for (const name of ["up", "links", "sent", "arrivals", "bytes", "events", "crashes", "restarts"]) root.dataset[name] = series[name][i];
    root.dataset.p50 = series.latency_p50_ms[i] ?? "";
    root.dataset.p99 = series.latency_p99_ms[i] ?? "";
    root.dataset.seconds = t;
    for (const chart of CHARTS) markChart(chart, i);
    drawTopology();
  };

  const fromAddress = () => {
    const found = /[#&]t=([0-9.]+)/.exec(location.hash);
    return found ? indexAt(Number(found[1])) : times.length - 1;
  };

  const play = () => {
    const button = byId("play");
    let running = null;
    const stop = () => { clearInterval(running); running = null; button.textContent = "▶"; button.setAttribute("aria-label", "Play"); };
    button.addEventListener("click", () => {
      if (running !== null) return stop();
      if (current === times.length - 1) show(0);
      button.textContent = "⏸";
      button.setAttribute("aria-label", "Pause");
      // The whole run in about twenty seconds.
      running = setInterval(() => current + 1 < times.length ? show(current + 1) : stop(), Math.max(50, 20000 / times.length));
    });
    byId("time").addEventListener("input", () => { stop(); show(Number(byId("time").value)); });
  };

  // -- the words and tables
  const table = (id, header, rows) => {
    const line = make("tr", make("thead", byId(id)));
    for (const [name, kind] of header) make("th", line, {class: kind}, name);
    const body = make("tbody", byId(id));
    for (const row of rows) {
      const tr = make("tr", body);
      row.forEach((cell, i) => make("td", tr, {class: Array.isArray(cell) ? cell[1] : header[i][1]}, Array.isArray(cell) ? cell[0] : cell));
    }
  };

  const words = () => {
    const title = report.title || report.scenario;
    document.title = title + " – rats-sim";
    byId("title").textContent = title;
    byId("outcome").textContent = report.outcome;
    byId("outcome").classList.add(report.outcome);
    byId("subtitle").textContent = `${report.scenario}, seed ${report.seed}: ${count(report.nodes)} nodes, `
      + `${span(report.virtual_seconds)} of virtual time, ${count(report.events)} events, event hash ${report.event_hash}`;
    byId("replay").textContent = report.replay;
    byId("breaches").hidden = report.breaches.length === 0;
    for (const one of report.breaches)
      make("li", byId("breaches"), {}, `${one.expectation}.${one.threshold} at ${span(one.at_seconds)}: ${one.found}`
        + (one.nodes.length ? ` (${one.nodes.join(", ")})` : ""));
    byId("drawn").textContent = (film.nodes.length < report.nodes
      ? `${count(film.nodes.length)} of ${count(report.nodes)} nodes are drawn, and the links between those` : "")
      + (film.links_left_out ? `; ${count(film.links_left_out)} links were too many to draw` : "");
    report.groups.forEach((group, g) => {
      const one = make("span", byId("legend"));
      make("i", one, {style: `background: var(--s${g % 8})`});
      one.append(group.name);
    });
    const right = "number";
    table("groups", [["group", ""], ["nodes", right], ["up", right], ["lives", right], ["peers, least", right],
      ["mean", right], ["most", right], ["restarts", right]], report.groups.map((x) => [x.name, count(x.count), count(x.up),
      count(x.lives), count(x.peers.least), count(x.peers.mean), count(x.peers.most), count(x.restarts)]));
    table("workloads", [["workload", ""], ["kind", ""], ["sent", right], ["owed", right], ["delivered", right], ["twice", right],
      ["half, ms", right], ["99 %, ms", right], ["most, ms", right]], report.workloads.map((x) => [x.name, x.kind, count(x.sent),
      count(x.owed), x.owed ? (100 * x.delivered_share).toFixed(3) + " %" : "–", count(x.duplicates), count(x.latency_ms.p50),
      count(x.latency_ms.p99), count(x.latency_ms.most)]));
    byId("expected").hidden = report.findings.length === 0;
    table("findings", [["expectation", ""], ["expected", ""], ["found", ""], ["", ""]], report.findings.map((x) => [
      x.expectation + "." + x.threshold, x.expected, x.found, x.held ? ["held", "good"] : ["broken", "bad"]]));
  };

  try {
    words();
    CHARTS.forEach(drawChart);
    byId("time").max = Math.max(0, times.length - 1);
    show(fromAddress());
    play();
    watchPointer();
    window.addEventListener("hashchange", () => show(fromAddress()));
    window.addEventListener("resize", drawTopology);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawTopology);
    root.dataset.samples = times.length;
    root.dataset.drawnNodes = film.nodes.length;
    root.dataset.state = "drawn";
  } catch (failure) {
    root.dataset.state = "failed";
    root.dataset.failure = String(failure);
    throw failure;
  }
})();
