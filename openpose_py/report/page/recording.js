// People of all frames as flat arrays. A row is one person in one frame; `person` is an id, or
// -1 - position in the frame where there is no id. Places are in frame pixels.
const SCORE_STEPS = 200; // of 1
const LIVE_FRAMES = 18000; // that a run under way keeps

class Recording {
  constructor(parts, frames, rows, trunk) {
    this.parts = parts;
    this.trunk = trunk; // part numbers that measures need
    this.frames = 0; // that are here
    this.promised = frames; // that will be
    this.rows = 0;
    this.shift = 0; // seconds, of a run under way that repeats
    this.numbers = new Int32Array(frames);
    this.times = new Float64Array(frames); // seconds
    this.starts = new Int32Array(frames + 1); // of each frame in `order`
    this.order = new Int32Array(rows); // rows, frame by frame
    this.person = new Int32Array(rows);
    this.frameOf = new Int32Array(rows);
    this.mean = new Float32Array(rows); // score of the found parts
    this.xy = new Float32Array(rows * parts * 2);
    this.scores = new Uint8Array(rows * parts);
    this.tracks = new Map(); // person -> rows in the order of time
  }

  get total() {
    return Math.max(this.frames, this.promised);
  }

  x(row, part) {
    return this.xy[2 * (row * this.parts + part)];
  }
  y(row, part) {
    return this.xy[2 * (row * this.parts + part) + 1];
  }
  score(row, part) {
    return this.scores[row * this.parts + part] / SCORE_STEPS;
  }

  rowsAt(frame) {
    if (frame < 0 || frame >= this.frames) return [];
    return this.order.subarray(this.starts[frame], this.starts[frame + 1]);
  }

  rowOf(person, frame) {
    for (const row of this.rowsAt(frame)) if (this.person[row] === person) return row;
    return -1;
  }

  track(person) {
    return this.tracks.get(person) ?? [];
  }

  // Index of the first row of `rows` whose frame is not before `frame`.
  indexFrom(rows, frame) {
    let low = 0,
      high = rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.frameOf[rows[middle]] < frame) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  frameAt(time) {
    let low = 0,
      high = Math.max(0, this.total - 1);
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.times[middle] <= time + 1e-4) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  get people() {
    return [...this.tracks.keys()].sort((a, b) => (a < 0) - (b < 0) || Math.abs(a) - Math.abs(b));
  }

  // After rows `from` to `this.rows` were filled in for the next `frames` frames.
  index(from, frames) {
    const counts = new Int32Array(frames);
    for (let row = from; row < this.rows; row++) counts[this.frameOf[row] - this.frames]++;
    for (let n = 0; n < frames; n++) {
      this.starts[this.frames + n + 1] = this.starts[this.frames + n] + counts[n];
    }
    const next = this.starts.slice(this.frames, this.frames + frames);
    for (let row = from; row < this.rows; row++) {
      this.order[next[this.frameOf[row] - this.frames]++] = row;
      const rows = this.tracks.get(this.person[row]);
      if (rows) rows.push(row);
      else this.tracks.set(this.person[row], [row]);
      this.mean[row] = this.#meanScore(row);
    }
    this.frames += frames;
  }

  #meanScore(row) {
    let sum = 0,
      found = 0;
    for (let n = row * this.parts; n < (row + 1) * this.parts; n++) {
      if (this.scores[n]) {
        sum += this.scores[n];
        found++;
      }
    }
    return found ? sum / found / SCORE_STEPS : 0;
  }

  // Of a run under way. people: [{id, points: [x, y, score, ...]}].
  append(number, time, people) {
    if (this.frames === LIVE_FRAMES) this.#dropOldest(LIVE_FRAMES / 4);
    this.#makeRoom(people.length);
    this.numbers[this.frames] = number;
    if (this.frames && time + this.shift <= this.times[this.frames - 1]) {
      // the input began again
      this.shift = this.times[this.frames - 1] + 1 / 30 - time;
    }
    this.times[this.frames] = time + this.shift;
    const from = this.rows;
    people.forEach(({ id, points }, position) => {
      const row = this.rows++;
      this.person[row] = id >= 0 ? id : -1 - position;
      this.frameOf[row] = this.frames;
      for (let part = 0; part < this.parts; part++) {
        const at = row * this.parts + part;
        this.xy[2 * at] = points[3 * part] ?? 0;
        this.xy[2 * at + 1] = points[3 * part + 1] ?? 0;
        this.scores[at] = Math.min(255, Math.round((points[3 * part + 2] ?? 0) * SCORE_STEPS));
      }
    });
    this.index(from, 1);
  }

  #makeRoom(rows) {
    const grown = (array, length) => {
      if (length <= array.length) return array;
      const larger = new array.constructor(Math.max(length, 2 * array.length));
      larger.set(array);
      return larger;
    };
    const wanted = this.rows + rows;
    for (const name of ["numbers", "times"]) this[name] = grown(this[name], this.frames + 1);
    this.starts = grown(this.starts, this.frames + 2);
    for (const name of ["order", "person", "frameOf", "mean"])
      this[name] = grown(this[name], wanted);
    this.xy = grown(this.xy, wanted * this.parts * 2);
    this.scores = grown(this.scores, wanted * this.parts);
  }

  #dropOldest(frames) {
    const rows = this.starts[frames],
      parts = this.parts;
    for (const name of ["numbers", "times"]) this[name].copyWithin(0, frames);
    for (const name of ["order", "person", "frameOf", "mean"]) this[name].copyWithin(0, rows);
    this.starts.copyWithin(0, frames);
    this.xy.copyWithin(0, rows * parts * 2);
    this.scores.copyWithin(0, rows * parts);
    this.frames -= frames;
    this.rows -= rows;
    for (let n = 0; n <= this.frames; n++) this.starts[n] -= rows;
    for (let n = 0; n < this.rows; n++) {
      this.order[n] -= rows;
      this.frameOf[n] -= frames;
    }
    for (const [person, old] of this.tracks) {
      const kept = old.filter((row) => row >= rows).map((row) => row - rows);
      if (kept.length) this.tracks.set(person, kept);
      else this.tracks.delete(person);
    }
  }
}
