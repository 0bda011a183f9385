/** The one door: makes workers, backends and stores, and hands them to the page. */

import { mount } from 'svelte';
import App from './App.svelte';
import './app.css';
import {
  BUILT_IN_CHECKPOINTS,
  BUILT_IN_TOWERS,
  DEFAULT_CHECKPOINT_IDS,
} from './backend/checkpoints.ts';
import { deviceAbility } from './backend/device-ability.ts';
import { FigureWorker } from './backend/figure-worker.ts';
import { ProbeWorker } from './backend/probe-worker.ts';
import { discardKept, freeBytes, keptBytes, keptPlaces } from './backend/hub-cache.ts';
import { HUB_CHECKPOINTS } from './backend/hub-checkpoints.ts';
import { choicesFor } from './backend/hub-dtypes.ts';
import { OriginGate } from './backend/remote/origin-gate.ts';
import { ServedBackend } from './backend/remote/served-backend.ts';
import { WorkerBackend } from './backend/worker-backend.ts';
import { parseLesson } from './data/lessons.ts';
import { AddedList } from './state/added-list.svelte.ts';
import { CheckpointChoice } from './state/checkpoint-choice.svelte.ts';
import { CompareBoard } from './state/compare-board.svelte.ts';
import { ComparedPairs, RunComparison } from './state/comparison.svelte.ts';
import { CooledParent } from './state/cooled-parent.svelte.ts';
import { EvaluationDraft } from './state/evaluation-draft.svelte.ts';
import { EvaluationJob } from './state/evaluation-job.svelte.ts';
import { EvaluationProbe } from './state/evaluation-probe.svelte.ts';
import { Evaluation } from './state/evaluation.svelte.ts';
import { ExactBounds } from './state/exact-bounds.svelte.ts';
import { ExactTurn } from './state/exact-turn.svelte.ts';
import { ExploreAddress } from './state/explore-address.svelte.ts';
import { Explore } from './state/explore.svelte.ts';
import { FirstSteps } from './state/first-steps.svelte.ts';
import { FolderDesk } from './state/folder-desk.svelte.ts';
import { DeviceView } from './state/device-view.svelte.ts';
import { HubDesk } from './state/hub-desk.svelte.ts';
import { HubAccess } from './state/hub-access.svelte.ts';
import { ImageGallery } from './state/image-gallery.svelte.ts';
import { KeptDownloads } from './state/kept-downloads.svelte.ts';
import { LessonDesk } from './state/lesson-desk.svelte.ts';
import { LessonPath } from './state/lesson-path.svelte.ts';
import { LessonTab } from './state/lesson-tab.ts';
import { LinkedRuns } from './state/linked-runs.svelte.ts';
import { ModelShelf } from './state/model-shelf.svelte.ts';
import { FeatureMap } from './state/feature-map.svelte.ts';
import { Pointing } from './state/pointing.svelte.ts';
import { Prediction } from './state/prediction.svelte.ts';
import { ProbeAnswers } from './state/probe-answers.svelte.ts';
import { ProbeBoard } from './state/probe-board.svelte.ts';
import { ProbePlan } from './state/probe-plan.svelte.ts';
import { PageAddress, writeParameter } from './state/page-address.ts';
import { PageNews } from './state/page-news.svelte.ts';
import { PublishedFigures } from './state/published.svelte.ts';
import { QuestionDraft } from './state/question-draft.svelte.ts';
import { RecipeBoard } from './state/recipe-board.svelte.ts';
import { RecordedSet } from './state/recorded-set.svelte.ts';
import { ResultChoice } from './state/result-choice.svelte.ts';
import { Reweighting } from './state/reweighting.svelte.ts';
import { RunDraft } from './state/run-draft.svelte.ts';
import { RunFiles } from './state/run-files.svelte.ts';
import { RunResults } from './state/run-results.svelte.ts';
import { RunShelf } from './state/run-shelf.svelte.ts';
import { RunSession } from './state/run-session.svelte.ts';
import { RunTransfer } from './state/run-transfer.svelte.ts';
import { SamplerDraft } from './state/sampler-draft.svelte.ts';
import { ScreenChoice, screenOf } from './state/screen-choice.svelte.ts';
import { Seeing } from './state/seeing.svelte.ts';
import { ServerAccess } from './state/server-access.svelte.ts';
import { ServerDesk } from './state/server-desk.svelte.ts';
import { SetDraft } from './state/set-draft.svelte.ts';
import { SetResults } from './state/set-results.svelte.ts';
import { TraceScore } from './state/trace-score.svelte.ts';
import { TransferMap } from './state/transfer-map.svelte.ts';
import { VisionJob } from './state/vision-job.svelte.ts';
import { VqaShelf } from './state/vqa-shelf.svelte.ts';
import { isolatedThreads } from './protocol/threads.ts';
import type { CheckpointSource } from './protocol/vlm.ts';
import { isServed } from './storage/added-checkpoints.ts';
import { BusyTabs } from './storage/busy-tabs.ts';
import { JSONL_TYPE } from './storage/export-names.ts';
import { FolderAccess, readFolder } from './storage/folder-access.ts';
import { ImageLibrary } from './storage/image-library.ts';
import { ProbeLibrary } from './evaluation/probe-library.ts';
import { KeptPage } from './storage/kept-page.ts';
import { recordedSetFacts, recordedSetFile } from './storage/recorded-set.ts';
import { chooseFile } from './storage/save-file.ts';
import { readTheme, writeTheme } from './storage/theme.ts';
import { afterFrame } from './ui/in-frames.ts';

const fromHere = (path: string): string => new URL(path, document.baseURI).href;

const library = new ImageLibrary(
  fromHere('samples/'),
  (name) =>
    new Worker(new URL('../workers/data.worker.ts', import.meta.url), { type: 'module', name }),
);

/** Time between two pictures of a run in progress: each is a few tasks of its own. */
const REDRAW_INTERVAL_MS = 150;

/** What only other screens than the first one need comes with its first use. */
const openRuns = async () => (await import('./storage/run-store.ts')).RunStore.open();
const openFeatures = async () => (await import('./storage/feature-store.ts')).FeatureStore.open();

const makeModelWorker = (name: string): Worker =>
  new Worker(new URL('../workers/vlm.worker.ts', import.meta.url), { type: 'module', name });

const builtIn = { kind: 'folder', modelsUrl: fromHere('models/') } as const;
// A backend costs nothing until it is loaded: its worker starts then.
const checkpoints = new CheckpointChoice(
  [...BUILT_IN_CHECKPOINTS, ...BUILT_IN_TOWERS].map(
    (row) => new WorkerBackend(row, builtIn, makeModelWorker),
  ),
  DEFAULT_CHECKPOINT_IDS,
);
const folders = new FolderAccess();
const access = new HubAccess(localStorage);
/** Nothing goes to a server but through this. */
const gate = new OriginGate();
const servers = new ServerDesk(new ServerAccess(localStorage, gate), {
  models: async (address, signal) => {
    const { modelNames } = await import('./backend/remote/server-models.ts');
    return modelNames(gate, address, signal);
  },
  pageUrl: location.href,
});
const added = new AddedList(checkpoints, {
  storage: localStorage,
  kept: keptBytes,
  makeBackend: (row, entry) => {
    if (isServed(entry)) return new ServedBackend(row, entry.origin, gate);
    const { id, origin, manifest } = entry;
    const open = async (): Promise<CheckpointSource> => {
      if (origin.kind === 'hub') {
        return { ...origin, manifest, token: access.tokenFor(origin.endpoint) };
      }
      const { folder } = origin;
      return { kind: 'files', folder, manifest, files: await folders.files(id, folder) };
    };
    return new WorkerBackend(row, { kind: 'at-load', manifest, open }, makeModelWorker);
  },
});
const results = new RunResults();
const redrawSoon = (callback: () => void): unknown =>
  setTimeout(() => {
    afterFrame(callback);
  }, REDRAW_INTERVAL_MS);
const session = new RunSession(checkpoints, results, redrawSoon, () => new Date().toISOString());

/** A file of its own, and never one that is not there. */
async function openBundledLesson(): Promise<void> {
  const [file] = Object.entries(
    import.meta.glob<unknown>('./data/lessons/*.json', { import: 'default' }),
  );
  if (!file) return;
  const [path, read] = file;
  const json = await read().catch(() => null);
  lessons.setBundled(parseLesson(json, path.split('/').at(-1) ?? ''));
}
const random = (): number => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32;
const lessons = new LessonPath(null, null, random);

const draft = new RunDraft(
  new ImageGallery(library),
  new QuestionDraft(),
  new SamplerDraft(),
  session,
);
const address = new ExploreAddress(draft, session, lessons);
const files = new RunFiles(session, __APP_VERSION__);
const turn = new ExactTurn(session);
const exact = new ExactBounds(results, session, turn, redrawSoon);
const traces = new TraceScore(results, session.checkpoints, turn);
const reweighting = new Reweighting(session, exact, afterFrame);
const lessonDesk = new LessonDesk(lessons, {
  pageUrl: location.href,
  fetchText: async (url, signal) =>
    (await import('./storage/fetch-lesson.ts')).fetchLesson(url, signal),
  keep: (url, text) =>
    void import('./storage/kept-lessons.ts').then((kept) => kept.keepLesson(url, text)),
  read: async (text) => {
    const { gallery } = draft;
    const [{ readWrittenLesson }] = await Promise.all([
      import('./state/written-lesson.ts'),
      // Whether an image is there is known once the gallery is.
      gallery.open(),
    ]);
    return readWrittenLesson(text, {
      shipped: gallery.shipped,
      hasImage: (...image) => gallery.idOf(...image) !== null,
      checkpoints: checkpoints.slots.map(({ id }) => id),
    });
  },
  tab: new LessonTab(sessionStorage),
  onopen: (opened) => {
    pageAddress.lessonOpened(opened);
  },
});
const pointing = new Pointing();
const firstSteps = new FirstSteps(localStorage);
const explore = new Explore(
  ...([draft, session, lessons, address, files, exact, traces, reweighting] as const),
  pointing,
  firstSteps,
  lessonDesk,
  new Prediction(lessons, draft),
);

const soon = (work: () => void, delayMs = 0): unknown => setTimeout(work, delayMs);
const clock = (): number => performance.now();

/** Runs `work` alone among all tabs of this browser; where there are no locks, alone in this one. */
async function exclusively(name: string, work: () => Promise<void>): Promise<boolean> {
  if (!('locks' in navigator)) {
    await work();
    return true;
  }
  return navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
    if (lock) await work();
    return lock !== null;
  });
}

const shelf = new RunShelf(openRuns, 'storage' in navigator ? navigator.storage : null);
const makeFigureWorker = (name: string): Worker =>
  new Worker(new URL('../workers/figures.worker.ts', import.meta.url), { type: 'module', name });
const setResults = new SetResults(shelf, {
  soon,
  clock,
  figures: new FigureWorker(makeFigureWorker),
});
const transfer = new RunTransfer({
  openStore: openRuns,
  makeTableWorker: (name) =>
    new Worker(new URL('../workers/parquet.worker.ts', import.meta.url), { type: 'module', name }),
  chooseFile,
  download,
  appVersion: __APP_VERSION__,
});
const makeId = (): string => crypto.randomUUID();
const now = (): string => new Date().toISOString();
const evaluationJob = new EvaluationJob(shelf, checkpoints, {
  makeId,
  now,
  clock,
  exclusively,
  onRecord: (entry) => {
    setResults.follow(entry);
  },
});
const evaluationDraft = new EvaluationDraft(
  new SetDraft(draft.gallery, new VqaShelf(library)),
  checkpoints,
);
const evaluation = new Evaluation(
  evaluationDraft,
  new EvaluationProbe(evaluationDraft, checkpoints, clock),
  evaluationJob,
  shelf,
  setResults,
  new ResultChoice(setResults),
  transfer,
);
const recorded = new RecordedSet(shelf, {
  facts: () => recordedSetFacts(fromHere('runs/')),
  file: (facts, signal) => recordedSetFile(fromHere('runs/'), facts, signal),
  import: async (chosen) => {
    await evaluation.import(chosen);
    const outcome = transfer.imported;
    if (outcome?.kind === 'failed') throw outcome.error;
  },
});
const linked = new LinkedRuns(shelf, recorded);
const comparing = new FigureWorker(makeFigureWorker);
const comparison = new RunComparison(shelf, new ComparedPairs(shelf, comparing));
const lineage = () => checkpoints.lineage;
const compare = new CompareBoard(
  comparison,
  new TransferMap(comparison, new ComparedPairs(shelf, comparing), lineage),
  new PublishedFigures(),
  shelf,
  new CooledParent(shelf, evaluationJob, {
    figures: new FigureWorker(makeFigureWorker),
    hasCheckpoint: (id) => checkpoints.find(id) !== undefined,
    makeId,
    now,
  }),
  lineage,
);
const recipe = new RecipeBoard(setResults, shelf);
const probes = new ProbeWorker(
  (name) =>
    new Worker(new URL('../workers/probe.worker.ts', import.meta.url), { type: 'module', name }),
);
const vision = new VisionJob(checkpoints, { openStore: openFeatures, probes, clock });
const device = new DeviceView({ ability: deviceAbility, choicesFor });
const { choices } = device;
const models = new ModelShelf(
  new HubDesk(access, {
    listed: HUB_CHECKPOINTS,
    lookUp: async (query) => {
      const { lookUpRepository } = await import('./backend/hub-lookup.ts');
      return lookUpRepository(query);
    },
    choices,
    kept: keptBytes,
    freeBytes,
  }),
  new FolderDesk({
    folders,
    read: readFolder,
    look: async (...given) => {
      const { lookAtFolder } = await import('./backend/folder-lookup.ts');
      return lookAtFolder(...given);
    },
    choices,
  }),
  servers,
  added,
  new KeptDownloads({ keptPlaces, freeBytes, discard: discardKept }),
  device,
  session,
  () => turn.settle(),
);
const probe = new ProbeBoard(
  new ProbePlan(new ProbeLibrary(library, fromHere('probe/')), checkpoints, [...checkpoints.ids]),
  vision,
  new Seeing(vision, setResults, checkpoints, probes),
  new FeatureMap(probes),
  setResults,
  shelf,
  new ProbeAnswers(evaluationJob, setResults),
);
const screens = new ScreenChoice();

/** A page inside another one is isolated by that one only; a graphics device computes without threads. */
async function threadsToGain(): Promise<number | null> {
  const threads = isolatedThreads(navigator.hardwareConcurrency);
  if (crossOriginIsolated || window.parent !== window || threads === 1) return null;
  return (await deviceAbility('auto')).kind === 'wasm' ? threads : null;
}
const news = new PageNews({
  page: new KeptPage(fromHere('offline.js')),
  tabs: new BusyTabs('locks' in navigator ? navigator.locks : null),
  reload: () => {
    location.reload();
  },
  isBusy: () =>
    checkpoints.holder !== null || checkpoints.slots.some(({ progress }) => progress !== null),
  threadsToGain,
});

/** @param content a file, or the text of a JSONL file */
function download(fileName: string, content: Blob | string): void {
  const file = typeof content === 'string' ? new Blob([content], { type: JSONL_TYPE }) : content;
  const url = URL.createObjectURL(file);
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = fileName;
  anchor.click();
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, 10_000);
}

const pageAddress: PageAddress = new PageAddress(
  screens,
  explore,
  { evaluate: evaluation, compare, recipe, probe, models },
  linked,
  {
    recordedRun: async () => {
      const response = await fetch(fromHere('runs/first.jsonl'));
      return response.ok ? response.text() : null;
    },
    bundledLesson: openBundledLesson,
    storage: sessionStorage,
  },
);

const theme = readTheme(localStorage);
document.documentElement.dataset['theme'] = theme;
const present = new URLSearchParams(location.search).has('present');
document.documentElement.toggleAttribute('data-present', present);
function setPresent(wanted: boolean): void {
  document.documentElement.toggleAttribute('data-present', wanted);
  writeParameter('present', wanted ? '' : null);
}
const target = document.querySelector('#app');
if (!target) throw new Error('index.html has no #app.');
explore.isOpening = screenOf(location.hash) === 'explore';
mount(App, {
  target,
  props: {
    explore,
    evaluation,
    compare,
    recipe,
    probe,
    recorded,
    linked,
    models,
    screens,
    news,
    theme,
    present,
    onpresent: setPresent,
    ontheme: (next) => {
      document.documentElement.dataset['theme'] = next;
      writeTheme(localStorage, next);
    },
    onlink: pageAddress.write,
    appVersion: __APP_VERSION__,
    ondownload: download,
    onfollow: pageAddress.goTo,
  },
});
window.addEventListener('hashchange', ({ newURL }) => {
  pageAddress.changed(new URL(newURL).hash);
});
// Once the page is there: what is kept for later must not hold up what is wanted now.
void pageAddress
  .start()
  .finally(() => {
    explore.isOpening = false;
  })
  .then(() => (import.meta.env.PROD ? news.start() : undefined));
// The samples' face is first needed in the middle of a run, where a swap would lay out the whole list again.
void document.fonts.load("12px 'JetBrains Mono Variable'");
