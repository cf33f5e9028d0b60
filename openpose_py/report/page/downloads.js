// What is here, as files.
const FIELD_NAMES = [
  "pose_keypoints_2d",
  "face_keypoints_2d",
  "hand_left_keypoints_2d",
  "hand_right_keypoints_2d",
];
const FRAMES_AT_ONCE = 1000;

class Downloads {
  constructor(recording, view, facts) {
    Object.assign(this, { recording, view, facts });
    byId("save-csv").addEventListener("click", (event) =>
      this.#save(
        event.currentTarget,
        "csv",
        "text/csv",
        () => this.csvHead(),
        (frame) => this.csvLines(frame),
        "",
      ),
    );
    byId("save-json").addEventListener("click", (event) =>
      this.#save(
        event.currentTarget,
        "json",
        "application/json",
        () => this.jsonHead(),
        (frame) => this.jsonFrame(frame),
        "]}\n",
      ),
    );
  }

  async #save(button, ending, type, head, linesOf, tail) {
    const label = button.textContent,
      pieces = [head()],
      frames = this.recording.frames;
    button.disabled = true;
    for (let start = 0; start < frames; start += FRAMES_AT_ONCE) {
      let text = "";
      for (let frame = start; frame < Math.min(frames, start + FRAMES_AT_ONCE); frame++)
        text += linesOf(frame);
      pieces.push(text);
      button.textContent = `${Math.round((100 * start) / frames)} %`;
      await new Promise((goOn) => setTimeout(goOn));
    }
    const address = URL.createObjectURL(new Blob([...pieces, tail], { type }));
    element("a", { href: address, download: `${this.facts.title}.${ending}` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60000);
    Object.assign(button, { textContent: label, disabled: false });
  }

  csvHead() {
    const columns = this.facts.parts.flatMap((name) =>
      ["x", "y", "confidence"].map((value) => `${name} ${value}`),
    );
    return (
      ["frame", "time", "person", ...columns, ...this.#angles().map(({ title }) => title)].join(
        ",",
      ) + "\n"
    );
  }

  csvLines(frame) {
    const { recording } = this;
    return [...recording.rowsAt(frame)]
      .map((row) => {
        const cells = [
          recording.numbers[frame],
          recording.times[frame].toFixed(4),
          personNumber(recording.person[row]),
        ];
        for (let part = 0; part < recording.parts; part++) {
          const there = found(recording, row, part, 0);
          cells.push(
            there ? number(recording.x(row, part)) : "",
            there ? number(recording.y(row, part)) : "",
            recording.score(row, part),
          );
        }
        for (const { series } of this.#angles()) {
          const value = measure(recording, [row], 0, series, this.view.threshold);
          cells.push(Number.isNaN(value) ? "" : value.toFixed(1));
        }
        return cells.join(",") + "\n";
      })
      .join("");
  }

  #angles() {
    const named = (name, side) => (side ? `${SIDE_NAMES[side]} ` : "") + name.toLowerCase();
    return this.facts.plots.flatMap(({ name, unit, series }) =>
      unit !== "°"
        ? []
        : series.map((one) => ({ title: `${named(name, one.side)} degrees`, series: one })),
    );
  }

  jsonHead() {
    const { title, fps, model, names } = this.facts;
    return (
      JSON.stringify({ version: 1.3, title, fps, model, names }).slice(0, -1) + ',"frames":[\n'
    );
  }

  jsonFrame(frame) {
    const { recording } = this;
    const people = [...recording.rowsAt(frame)]
      .sort((a, b) => Math.abs(recording.person[a]) - Math.abs(recording.person[b]))
      .map((row) => this.#person(row));
    const text = JSON.stringify({
      frame: recording.numbers[frame],
      time: round(recording.times[frame], 4),
      people,
    });
    return (frame ? ",\n" : "") + text;
  }

  #person(row) {
    const { recording, facts } = this,
      fields = { person_id: [Math.max(-1, recording.person[row])] };
    let part = 0;
    FIELD_NAMES.forEach((name, n) => {
      fields[name] = [];
      for (const end = part + facts.points[n]; part < end; part++) {
        const there = found(recording, row, part, 0);
        fields[name].push(
          ...(there
            ? [
                round(recording.x(row, part), 4),
                round(recording.y(row, part), 4),
                recording.score(row, part),
              ]
            : [0, 0, 0]),
        );
      }
    });
    return fields;
  }
}

const round = (value, digits) => Number(value.toFixed(digits));
const number = (value) => String(round(value, 4));
const personNumber = (person) => (person < 0 ? -1 : person);
