// Puts the parts of the page together.
// Milliseconds between drawings of what shows all frames, while they load.
const PANELS_PAUSE = 1500;
const facts = JSON.parse(byId("facts").textContent);
facts.hasPictures = Boolean(facts.live || facts.video || facts.pictures.length);
const recording = new Recording(facts.parts.length, facts.frames, facts.rows, facts.trunk);
const view = new View({
  frame: 0,
  total: facts.frames,
  from: 0,
  to: Math.max(1, facts.frames),
  person: null,
  playing: false,
  threshold: 0.1,
  hiddenParts: new Set(),
  hiddenPeople: new Set(),
  colours: "people",
  names: true,
  picture: true,
  loaded: 0,
  panels: 0,
  follows: facts.live,
  theme: "light",
});

function nameOf(person, short = false) {
  if (person >= 0) return short ? `${person}` : `Person ${person}`;
  if (!facts.hasIds) return short ? `${-person}` : `Person ${-person}`;
  return short ? "no id" : `No id (${-person})`;
}

startTheme(view);
const stage = new Stage(recording, view, facts, nameOf);
const pictures = picturesBehind();
const player = new Player(recording, view, pictures);
new PeopleList(recording, view, facts, nameOf);
new Timeline(recording, view, facts, player, nameOf);
new Plots(recording, view, facts, player, nameOf);
new Tables(recording, view, facts, nameOf);
new Downloads(recording, view, facts);
startControls();
startKeys();
view.on("picture", () => {
  for (const one of byId("stage").querySelectorAll("video, img")) one.hidden = !view.picture;
});
start();

function picturesBehind() {
  const box = byId("stage"),
    resize = (size) => stage.resize(size);
  byId("behind").parentElement.hidden = !facts.hasPictures;
  if (facts.live) return new LivePictures(box, recording, resize);
  if (facts.pictures.length) {
    return new StillPictures(
      box,
      facts.pictures,
      () => noteOnStage("This picture is not beside the page."),
      resize,
    );
  }
  if (!facts.video) return new NoPictures();
  const { name, source } = facts.video;
  const failed = () =>
    noteOnStage(
      `${name} cannot be played: it is not beside the page, or of a format unknown here.`,
    );
  return new VideoPictures(
    box,
    source || embeddedAddress("video"),
    recording,
    facts.fps,
    failed,
    resize,
  );
}

function noteOnStage(text) {
  Object.assign(byId("stage-note"), { textContent: text, hidden: false });
}

async function start() {
  tellAbout();
  if (facts.live) {
    await new Live(recording, view, pictures, facts).run();
    return;
  }
  await readFrames(recording);
  pictures.show(0);
  let told = -PANELS_PAUSE;
  for await (const block of peopleBlocks()) {
    addPeople(recording, block);
    view.set({ loaded: recording.frames });
    if (told < 0) requestAnimationFrame(() => setTimeout(() => performance.mark("first people")));
    if (performance.now() - told < PANELS_PAUSE && recording.frames < facts.frames) continue;
    told = performance.now();
    view.set({ panels: view.panels + 1 });
    await new Promise(requestAnimationFrame);
  }
  view.set({ panels: view.panels + 1 });
  performance.mark("all people");
  document.documentElement.dataset.ready = "";
}

function tellAbout() {
  const seconds = view.total ? (recording.times[view.total - 1] ?? 0) : 0;
  const rate =
    facts.fps && facts.names.length === 0 ? `${Number(facts.fps.toFixed(2))} frames/s` : "";
  const words = [
    facts.model,
    counted(view.total, "frame"),
    seconds ? clockText(seconds, 1) : "",
    rate,
  ];
  byId("about").textContent = (facts.live ? [facts.model, counted(view.total, "frame")] : words)
    .filter(Boolean)
    .join("  ·  ");
}

function startControls() {
  const scrub = byId("scrub");
  scrub.addEventListener("input", () => player.seek(Number(scrub.value)));
  byId("play").addEventListener("click", () => player.toggle());
  byId("first").addEventListener("click", () => player.seek(0));
  byId("last").addEventListener("click", () => player.seek(player.last));
  byId("back").addEventListener("click", () => player.step(-1));
  byId("on").addEventListener("click", () => player.step(1));
  byId("speed").addEventListener("change", (event) => player.setSpeed(Number(event.target.value)));
  byId("skeletons").addEventListener("click", (event) => {
    const person = stage.personAt(event.clientX, event.clientY);
    if (person === null) player.toggle();
    else view.set({ person });
  });
  view.on("total frame loaded", () => {
    Object.assign(scrub, { max: player.last, value: view.frame });
    tellClock();
  });
  view.on("playing", () => {
    byId("play").classList.toggle("plays", view.playing);
    byId("play").setAttribute("aria-label", view.playing ? "Pause" : "Play");
  });
  view.on("total panels", tellAbout);
}

function tellClock() {
  const { times, numbers } = recording;
  const here = element("b", { textContent: clockText(times[view.frame] ?? 0) });
  const all = `of ${clockText(times[Math.max(0, view.total - 1)] ?? 0)}`;
  const name = facts.names[view.frame] ?? `frame ${numbers[view.frame] ?? 0}`;
  byId("clock").replaceChildren(
    here,
    element("span", { textContent: all }),
    element("span", { textContent: name }),
  );
  byId("scrub").setAttribute("aria-valuetext", `${name}, ${clockText(times[view.frame] ?? 0)}`);
}

function startKeys() {
  const person = (step) => {
    const people = recording.people,
      at = people.indexOf(view.person);
    if (people.length) view.set({ person: people[(at + step + people.length) % people.length] });
  };
  const keys = {
    " ": () => player.toggle(),
    ArrowLeft: () => player.step(-1),
    ArrowRight: () => player.step(1),
    Home: () => player.seek(0),
    End: () => player.seek(player.last),
    "[": () => person(-1),
    "]": () => person(1),
    "+": () => byId("zoom-in").click(),
    "=": () => byId("zoom-in").click(),
    "-": () => byId("zoom-out").click(),
    0: () => byId("zoom-all").click(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target,
      isSlider = target.type === "range";
    if (target.matches("select, input") && !isSlider && target.type !== "checkbox") return;
    if (target.matches("button, input[type=checkbox]") && event.key === " ") return;
    if (isSlider && target.id !== "scrub" && !["[", "]", " "].includes(event.key)) return;
    const seconds = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const action = event.shiftKey && seconds ? () => player.seconds(seconds) : keys[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}
