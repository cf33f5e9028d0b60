// The list of people, and what is shown of them.
class PeopleList {
  constructor(recording, view, facts, nameOf) {
    Object.assign(this, { recording, view, nameOf, known: "" });
    byId("ids-note").hidden = facts.live || facts.hasIds || facts.rows <= facts.frames;
    this.#groups(facts);
    this.#choices();
    view.on("panels", () => this.#list());
    view.on("frame panels person hiddenPeople", () => this.#tell());
  }

  #list() {
    const people = this.recording.people;
    byId("people-count").textContent = people.length || "";
    if (this.known === people.join()) return;
    this.known = people.join();
    byId("people").replaceChildren(...people.slice(0, 500).map((person) => this.#row(person)));
    if (!people.includes(this.view.person)) this.view.set({ person: longest(this.recording) });
  }

  #row(person) {
    const swatch = element("i", { className: "swatch" });
    swatch.style.background = personColour(person);
    const name = element(
      "button",
      { type: "button", className: "who" },
      swatch,
      this.nameOf(person),
    );
    name.addEventListener("click", () => this.view.set({ person }));
    const shown = element("input", {
      type: "checkbox",
      checked: !this.view.hiddenPeople.has(person),
    });
    shown.setAttribute("aria-label", `Show ${this.nameOf(person)}`);
    shown.addEventListener("change", () =>
      this.view.set({ hiddenPeople: toggled(this.view.hiddenPeople, [person]) }),
    );
    const row = element("li", {}, name, element("span", { className: "score" }), shown);
    row.dataset.person = person;
    return row;
  }

  #tell() {
    for (const line of byId("people").children) {
      const person = Number(line.dataset.person),
        row = this.recording.rowOf(person, this.view.frame);
      line.classList.toggle("chosen", person === this.view.person);
      line.classList.toggle("absent", row < 0);
      line.children[0].setAttribute("aria-pressed", person === this.view.person);
      line.children[1].textContent = row < 0 ? "" : this.recording.mean[row].toFixed(2);
    }
  }

  #groups(facts) {
    const { view } = this;
    const chips = facts.groups.map(({ name, parts }) => {
      const chip = element("button", { type: "button", textContent: name });
      const tell = () =>
        chip.setAttribute(
          "aria-pressed",
          parts.some((part) => !view.hiddenParts.has(part)),
        );
      chip.addEventListener("click", () => {
        const shows = parts.some((part) => !view.hiddenParts.has(part));
        const others = [...view.hiddenParts].filter((part) => !parts.includes(part));
        view.set({ hiddenParts: new Set(shows ? [...others, ...parts] : others) });
      });
      view.on("hiddenParts", tell);
      tell();
      return chip;
    });
    byId("groups").replaceChildren(...chips);
  }

  #choices() {
    const { view } = this,
      threshold = byId("threshold");
    const tell = () => {
      byId("threshold-value").textContent = view.threshold.toFixed(2);
    };
    threshold.value = view.threshold;
    threshold.addEventListener("input", () => view.set({ threshold: Number(threshold.value) }));
    view.on("threshold", tell);
    tell();
    for (const radio of document.querySelectorAll("input[name=colours]")) {
      radio.addEventListener("change", () => view.set({ colours: radio.value }));
    }
    byId("names").addEventListener("change", (event) => view.set({ names: event.target.checked }));
    byId("behind").addEventListener("change", (event) =>
      view.set({ picture: event.target.checked }),
    );
  }
}

function longest(recording) {
  let best = null;
  for (const person of recording.people) {
    if (best === null || recording.track(person).length > recording.track(best).length)
      best = person;
  }
  return best;
}
