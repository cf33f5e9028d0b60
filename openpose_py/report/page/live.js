// A run under way: its newest frames, as fast as they can be fetched and no faster.
const PANELS_EVERY = 700; // milliseconds between two drawings of what shows all frames

class Live {
  constructor(recording, view, pictures, facts) {
    Object.assign(this, { recording, view, pictures, facts, next: 0, panels: 0 });
    this.query = location.search;
  }

  async run() {
    try {
      while (await this.#fetchFrames()) await this.#fetchPicture();
      this.#tell("The run has ended; what it found stays here.");
    } catch {
      this.#tell("The run cannot be reached any more; what it found stays here.");
    }
    this.view.set({ panels: this.view.panels + 1 });
  }

  async #fetchFrames() {
    const answer = await fetch(`frames${this.query}&from=${this.next}`);
    if (!answer.ok) throw new Error(answer.statusText);
    const { frames, next, ended } = await answer.json();
    for (const { number, time, people } of frames) {
      this.facts.hasIds ||= people.some(({ id }) => id >= 0);
      this.recording.append(number, time, people);
    }
    this.next = next;
    if (frames.length) this.#show();
    return !ended;
  }

  async #fetchPicture() {
    if (!this.view.picture || document.hidden) return;
    const answer = await fetch(`picture${this.query}`);
    if (answer.status !== 200) return;
    const number = Number(answer.headers.get("X-Frame"));
    this.pictures.add(number, await answer.blob());
    this.newest = number;
    this.#follow();
  }

  #show() {
    const { recording, view } = this,
      total = recording.frames;
    const whole = view.from === 0 && view.to >= view.total;
    view.set({ total, loaded: view.loaded + 1 });
    if (whole) view.set({ from: 0, to: total });
    this.#follow();
    if (performance.now() - this.panels < PANELS_EVERY) return;
    this.panels = performance.now();
    view.set({ panels: view.panels + 1 });
  }

  // The newest picture and the people in it; a picture may come before its people.
  #follow() {
    const { recording, view } = this,
      last = recording.frames - 1;
    if (!view.follows || last < 0) return;
    const frame =
      view.picture && this.newest !== undefined
        ? recording.numbers.lastIndexOf(this.newest, last)
        : last;
    if (frame < 0) return;
    view.set({ frame });
    this.pictures.show(frame);
  }

  #tell(text) {
    Object.assign(byId("notice"), { textContent: text, hidden: false });
  }
}
