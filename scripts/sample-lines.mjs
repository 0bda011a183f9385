/**
 * Lines of `sample-set`: what is kept of a line of the page's export, what makes two lines the same
 * measurement, and the keys of the lines that a file holds.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const sampleLine = ({ text, answer, correct, logProbs }) => ({
  text,
  answer,
  correct,
  logProb: logProbs.reduce((sum, value) => sum + value, 0),
});

/** The nulls of a line, without tokens; what is missing is `null` with its reason. */
function nullFields({ secondSeed, wrongImages }) {
  return {
    secondSeed: {
      reason: secondSeed.reason,
      drawn: secondSeed.drawn && {
        seed: secondSeed.drawn.seed,
        samples: secondSeed.drawn.samples.map(sampleLine),
      },
    },
    wrongImages: {
      reason: wrongImages.reason,
      drawn:
        wrongImages.drawn &&
        wrongImages.drawn.images.map(({ image, samples }) => ({
          index: image.index,
          samples: samples.map(sampleLine),
        })),
    },
  };
}

/** A line of the page's export without what is long: tokens and pixels. */
export function resultLine(line, { label }, kind) {
  const { answerer, image, question, promptMode, promptVersion, sampler, greedy, samples, nulls } =
    line;
  const { text, answer, correct } = greedy;
  return {
    dataset: image.dataset,
    index: image.index,
    label,
    checkpoint: answerer.checkpointId,
    revision: answerer.revision,
    dtype: answerer.dtype,
    device: answerer.device,
    kind,
    question,
    mode: promptMode,
    promptVersion,
    sampler,
    greedy: { text, answer, correct },
    samples: samples.map(sampleLine),
    ...(nulls && { nulls: nullFields(nulls) }),
  };
}

/** What makes two lines the same measurement. */
export function keyOf({
  dataset,
  index,
  checkpoint,
  revision,
  kind,
  mode,
  promptVersion,
  sampler,
  nulls,
}) {
  const knobs = Object.keys(sampler)
    .sort()
    .map((name) => sampler[name]);
  return JSON.stringify([
    dataset,
    index,
    checkpoint,
    revision,
    kind,
    mode,
    promptVersion,
    ...knobs,
    ...(nulls ? ['nulls'] : []),
  ]);
}

/** Keys of the lines in a file; a last line that was cut off is taken out of it. */
export function keysIn(file) {
  if (!existsSync(file)) return new Set();
  const text = readFileSync(file, 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole.length < text.length) writeFileSync(file, whole);
  return new Set(
    whole
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => keyOf(JSON.parse(line))),
  );
}

/** The line of one checkpoint, which has to be about the image and the weights asked for. */
export function lineOf(lines, checkpoint, item, plan, revision) {
  const line = lines.find(({ answerer }) => answerer.checkpointId === checkpoint);
  const where = `${item.dataset}/${item.index}`;
  if (!line) throw new Error(`${where}: the page did not sample ${checkpoint}.`);
  const { image, answerer, sampler, samples, nulls } = line;
  if (image.dataset !== item.dataset || image.index !== item.index || image.split !== 'test') {
    throw new Error(`${where}: the page sampled ${image.dataset}/${image.split}/${image.index}.`);
  }
  if (answerer.revision !== revision) {
    throw new Error(`${where}: ${checkpoint} is revision ${answerer.revision}, not ${revision}.`);
  }
  for (const [knob, value] of Object.entries(plan.sampler)) {
    if (sampler[knob] !== value) throw new Error(`${where}: the page set ${knob} otherwise.`);
  }
  if (plan.nulls !== (nulls !== undefined)) throw new Error(`${where}: the page took other nulls.`);
  if (samples.length !== plan.sampler.k) throw new Error(`${where}: ${samples.length} samples.`);
  return line;
}
