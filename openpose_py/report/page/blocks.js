// The page's data: base64 of bytes in <script> elements, unpacked one after the other.
const blocksNamed = (name) => document.querySelectorAll(`script[data-block="${name}"]`);

function bytesOf(element) {
  const text = atob(element.textContent);
  element.remove();
  const bytes = new Uint8Array(text.length);
  for (let n = 0; n < text.length; n++) bytes[n] = text.charCodeAt(n);
  return bytes;
}

async function unpacked(element) {
  const stream = new Blob([bytesOf(element)]).stream();
  return new Response(stream.pipeThrough(new DecompressionStream("deflate"))).arrayBuffer();
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

// Adds one block of people; its layout is told in chunks.py.
async function readPeople(recording, element) {
  const buffer = await unpacked(element);
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
