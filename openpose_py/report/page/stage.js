// Skeletons over the frame.
class Stage {
  constructor(recording, view, facts, nameOf) {
    Object.assign(this, { recording, view, facts, nameOf, size: facts.size });
    this.box = byId("stage");
    this.canvas = byId("skeletons");
    this.resize(facts.size);
    new ResizeObserver(() => this.draw()).observe(this.box);
    view.on("frame loaded threshold hiddenParts hiddenPeople person colours names picture", () =>
      this.draw(),
    );
  }

  resize(size) {
    this.size = size;
    this.box.style.aspectRatio = `${size[0]} / ${size[1]}`;
    this.draw();
  }

  draw() {
    const { clientWidth: width, clientHeight: height } = this.box;
    const pen = sized(this.canvas, width, height);
    const scale = Math.min(width / this.size[0], height / this.size[1]);
    pen.translate((width - scale * this.size[0]) / 2, (height - scale * this.size[1]) / 2);
    if (!this.view.picture || !this.facts.hasPictures) this.#edge(pen, scale);
    const { view, recording } = this;
    const rows = [...recording.rowsAt(view.frame)].filter(
      (row) => !view.hiddenPeople.has(recording.person[row]),
    );
    rows.sort(
      (a, b) => (recording.person[a] === view.person) - (recording.person[b] === view.person),
    );
    for (const row of rows) this.#person(pen, scale, row);
    if (view.names) for (const row of rows) this.#name(pen, scale, row);
    const people = rows.map((row) => this.nameOf(recording.person[row])).join(", ");
    this.canvas.setAttribute(
      "aria-label",
      `Frame ${recording.numbers[view.frame] ?? 0}: ${people || "nobody"}`,
    );
  }

  #edge(pen, scale) {
    pen.strokeStyle = "rgb(255 255 255 / 14%)";
    pen.lineWidth = 1;
    pen.strokeRect(0.5, 0.5, scale * this.size[0] - 1, scale * this.size[1] - 1);
  }

  #seen(row, part) {
    return (
      !this.view.hiddenParts.has(part) && found(this.recording, row, part, this.view.threshold)
    );
  }

  #person(pen, scale, row) {
    const { recording, view, facts } = this;
    const person = recording.person[row],
      chosen = person === view.person;
    const width = this.#lineWidth(row, scale) * (chosen ? 1.25 : 1);
    pen.lineCap = "round";
    const colourOf = (part) =>
      view.colours === "parts" ? facts.colours[part] : personColour(person);
    for (const outline of [true, false]) {
      pen.globalAlpha = outline ? 0.45 : 1;
      for (const [a, b] of facts.lines) {
        if (!this.#seen(row, a) || !this.#seen(row, b)) continue;
        const thin = a >= facts.bodyParts ? 0.45 : 1;
        pen.strokeStyle = outline ? "#000" : colourOf(b);
        pen.lineWidth = thin * width + (outline ? 1.6 : 0);
        pen.beginPath();
        pen.moveTo(recording.x(row, a) * scale, recording.y(row, a) * scale);
        pen.lineTo(recording.x(row, b) * scale, recording.y(row, b) * scale);
        pen.stroke();
      }
    }
    for (let part = 0; part < recording.parts; part++) {
      if (!this.#seen(row, part)) continue;
      const thin = part >= facts.bodyParts ? 0.5 : 1;
      pen.beginPath();
      pen.arc(
        recording.x(row, part) * scale,
        recording.y(row, part) * scale,
        thin * width * 0.72,
        0,
        2 * Math.PI,
      );
      pen.fillStyle = colourOf(part);
      pen.fill();
      pen.lineWidth = Math.max(0.8, thin * width * 0.24);
      pen.strokeStyle = chosen ? "#fff" : "rgb(0 0 0 / 55%)";
      pen.stroke();
    }
  }

  // Thinner for people who are far away.
  #lineWidth(row, scale) {
    const box = this.#box(row);
    return box
      ? Math.min(6, Math.max(2, 0.022 * Math.max(box.right - box.left, box.low - box.top) * scale))
      : 2;
  }

  #box(row) {
    let box = null;
    for (let part = 0; part < this.recording.parts; part++) {
      if (!this.#seen(row, part)) continue;
      const x = this.recording.x(row, part),
        y = this.recording.y(row, part);
      box ??= { left: x, right: x, top: y, low: y };
      box = {
        left: Math.min(box.left, x),
        right: Math.max(box.right, x),
        top: Math.min(box.top, y),
        low: Math.max(box.low, y),
      };
    }
    return box;
  }

  #name(pen, scale, row) {
    const box = this.#box(row);
    if (!box) return;
    const person = this.recording.person[row],
      text = this.nameOf(person, true);
    pen.globalAlpha = 1;
    pen.font = "600 12px system-ui, sans-serif";
    const width = pen.measureText(text).width + 12;
    const left = Math.min(
      Math.max(0, ((box.left + box.right) / 2) * scale - width / 2),
      scale * this.size[0] - width,
    );
    const top = Math.max(1, box.top * scale - 26);
    pen.fillStyle = personColour(person);
    pen.beginPath();
    pen.roundRect(left, top, width, 18, 9);
    pen.fill();
    pen.fillStyle = "#10131a";
    pen.textBaseline = "middle";
    pen.fillText(text, left + 6, top + 9.5);
  }

  // The person nearest to a place on the screen, or null.
  personAt(clientX, clientY) {
    const rectangle = this.canvas.getBoundingClientRect();
    const scale = Math.min(rectangle.width / this.size[0], rectangle.height / this.size[1]);
    const x = (clientX - rectangle.left - (rectangle.width - scale * this.size[0]) / 2) / scale;
    const y = (clientY - rectangle.top - (rectangle.height - scale * this.size[1]) / 2) / scale;
    let nearest = null,
      least = 40 / scale;
    for (const row of this.recording.rowsAt(this.view.frame)) {
      for (let part = 0; part < this.recording.parts; part++) {
        if (!this.#seen(row, part)) continue;
        const away = Math.hypot(this.recording.x(row, part) - x, this.recording.y(row, part) - y);
        if (away < least) {
          least = away;
          nearest = this.recording.person[row];
        }
      }
    }
    return nearest;
  }
}
