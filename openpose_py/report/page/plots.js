// Angles and speeds of the chosen person.
const PLOT_HEIGHT = 92;
const SIDE_NAMES = { L: "left", R: "right", "": "middle" };

class Plots {
  constructor(recording, view, facts, player, nameOf) {
    Object.assign(this, { recording, view, nameOf });
    this.plots = facts.plots.map((plot) => this.#made(plot, player));
    byId("plots").replaceChildren(...this.plots.map((plot) => plot.figure));
    byId("motion-title").parentElement.parentElement.hidden = !this.plots.length;
    new ResizeObserver(() => this.draw()).observe(byId("plots"));
    view.on("panels person threshold", () => {
      this.measure();
      this.draw();
    });
    view.on("from to theme", () => this.draw());
    view.on("frame panels person threshold", () => this.tell());
  }

  #made(plot, player) {
    const outputs = plot.series.map(({ side }) =>
      element("output", { className: SIDE_NAMES[side] }),
    );
    const head = element("i", { className: "playhead" });
    const canvas = element("canvas");
    canvas.style.height = `${PLOT_HEIGHT}px`;
    canvas.setAttribute("aria-label", plot.name);
    canvas.setAttribute("role", "img");
    const lane = element("div", { className: "lane" }, canvas, head);
    lane.addEventListener("pointerdown", (event) => {
      const { left, width } = lane.getBoundingClientRect();
      player.seek(
        Math.floor(
          this.view.from + ((event.clientX - left) / width) * (this.view.to - this.view.from),
        ),
      );
    });
    const title = element("b", { textContent: plot.name });
    const scale = element("div", { className: "scale" });
    const figure = element(
      "div",
      { className: "plot" },
      element("header", {}, title, ...outputs),
      element("div", { className: "body" }, scale, lane),
    );
    return { ...plot, figure, canvas, scale, outputs, values: [] };
  }

  measure() {
    const { recording, view } = this;
    for (const plot of this.plots) {
      plot.values = plot.series.map((one) => seriesOf(recording, view.person, one, view.threshold));
    }
    byId("motion-of").textContent = view.person === null ? "" : `· ${this.nameOf(view.person)}`;
  }

  tell() {
    for (const plot of this.plots) {
      plot.values.forEach((series, n) => {
        const value = valueAt(series, this.view.frame);
        plot.outputs[n].textContent = Number.isNaN(value)
          ? "–"
          : `${spoken(Math.round(value))}${plot.unit === "°" ? "°" : ` ${plot.unit}`}`;
      });
    }
  }

  draw() {
    for (const plot of this.plots) {
      const width = plot.canvas.parentElement.clientWidth;
      if (!width) continue;
      const pen = sized(plot.canvas, width, PLOT_HEIGHT);
      const lines = plot.lines.length ? plot.lines : halves(niceTop(plot.values));
      const [low, high] = [lines[0], lines.at(-1)];
      const y = (value) =>
        PLOT_HEIGHT -
        6 -
        ((Math.min(high, Math.max(low, value)) - low) / (high - low)) * (PLOT_HEIGHT - 12);
      this.#grid(pen, width, lines, y, plot);
      plot.series
        .map(({ side }, n) => ({ side, series: plot.values[n] }))
        .sort((a, b) => (a.side !== "R") - (b.side !== "R"))
        .forEach(({ side, series }) => {
          if (series) this.#line(pen, width, y, series, side);
        });
    }
    movePlayheads(this.view);
  }

  #grid(pen, width, lines, y, { scale, unit }) {
    pen.strokeStyle = themeColour("line");
    pen.lineWidth = 1;
    scale.replaceChildren(
      ...lines.map((value) => {
        const height = Math.round(y(value)) + 0.5;
        pen.beginPath();
        pen.moveTo(0, height);
        pen.lineTo(width, height);
        pen.stroke();
        const label = element("span", { textContent: spoken(value) + (unit === "°" ? "°" : "") });
        label.style.top = `${height}px`;
        return label;
      }),
    );
  }

  #line(pen, width, y, { frames, values }, side) {
    const { from, to } = this.view;
    pen.strokeStyle = themeColour(side === "R" ? "quiet" : "accent");
    pen.lineWidth = side === "R" ? 1.2 : 1.5;
    pen.lineJoin = "round";
    pen.beginPath();
    let before = null; // column, lowest, highest and last value of the columns's frames
    let last = -2;
    const finish = () => {
      if (before && before.high > before.low) {
        pen.moveTo(before.x, y(before.low));
        pen.lineTo(before.x, y(before.high));
        pen.moveTo(before.x, y(before.last));
      }
    };
    for (let n = 0; n < frames.length; n++) {
      if (frames[n] < from - 1 || Number.isNaN(values[n])) continue;
      if (frames[n] > to) break;
      const x = ((frames[n] + 0.5 - from) / (to - from)) * width,
        value = values[n];
      if (before && frames[n] === last + 1 && x - before.x < 1) {
        Object.assign(before, {
          low: Math.min(before.low, value),
          high: Math.max(before.high, value),
          last: value,
        });
      } else {
        finish();
        if (before && frames[n] === last + 1) pen.lineTo(x, y(value));
        else {
          pen.moveTo(x - 0.75, y(value));
          pen.lineTo(x + 0.75, y(value));
        }
        before = { x, low: value, high: value, last: value };
      }
      last = frames[n];
    }
    finish();
    pen.stroke();
  }
}

const spoken = (value) => value.toLocaleString("en").replace("-", "−");
const halves = (top) => [0, top / 2, top];

// Above nearly all values (some 2000 of them tell); single jumps are cut off.
function niceTop(series) {
  const all = [];
  for (const { values } of series) {
    const stride = Math.max(1, Math.floor(values.length / 1000));
    for (let n = 0; n < values.length; n += stride)
      if (!Number.isNaN(values[n])) all.push(values[n]);
  }
  all.sort((a, b) => a - b);
  const high = all.length ? all[Math.floor((all.length - 1) * 0.985)] : 1;
  const power = 10 ** Math.floor(Math.log10(Math.max(high, 1e-6)));
  return [1, 2, 4, 6, 8, 10, 20].map((step) => step * power).find((step) => step >= high * 1.05);
}
