// A test of the microphone while no clock runs: press, say something, read whether it was heard. Nothing is kept.
(() => {
  const LONGEST_MS = 10_000;
  const LOUD = 0.35; // of the level
  const NO_MICROPHONE = {
    NotAllowedError: "The microphone isn't allowed here. Allow it for this site in your browser, then test again.",
    NotFoundError: "No microphone was found. Plug one in, or write your answers.",
    NotReadableError: "The microphone can't be used: another program may hold it.",
  };
  const box = document.querySelector("div[data-microphone]");
  const part = (name) => box.querySelector(`[data-microphone='${name}']`);
  const say = (text) => { part("says").textContent = text; };

  function levelOf(analyser) {
    const samples = new Float32Array(analyser.fftSize);
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    return Math.min(Math.max(1 + (10 * Math.log10(power + 1e-10)) / 60, 0), 1);
  }

  async function listen(stream) {
    const context = new AudioContext();
    context.resume(); // Safari begins it suspended
    const analyser = context.createAnalyser();
    context.createMediaStreamSource(stream).connect(analyser);
    part("level").hidden = false;
    const end = performance.now() + LONGEST_MS;
    let loud = 0;
    while (loud < 3 && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      part("level").value = levelOf(analyser);
      if (part("level").value > LOUD) loud += 1;
    }
    part("level").hidden = true;
    context.close();
    return loud >= 3;
  }

  async function test() {
    part("test").disabled = true;
    say("Say something …");
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
      const isHeard = await listen(stream);
      for (const track of stream.getTracks()) track.stop();
      say(isHeard ? "We can hear you." : "We couldn't hear anything. Is the microphone muted?");
    } catch (error) {
      say(NO_MICROPHONE[error.name] ?? "We couldn't test the microphone. You can still try, or write your answers.");
    }
    part("test").disabled = false;
  }

  if (box) part("test").addEventListener("click", test);
})();
