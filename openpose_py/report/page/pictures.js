// What lies behind the skeletons. Each kind can `show` the frame of an index; a video also plays.
class NoPictures {
  show() {}
}

class VideoPictures {
  constructor(box, source, recording, fps, failed, sized) {
    Object.assign(this, { recording, fps, wanted: null });
    this.video = element("video", {
      muted: true,
      playsInline: true,
      preload: "auto",
      tabIndex: -1,
    });
    this.video.addEventListener("loadedmetadata", () =>
      sized([this.video.videoWidth, this.video.videoHeight]),
    );
    this.video.addEventListener("error", failed);
    this.video.addEventListener("seeked", () => this.#seekWanted());
    this.video.src = source;
    box.prepend(this.video);
  }

  // Amid the time that a frame stands, so that rounding never shows its neighbour.
  show(frame) {
    const { times } = this.recording;
    const gap = 1 / this.fps;
    const next =
      frame + 1 < times.length
        ? Math.min(times[frame + 1], times[frame] + gap)
        : times[frame] + gap;
    this.wanted = (times[frame] + next) / 2;
    if (!this.video.seeking) this.#seekWanted();
  }

  #seekWanted() {
    if (this.wanted === null || this.video.error) return;
    const time = this.wanted;
    this.wanted = null;
    if (Math.abs(this.video.currentTime - time) > 1e-4) this.video.currentTime = time;
  }

  get plays() {
    return !this.video.error && this.video.readyState > 0;
  }

  // Calls `shown` with each frame's time, and `ended` after the last.
  play(speed, shown, ended) {
    this.video.playbackRate = speed;
    this.video.onended = ended;
    const next = (_, about) => {
      if (this.video.paused) return;
      shown(about.mediaTime);
      this.video.requestVideoFrameCallback(next);
    };
    const poll = () => {
      if (this.video.paused) return;
      shown(this.video.currentTime);
      requestAnimationFrame(poll);
    };
    this.video
      .play()
      .then(() => {
        if (this.video.requestVideoFrameCallback) this.video.requestVideoFrameCallback(next);
        else poll();
      })
      .catch(ended);
  }

  pause() {
    this.video.pause();
  }
}

class StillPictures {
  constructor(box, sources, failed, sized) {
    this.sources = sources;
    this.ahead = new Image();
    this.image = element("img", { alt: "" });
    this.image.addEventListener("load", () =>
      sized([this.image.naturalWidth, this.image.naturalHeight]),
    );
    this.image.addEventListener("error", failed);
    box.prepend(this.image);
  }

  show(frame) {
    if (!this.sources[frame]) this.sources[frame] = embeddedAddress(`picture ${frame}`);
    if (this.sources[frame]) this.image.src = this.sources[frame];
    if (this.sources[frame + 1]) this.ahead.src = this.sources[frame + 1];
  }
}

// The newest pictures of a run under way, by the number of the frame.
class LivePictures {
  static KEPT = 150;

  constructor(box, recording, sized) {
    Object.assign(this, { recording, kept: new Map() });
    this.image = element("img", { alt: "" });
    this.image.addEventListener("load", () =>
      sized([this.image.naturalWidth, this.image.naturalHeight]),
    );
    box.prepend(this.image);
  }

  add(number, blob) {
    this.kept.set(number, URL.createObjectURL(blob));
    if (this.kept.size > LivePictures.KEPT) {
      const [oldest, address] = this.kept.entries().next().value;
      URL.revokeObjectURL(address);
      this.kept.delete(oldest);
    }
  }

  show(frame) {
    const address = this.kept.get(this.recording.numbers[frame]);
    this.image.style.visibility = address ? "" : "hidden";
    if (address) this.image.src = address;
  }
}
