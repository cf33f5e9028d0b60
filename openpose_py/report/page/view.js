// What the reader has chosen. Changes are told to listeners once a screen refresh.
class View {
  #listeners = [];
  #changed = new Set();

  constructor(values) {
    Object.assign(this, values);
  }

  set(changes) {
    for (const [key, value] of Object.entries(changes)) {
      if (this[key] === value) continue;
      this[key] = value;
      if (!this.#changed.size) requestAnimationFrame(() => this.#tell());
      this.#changed.add(key);
    }
  }

  on(keys, action) {
    this.#listeners.push([keys.split(" "), action]);
  }

  #tell() {
    const changed = this.#changed;
    this.#changed = new Set();
    for (const [keys, action] of this.#listeners) {
      if (keys.some((key) => changed.has(key))) action();
    }
  }
}

const byId = (id) => document.getElementById(id);

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

// A canvas whose pixels are the screen's; returns what to draw with, in CSS pixels.
function sized(canvas, width, height) {
  const ratio = devicePixelRatio || 1;
  const [across, down] = [
    Math.max(1, Math.round(width * ratio)),
    Math.max(1, Math.round(height * ratio)),
  ];
  if (canvas.width !== across || canvas.height !== down) {
    canvas.width = across;
    canvas.height = down;
  }
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  return pen;
}

function clockText(seconds, digits = 2) {
  const unit = 10 ** digits,
    whole = Math.round(Math.max(0, seconds) * unit) / unit;
  const minutes = Math.floor(whole / 60),
    hours = Math.floor(minutes / 60);
  const rest = (whole % 60).toFixed(digits).padStart(digits ? 3 + digits : 2, "0");
  return hours ? `${hours}:${String(minutes % 60).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

const counted = (count, word, words = `${word}s`) =>
  `${count.toLocaleString("en")} ${count === 1 ? word : words}`;
