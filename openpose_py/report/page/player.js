// Moves through the frames: by hand, or as time passes.
class Player {
  #moved = 0; // when the clock was read last
  #time = 0; // seconds of the recording

  constructor(recording, view, pictures) {
    Object.assign(this, { recording, view, pictures, playing: false, speed: 1 });
  }

  get last() {
    return Math.max(0, this.view.total - 1);
  }

  seek(frame) {
    const target = Math.min(this.last, Math.max(0, Math.round(frame)));
    if (this.playing) this.pause();
    this.view.set({ frame: target, follows: target === this.last });
    this.pictures.show(target);
  }

  step(frames) {
    this.seek(this.view.frame + frames);
  }

  seconds(seconds) {
    const { times } = this.recording;
    const target = this.recording.frameAt((times[this.view.frame] ?? 0) + seconds);
    this.seek(target === this.view.frame ? target + Math.sign(seconds) : target);
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  play() {
    if (this.view.frame >= this.last) this.seek(0);
    this.playing = true;
    this.view.set({ playing: true });
    if (this.pictures.plays) {
      const shown = (time) => this.#show(this.recording.frameAt(time));
      this.pictures.play(this.speed, shown, () => {
        this.#show(this.last);
        this.pause();
      });
      return;
    }
    this.#time = this.recording.times[this.view.frame] ?? 0;
    this.#moved = performance.now();
    requestAnimationFrame((now) => this.#tick(now));
  }

  pause() {
    this.playing = false;
    this.view.set({ playing: false });
    this.pictures.pause?.();
    this.pictures.show(this.view.frame);
  }

  setSpeed(speed) {
    this.speed = speed;
    if (this.pictures.video) this.pictures.video.playbackRate = speed;
  }

  #tick(now) {
    if (!this.playing) return;
    this.#time += (Math.max(0, now - this.#moved) / 1000) * this.speed;
    this.#moved = now;
    const frame = Math.min(this.last, this.recording.frameAt(this.#time));
    if (frame !== this.view.frame) {
      this.#show(frame);
      this.pictures.show(frame);
    }
    if (frame >= this.last) this.pause();
    else requestAnimationFrame((next) => this.#tick(next));
  }

  #show(frame) {
    if (this.playing) this.view.set({ frame });
  }
}
