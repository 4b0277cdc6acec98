// The page's sound: two short tones while an action alarm stands that nobody acknowledged. The beacon is the alarm, this is
// an extra. `data-calling` on `.sounding` names the alarms that call; silencing one set lets the next alarm sound again.
(() => {
  const EVERY = 500, PAUSE = 1.5;
  let audio, last = -PAUSE, silenced = new Set();

  const box = () => document.querySelector(".sounding");
  const calling = () => (box()?.dataset.calling ?? "").split(" ").filter(Boolean);

  function tone(at, pitch) {
    const source = audio.createOscillator(), volume = audio.createGain();
    source.frequency.value = pitch;
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(0.3, at + 0.02);
    volume.gain.linearRampToValueAtTime(0, at + 0.25);
    source.connect(volume).connect(audio.destination);
    source.start(at);
    source.stop(at + 0.26);
  }

  function look() {
    const now = calling();
    silenced = new Set([...silenced].filter((alarm) => now.includes(alarm)));
    const loud = now.some((alarm) => !silenced.has(alarm));
    if (loud && !audio) audio = new AudioContext();
    const mute = loud && audio.state !== "running";
    const sounds = loud && !mute;
    box()?.classList.toggle("sounds", sounds);
    box()?.classList.toggle("mute", mute);
    if (sounds && audio.currentTime >= last + PAUSE) {
      last = audio.currentTime;
      tone(audio.currentTime, 880);
      tone(audio.currentTime + 0.3, 660);
    }
  }

  document.addEventListener("pointerdown", () => {
    audio ??= new AudioContext();
    audio.resume().then(look);
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest(".sounding .silence")) return;
    silenced = new Set(calling());
    look();
  });
  setInterval(look, EVERY);
})();
