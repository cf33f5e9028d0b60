// Tables that are sorted by a click on a column's name.
class SortedTable {
  // columns: [{name, text(row), value(row), cell(row)?}]; rows come with `fill`.
  constructor(table, columns, chosen) {
    Object.assign(this, { table, columns, chosen, rows: [], by: 0, down: false });
    this.headers = columns.map((column, n) => {
      const button = element("button", { type: "button", textContent: column.name });
      button.addEventListener("click", () => {
        Object.assign(this, { down: this.by === n ? !this.down : n > 0, by: n });
        this.#show();
      });
      return element("th", { scope: "col" }, button);
    });
    this.body = element("tbody");
    table.replaceChildren(element("thead", {}, element("tr", {}, ...this.headers)), this.body);
  }

  fill(rows) {
    this.rows = rows;
    this.#show();
  }

  #show() {
    const { value } = this.columns[this.by];
    const sign = this.down ? -1 : 1;
    const order = (a, b) => {
      const [first, second] = [value(a), value(b)];
      if (Number.isNaN(first) || Number.isNaN(second))
        return Number.isNaN(first) - Number.isNaN(second);
      return sign * (typeof first === "string" ? first.localeCompare(second) : first - second);
    };
    this.headers.forEach((header, n) => {
      if (n === this.by) header.setAttribute("aria-sort", this.down ? "descending" : "ascending");
      else header.removeAttribute("aria-sort");
    });
    this.body.replaceChildren(
      ...this.rows.toSorted(order).map((row) => {
        const cells = this.columns.map((column) =>
          element("td", {}, column.cell?.(row) ?? column.text(row)),
        );
        const line = element("tr", { className: this.chosen?.is(row) ? "chosen" : "" }, ...cells);
        if (this.chosen) line.addEventListener("click", () => this.chosen.choose(row));
        return line;
      }),
    );
  }
}

const fixed = (value, digits) => (Number.isNaN(value) ? "–" : value.toFixed(digits));

class Tables {
  constructor(recording, view, facts, nameOf) {
    Object.assign(this, { recording, view, facts, nameOf });
    const chosen = {
      is: (row) => row.person === view.person,
      choose: (row) => view.set({ person: row.person }),
    };
    this.everybody = new SortedTable(byId("everybody"), this.#everybodyColumns(), chosen);
    this.joints = new SortedTable(byId("joints"), [
      { name: "Joint", text: (row) => row.name, value: (row) => row.part },
      { name: "x", text: (row) => fixed(row.x, 1), value: (row) => row.x },
      { name: "y", text: (row) => fixed(row.y, 1), value: (row) => row.y },
      { name: "Confidence", text: (row) => fixed(row.score, 2), value: (row) => row.score },
      { name: "Speed, px/s", text: (row) => fixed(row.speed, 0), value: (row) => row.speed },
    ]);
    view.on("panels threshold person", () => this.#fillEverybody());
    view.on("frame panels person threshold", () => this.#fillJoints());
  }

  #everybodyColumns() {
    const swatched = ({ person }) => {
      const swatch = element("i", { className: "swatch" });
      swatch.style.background = personColour(person);
      return element("span", {}, swatch, this.nameOf(person));
    };
    const column = (name, key, text) => ({
      name,
      text: (row) => text(row[key]),
      value: (row) => row[key],
    });
    return [
      {
        name: "Person",
        text: (row) => this.nameOf(row.person),
        cell: swatched,
        value: (row) => Math.abs(row.person),
      },
      column("From", "from", (value) => clockText(value)),
      column("To", "to", (value) => clockText(value)),
      column("Frames", "frames", (value) => value.toLocaleString("en")),
      column("Seen", "share", (value) => `${Math.round(100 * value)} %`),
      column("Confidence", "score", (value) => fixed(value, 2)),
      column("Speed, px/s", "speed", (value) => fixed(value, 0)),
    ];
  }

  #fillEverybody() {
    const { recording, view, facts } = this;
    const whole = { speed: facts.parts.map((_, part) => part) };
    this.everybody.fill(
      recording.people.map((person) => {
        const rows = recording.track(person);
        const [first, last] = [
          recording.frameOf[rows[0]],
          recording.frameOf[rows[rows.length - 1]],
        ];
        return {
          person,
          from: recording.times[first],
          to: recording.times[last],
          frames: rows.length,
          share: rows.length / (last - first + 1),
          score: meanOf(rows.map((row) => recording.mean[row])),
          speed: meanOf(seriesOf(recording, person, whole, view.threshold).values),
        };
      }),
    );
  }

  #fillJoints() {
    const { recording, view, facts } = this;
    const rows = recording.track(view.person),
      n = recording.indexFrom(rows, view.frame);
    const row = n < rows.length && recording.frameOf[rows[n]] === view.frame ? rows[n] : -1;
    const there = row >= 0 ? "" : view.person === null ? "" : " · not in this frame";
    byId("joint-person").textContent = view.person === null ? "" : this.nameOf(view.person) + there;
    this.joints.fill(
      facts.parts.map((name, part) => {
        const seen = row >= 0 && found(recording, row, part, 0);
        return {
          name,
          part,
          x: seen ? recording.x(row, part) : NaN,
          y: seen ? recording.y(row, part) : NaN,
          score: seen ? recording.score(row, part) : NaN,
          speed: seen ? speed(recording, rows, n, [part], view.threshold) : NaN,
        };
      }),
    );
  }
}
