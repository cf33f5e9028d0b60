// When people are there, and how sure each joint of the chosen person is.
const ROW = matchMedia("(pointer: coarse)").matches ? 26 : 19;
const MOST_LANES = 60;
const LEAST_FRAMES = 10; // that a zoomed window shows

class Timeline {
  constructor(recording, view, facts, player, nameOf) {
    Object.assign(this, { recording, view, facts, player, nameOf });
    document.documentElement.style.setProperty("--row", `${ROW}px`);
    for (const lane of document.querySelectorAll(".lane")) this.#listen(lane);
    byId("zoom-in").addEventListener("click", () => this.zoom(0.5));
    byId("zoom-out").addEventListener("click", () => this.zoom(2));
    byId("zoom-all").addEventListener("click", () => this.zoom(Infinity));
    new ResizeObserver(() => this.draw()).observe(byId("axis").parentElement);
    view.on("panels from to theme person threshold hiddenParts hiddenPeople", () => this.draw());
    view.on("frame from to total", () => {
      this.#follow();
      movePlayheads(view);
    });
    this.#labelJoints();
  }

  // The window becomes `factor` times as long, around the current frame.
  zoom(factor) {
    const { from, to, total, frame } = this.view;
    const length = Math.min(total, Math.max(LEAST_FRAMES, Math.round((to - from) * factor)));
    const start = Math.round(Math.min(Math.max(0, frame - length / 2), total - length));
    this.view.set({ from: start, to: start + length });
  }

  #follow() {
    const { from, to, total, frame } = this.view;
    if (frame >= from && frame < to) return;
    const length = to - from;
    const start = Math.round(
      Math.min(Math.max(0, frame - length / 10), Math.max(0, total - length)),
    );
    this.view.set({ from: start, to: start + length });
  }

  #listen(lane) {
    const seek = (event) => {
      const { left, width } = lane.getBoundingClientRect();
      const part = Math.min(0.9999, Math.max(0, (event.clientX - left) / width));
      this.player.seek(Math.floor(this.view.from + part * (this.view.to - this.view.from)));
    };
    lane.addEventListener("pointerdown", (event) => {
      lane.setPointerCapture(event.pointerId);
      seek(event);
    });
    lane.addEventListener("pointermove", (event) => {
      if (lane.hasPointerCapture(event.pointerId)) seek(event);
    });
    lane.addEventListener(
      "wheel",
      (event) => {
        if (!event.ctrlKey && !event.metaKey) return;
        event.preventDefault();
        this.zoom(event.deltaY > 0 ? 1.25 : 0.8);
      },
      { passive: false },
    );
  }

  #labelJoints() {
    const buttons = this.facts.parts.map((name, part) => {
      const button = element("button", { type: "button", textContent: name, title: name });
      button.addEventListener("click", () =>
        this.view.set({ hiddenParts: toggled(this.view.hiddenParts, [part]) }),
      );
      return button;
    });
    byId("joints-labels").replaceChildren(...buttons);
  }

  #labelPeople(people) {
    const label = byId("people-labels"),
      { view } = this;
    const known = people.join();
    if (label.dataset.people !== known) {
      label.dataset.people = known;
      label.replaceChildren(
        ...people.map((person) => {
          const swatch = element("i", { className: "swatch" });
          swatch.style.background = personColour(person);
          const button = element("button", { type: "button" }, swatch, this.nameOf(person));
          button.addEventListener("click", () => view.set({ person }));
          return button;
        }),
      );
    }
    people.forEach((person, n) =>
      label.children[n].classList.toggle("chosen", person === view.person),
    );
  }

  draw() {
    const width = byId("axis").parentElement.clientWidth;
    if (!width || !this.recording.frames) return;
    const people = lanesOf(this.recording);
    this.#labelPeople(people);
    this.#drawAxis(width);
    this.#drawPeople(width, people);
    this.#drawJoints(width);
    byId("joints-of").textContent =
      this.view.person === null ? "" : `· ${this.nameOf(this.view.person)}`;
    [...byId("joints-labels").children].forEach((button, part) =>
      button.setAttribute("aria-pressed", !this.view.hiddenParts.has(part)),
    );
    movePlayheads(this.view);
  }

  #drawAxis(width) {
    const { from, to } = this.view,
      { times } = this.recording;
    const canvas = byId("axis"),
      start = times[from] ?? 0,
      end = times[Math.max(from, to - 1)] ?? start;
    canvas.style.height = "20px";
    const pen = sized(canvas, width, 20);
    byId("window").textContent = `${clockText(start)} – ${clockText(end)}`;
    if (!(end > start)) return;
    const step = niceStep(
      (end - start) / Math.max(2, width / 110),
      [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600],
    );
    pen.font = "11px system-ui, sans-serif";
    pen.fillStyle = themeColour("quiet");
    pen.strokeStyle = themeColour("line");
    pen.beginPath();
    for (let time = Math.ceil(start / step) * step; time <= end; time += step) {
      const x = ((time - start) / (end - start)) * width;
      pen.moveTo(x, 14);
      pen.lineTo(x, 20);
      const text = clockText(time, step < 1 ? (step < 0.1 ? 2 : 1) : 0);
      const wide = pen.measureText(text).width;
      pen.fillText(text, Math.min(width - wide, Math.max(0, x - wide / 2)), 11);
    }
    pen.stroke();
  }

  #drawPeople(width, people) {
    const { recording, view } = this,
      canvas = byId("people-lanes"),
      height = people.length * ROW;
    canvas.style.height = `${height}px`;
    const pen = sized(canvas, width, height),
      bins = binsOf(view, width);
    people.forEach((person, lane) => {
      pen.fillStyle = themeColour("sunk");
      pen.globalAlpha = 0.75;
      pen.fillRect(0, lane * ROW + 2, width, ROW - 4);
      const scores = binned(recording, view, person, bins, 1, (row) => [recording.mean[row]]);
      pen.fillStyle = personColour(person);
      const dim = view.hiddenPeople.has(person) ? 0.3 : 1;
      for (let bin = 0; bin < bins; bin++) {
        if (Number.isNaN(scores[bin])) continue;
        pen.globalAlpha = dim * (0.3 + 0.7 * Math.min(1, scores[bin]));
        const left = Math.floor((bin * width) / bins);
        pen.fillRect(left, lane * ROW + 2, Math.floor(((bin + 1) * width) / bins) - left, ROW - 4);
      }
    });
  }

  #drawJoints(width) {
    const { recording, view } = this,
      { parts } = recording;
    const canvas = byId("joints-lanes"),
      height = parts * ROW,
      bins = binsOf(view, width);
    canvas.style.height = `${height}px`;
    const pen = sized(canvas, width, height);
    const scores = binned(
      recording,
      view,
      view.person,
      bins,
      parts,
      (row) => recording.scores.subarray(row * parts, (row + 1) * parts),
      SCORE_STEPS,
    );
    const cells = new ImageData(bins, parts);
    const [red, green, blue] = themeColour("accent")
      .match(/[\d.]+/g)
      .map(Number);
    for (let part = 0; part < parts; part++) {
      for (let bin = 0; bin < bins; bin++) {
        const score = scores[bin * parts + part];
        if (!(score > 0)) continue;
        cells.data.set([red, green, blue, 255 * Math.min(1, score)], 4 * (part * bins + bin));
      }
    }
    const small = new OffscreenCanvas(bins, parts);
    small.getContext("2d").putImageData(cells, 0, 0);
    pen.imageSmoothingEnabled = false;
    for (let part = 0; part < parts; part++) {
      pen.globalAlpha = 0.75;
      pen.fillStyle = themeColour("sunk");
      pen.fillRect(0, part * ROW + 1.5, width, ROW - 3);
      pen.globalAlpha = view.hiddenParts.has(part) ? 0.25 : 1;
      pen.drawImage(small, 0, part, bins, 1, 0, part * ROW + 1.5, width, ROW - 3);
    }
  }
}

const binsOf = (view, width) => Math.max(1, Math.min(Math.round(width), view.to - view.from));

// Of the people who are there longest, in the order of their ids.
function lanesOf(recording) {
  const people = recording.people;
  if (people.length <= MOST_LANES) return people;
  const longest = people.toSorted((a, b) => recording.track(b).length - recording.track(a).length);
  const kept = new Set(longest.slice(0, MOST_LANES));
  return people.filter((person) => kept.has(person));
}

// Means over the rows of each bin of the window; NaN where the person is not there.
function binned(recording, view, person, bins, values, valuesOf, divisor = 1) {
  const sums = new Float32Array(bins * values),
    counts = new Int32Array(bins);
  const rows = recording.track(person),
    length = view.to - view.from;
  for (let n = recording.indexFrom(rows, view.from); n < rows.length; n++) {
    const frame = recording.frameOf[rows[n]];
    if (frame >= view.to) break;
    const bin = Math.floor(((frame - view.from) * bins) / length),
      given = valuesOf(rows[n]);
    for (let v = 0; v < values; v++) sums[bin * values + v] += given[v];
    counts[bin]++;
  }
  for (let n = 0; n < sums.length; n++) sums[n] /= counts[Math.floor(n / values)] * divisor;
  return sums;
}

function movePlayheads(view) {
  const place = (view.frame + 0.5 - view.from) / Math.max(1, view.to - view.from);
  for (const head of document.querySelectorAll(".playhead")) {
    head.hidden = place < 0 || place > 1;
    head.style.transform = `translateX(${place * head.parentElement.clientWidth}px)`;
  }
}

function niceStep(least, steps) {
  const fine = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, ...steps];
  return fine.find((step) => step >= least) ?? Math.ceil(least / 3600) * 3600;
}

function toggled(set, members) {
  const next = new Set(set),
    hide = members.some((one) => !set.has(one));
  for (const one of members)
    if (hide) next.add(one);
    else next.delete(one);
  return next;
}
