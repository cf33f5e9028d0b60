// Angles (degrees) and speeds (frame pixels a second) of one person over time.

// {frames, values} of a series of facts.plots; NaN where a part is missing or below the threshold.
function seriesOf(recording, person, series, threshold) {
  const rows = recording.track(person);
  const frames = new Int32Array(rows.length),
    values = new Float32Array(rows.length);
  for (let n = 0; n < rows.length; n++) {
    frames[n] = recording.frameOf[rows[n]];
    values[n] = measure(recording, rows, n, series, threshold);
  }
  return { frames, values };
}

function measure(recording, rows, n, series, threshold) {
  if (series.speed) return speed(recording, rows, n, series.speed, threshold);
  if (series.bend) return bend(recording, rows[n], series.bend, threshold);
  return againstTrunk(recording, rows[n], series, threshold);
}

const found = (recording, row, part, threshold) => {
  const score = recording.score(row, part);
  return score > 0 && score >= threshold;
};

// 0 where the limb is straight, up to 180.
function bend(recording, row, parts, threshold) {
  for (const part of parts) if (!found(recording, row, part, threshold)) return NaN;
  const [a, b, c] = parts;
  return Math.abs(
    turn(
      recording.x(row, b) - recording.x(row, a),
      recording.y(row, b) - recording.y(row, a),
      recording.x(row, c) - recording.x(row, b),
      recording.y(row, c) - recording.y(row, b),
    ),
  );
}

// Of a limb (swing) or of the trunk itself (lean), positive forwards where the side is known.
function againstTrunk(recording, row, { swing, lean }, threshold) {
  const neck = middle(recording, row, recording.trunk.neck, threshold);
  const hips = middle(recording, row, recording.trunk.hips, threshold);
  if (!neck || !hips) return NaN;
  const facing = facingOf(recording, row, neck, hips);
  if (lean) {
    const leaned = turn(0, -1, neck[0] - hips[0], neck[1] - hips[1]);
    return facing ? facing * leaned : leaned;
  }
  const [joint, end] = swing;
  if (!found(recording, row, joint, threshold) || !found(recording, row, end, threshold))
    return NaN;
  const swung = turn(
    hips[0] - neck[0],
    hips[1] - neck[1],
    recording.x(row, end) - recording.x(row, joint),
    recording.y(row, end) - recording.y(row, joint),
  );
  return facing ? -facing * swung : Math.abs(swung);
}

// 1 to the right of the picture, -1 to the left, 0 towards the camera or away.
function facingOf(recording, row, neck, hips) {
  let sum = 0,
    count = 0;
  for (const [behind, ahead] of recording.trunk.ahead) {
    const from = middle(recording, row, behind, 0),
      to = middle(recording, row, ahead, 0);
    if (from && to) {
      sum += to[0] - from[0];
      count++;
    }
  }
  const step = count ? sum / count : 0;
  const length = Math.hypot(neck[0] - hips[0], neck[1] - hips[1]);
  return Math.abs(step) > recording.trunk.sideways * length ? Math.sign(step) : 0;
}

// Degrees from one direction to another, clockwise as one sees the picture.
function turn(ux, uy, vx, vy) {
  return (Math.atan2(ux * vy - uy * vx, ux * vx + uy * vy) * 180) / Math.PI;
}

function middle(recording, row, parts, threshold) {
  let x = 0,
    y = 0;
  for (const part of parts) {
    if (!found(recording, row, part, threshold)) return null;
    x += recording.x(row, part) / parts.length;
    y += recording.y(row, part) / parts.length;
  }
  return [x, y];
}

// Between the frames before and after, as far as the person is there.
function speed(recording, rows, n, parts, threshold) {
  const frame = recording.frameOf[rows[n]];
  const next =
    n + 1 < rows.length && recording.frameOf[rows[n + 1]] === frame + 1 ? rows[n + 1] : rows[n];
  const before = n > 0 && recording.frameOf[rows[n - 1]] === frame - 1 ? rows[n - 1] : rows[n];
  const seconds =
    recording.times[recording.frameOf[next]] - recording.times[recording.frameOf[before]];
  if (!(seconds > 0)) return NaN;
  let dx = 0,
    dy = 0,
    count = 0;
  for (const part of parts) {
    if (!found(recording, before, part, threshold) || !found(recording, next, part, threshold))
      continue;
    dx += recording.x(next, part) - recording.x(before, part);
    dy += recording.y(next, part) - recording.y(before, part);
    count++;
  }
  return count ? Math.hypot(dx, dy) / count / seconds : NaN;
}

function meanOf(values) {
  let sum = 0,
    count = 0;
  for (const value of values)
    if (!Number.isNaN(value)) {
      sum += value;
      count++;
    }
  return count ? sum / count : NaN;
}

// Value of a series at a frame.
function valueAt({ frames, values }, frame) {
  let low = 0,
    high = frames.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (frames[middle] < frame) low = middle + 1;
    else high = middle;
  }
  return frames[low] === frame ? values[low] : NaN;
}
