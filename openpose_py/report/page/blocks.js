// The page's data: base64 of bytes in <script> elements, unpacked one after the other.
const blocksNamed = (name) => document.querySelectorAll(`script[data-block="${name}"]`);

function bytesOf(element) {
  const base64 = element.textContent;
  element.remove();
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64); // browsers from 2025 on
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let n = 0; n < text.length; n++) bytes[n] = text.charCodeAt(n);
  return bytes;
}

async function unpacked(element) {
  const { writable, readable } = new DecompressionStream("deflate");
  const writer = writable.getWriter();
  const written = Promise.all([writer.write(bytesOf(element)), writer.close()]);
  const [buffer] = await Promise.all([new Response(readable).arrayBuffer(), written]);
  return buffer;
}

async function readFrames(recording) {
  const differences = new Int32Array(await unpacked(blocksNamed("frames")[0]));
  const frames = differences.length / 2;
  let number = 0,
    ticks = 0;
  for (let n = 0; n < frames; n++) {
    recording.numbers[n] = number += differences[n];
    recording.times[n] = (ticks += differences[frames + n]) / 10000;
  }
}

// The blocks of people, each unpacked while the one before is at work.
async function* peopleBlocks() {
  const elements = [...blocksNamed("people")];
  let next = elements.length ? unpacked(elements[0]) : null;
  for (let n = 0; n < elements.length; n++) {
    const buffer = await next;
    if (n + 1 < elements.length) next = unpacked(elements[n + 1]);
    yield buffer;
  }
}

// Adds one block of people; its layout is told in chunks.py.
function addPeople(recording, buffer) {
  const [first, frames, rows, parts] = new Int32Array(buffer, 0, 4);
  const step = new Float32Array(buffer, 16, 1)[0];
  const base = recording.rows;
  recording.person.set(new Int32Array(buffer, 20, rows), base);
  let at = 20 + 4 * rows;
  const offsets = new Uint16Array(buffer, at, rows);
  for (let row = 0; row < rows; row++) recording.frameOf[base + row] = first + offsets[row];
  at += 2 * rows;
  const places = new Int16Array(buffer, at, 2 * parts * rows);
  const scores = new Uint8Array(buffer, at + 4 * parts * rows, parts * rows);
  const sum = new Int16Array(1);
  for (let value = 0; value < 2 * parts; value++) {
    sum[0] = 0;
    for (
      let row = 0, n = value * rows, to = base * parts * 2 + value;
      row < rows;
      row++, n++, to += 2 * parts
    ) {
      sum[0] += places[n];
      recording.xy[to] = sum[0] * step;
    }
  }
  for (let part = 0; part < parts; part++) {
    let score = 0;
    for (
      let row = 0, n = part * rows, to = base * parts + part;
      row < rows;
      row++, n++, to += parts
    ) {
      recording.scores[to] = score = (score + scores[n]) & 255;
    }
  }
  recording.rows += rows;
  recording.index(base, frames);
}

// A file in the page -> an address for <video> or <img>; "" if it is not there.
function embeddedAddress(name) {
  const elements = [...blocksNamed(name)];
  if (!elements.length) return "";
  const kind = elements[0].dataset.kind;
  return URL.createObjectURL(new Blob(elements.map(bytesOf), { type: kind }));
}
