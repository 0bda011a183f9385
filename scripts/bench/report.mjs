/** From measurements to medians, and from medians to a table for people. Pure functions. */

/** @param {number[]} values @returns {number | null} */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  if (sorted.length === 0) return null;
  return sorted.length % 2 === 1
    ? sorted[Math.floor(middle)]
    : (sorted[middle - 1] + sorted[middle]) / 2;
}

const sum = (values) => values.reduce((total, value) => total + value, 0);
const isDecode = ({ positions }) => positions === 1;

/** What one measurement says about its decode passes. */
function decodeOf({ meter }) {
  const runs = meter.decoderRuns.filter(isDecode);
  return { steps: runs.length, rows: sum(runs.map(({ rows }) => rows)) };
}

/** Same item, same repeat: what a ratio may be taken of. */
const pairKey = ({ mode, k, item, repeat }) => [mode, k, item, repeat].join();

/** Medians of one method at one K. `measured` is not empty. */
function rowOf(measured, { method, mode, k, cached }) {
  const of = (read) => median(measured.map(read));
  const ours = method === 'flat' || method === 'tree';
  return {
    method,
    mode,
    k,
    cached,
    elapsedMs: of(({ elapsedMs }) => elapsedMs),
    firstSampleMs: of(({ firstSampleMs }) => firstSampleMs),
    samplesPerSecond: of(({ elapsedMs }) => (1000 * k) / elapsedMs),
    meanTokens: of(({ meanTokens }) => meanTokens),
    steps: of((one) => decodeOf(one).steps),
    rows: of((one) => decodeOf(one).rows),
    meanLiveRows: ours ? of((one) => decodeOf(one).rows / Math.max(1, decodeOf(one).steps)) : null,
    computedFrom: null,
  };
}

/** A peer above its limit: as many times what it took at the largest K that was measured. */
function extrapolated(row, k) {
  const factor = k / row.k;
  return {
    ...row,
    k,
    elapsedMs: row.elapsedMs * factor,
    rows: row.rows * factor,
    steps: row.method === 'each' ? row.steps * factor : row.steps,
    computedFrom: row.k,
  };
}

/** Times of `each` per K answers, by pair key: measured, or from its own time for one answer. */
function eachTimes(measurements, plan) {
  const times = new Map();
  for (const one of measurements) {
    if (one.method === 'each') times.set(pairKey(one), one.elapsedMs);
  }
  const largest = Math.max(...plan.ks.filter((k) => k <= plan.limits.each), 0);
  return (one) => {
    const exact = times.get(pairKey(one));
    if (exact !== undefined) return exact;
    const smaller = times.get(pairKey({ ...one, k: largest }));
    return smaller === undefined ? null : (smaller * one.k) / largest;
  };
}

/** Median over pairs of the time of `each` divided by ours. */
function speedup(measured, timeOfEach) {
  const ratios = measured.flatMap((one) => {
    const each = timeOfEach(one);
    return each === null ? [] : [each / one.elapsedMs];
  });
  return median(ratios);
}

/** Where the time of a run goes, in shares of the worker's elapsed time; medians over runs. */
function stepOf(measured) {
  const share = (read) => median(measured.map(({ meter }) => read(meter) / meter.elapsedMs));
  return {
    runs: measured.length,
    elapsedMs: median(measured.map(({ meter }) => meter.elapsedMs)),
    model: share(({ modelMs }) => modelMs),
    gather: share(({ gatherMs }) => gatherMs),
    engine: share(({ stepMs }) => stepMs),
    text: share(({ textMs }) => textMs),
    messages: share(({ messageMs }) => messageMs),
    drawAndTree: share(
      ({ elapsedMs, modelMs, gatherMs, stepMs, textMs, messageMs }) =>
        elapsedMs - modelMs - gatherMs - stepMs - textMs - messageMs,
    ),
    /** Time of the run against bare decoder runs over the same rows and lengths. */
    toFloor: median(measured.map(({ elapsedMs, floorMs }) => elapsedMs / floorMs)),
  };
}

/** Medians, ratios and shares of one device's measurements. */
export function summarize({ device, loaded, skipped, measurements, memory }, plan) {
  if (skipped) return { device, skipped, rows: [], steps: [], memory: [] };
  const timeOfEach = eachTimes(measurements, plan);
  const rows = [];
  const steps = [];
  for (const mode of plan.modes) {
    for (const k of plan.ks) {
      for (const method of plan.methods) {
        for (const cached of [false, true]) {
          const wanted = { method, mode, k, cached };
          const measured = measurements.filter((one) =>
            Object.entries(wanted).every(([name, value]) => one[name] === value),
          );
          if (measured.length === 0) {
            const smaller = rows.findLast((row) => row.method === method && row.mode === mode);
            if (!cached && smaller) rows.push({ ...extrapolated(smaller, k), speedup: null });
            continue;
          }
          rows.push({ ...rowOf(measured, wanted), speedup: speedup(measured, timeOfEach) });
          if (method === 'tree' && cached) steps.push({ mode, k, ...stepOf(measured) });
        }
      }
    }
  }
  return { device, loaded: loaded.device, revision: loaded.revision, rows, steps, memory };
}

const number = (value, digits = 0) =>
  value === null || value === undefined ? '' : value.toFixed(digits);
const percent = (value) => (value === null ? '' : `${(100 * value).toFixed(1)} %`);
const mebibytes = (bytes) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;

function table(head, lines) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...lines.map(line)].join('\n');
}

const NAMES = {
  each: 'generate() K times',
  batched: 'generate() on K rows',
  flat: 'ours, tree off',
  tree: 'ours',
};

function rowTable(rows) {
  const head = ['mode', 'K', 'method', 'ms', '× (a)', 'first ms', 'samples/s', 'rows', 'live rows'];
  return table(
    head,
    rows.map((row) => [
      row.mode,
      row.k,
      NAMES[row.method] + (row.cached ? ', prefill cached' : ''),
      number(row.elapsedMs, row.elapsedMs < 100 ? 1 : 0) +
        (row.computedFrom === null ? '' : ` (from K = ${row.computedFrom})`),
      number(row.speedup, 1),
      number(row.firstSampleMs, 1),
      number(row.samplesPerSecond),
      number(row.rows),
      number(row.meanLiveRows, 1),
    ]),
  );
}

function stepTable(steps) {
  const head = ['mode', 'K', 'ms', 'session.run', 'gather', 'engine', 'text', 'messages'];
  return table(
    [...head, 'draw, tree', '÷ floor'],
    steps.map((step) => [
      step.mode,
      step.k,
      number(step.elapsedMs, 1),
      ...[step.model, step.gather, step.engine, step.text, step.messages, step.drawAndTree].map(
        percent,
      ),
      number(step.toFloor, 2),
    ]),
  );
}

function memoryTable(memory) {
  return table(
    ['method', 'K', 'peak above loaded', 'loaded'],
    memory.map(({ method, k, peakBytes, loadedBytes }) => [
      NAMES[method],
      k,
      mebibytes(peakBytes),
      mebibytes(loadedBytes),
    ]),
  );
}

/** The report in Markdown. */
export function tableOf(report) {
  const { date, machine, checkpoint, temperature, maxNewTokens, items, repeats, devices } = report;
  const parts = [
    `${checkpoint}, T = ${temperature}, at most ${maxNewTokens} tokens, ${items} items, ${repeats} repeats; ${date}`,
    `${machine.cores} × ${machine.cpu}, load ${number(machine.loadBefore, 1)} to ${number(machine.loadAfter, 1)}`,
  ];
  for (const { device, skipped, loaded, rows, steps, memory } of devices) {
    if (skipped) {
      parts.push(`${device}: not measured, ${skipped}.`);
      continue;
    }
    parts.push(
      `## ${device}${loaded.adapter ? ` (${loaded.adapter})` : `, ${loaded.threads} thread(s)`}`,
      rowTable(rows),
      'Where the time of a run goes (ours, prefill cached), and its ratio to bare `session.run` calls of the decoder over the same rows and lengths:',
      stepTable(steps),
    );
    if (memory.length > 0) parts.push('Peak memory of the tab, think mode:', memoryTable(memory));
  }
  return parts.join('\n\n');
}
