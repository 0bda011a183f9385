/** What is photographed, and read by axe: every screen in each of its states, a row a state. */
import {
  FAMILY,
  ask,
  bounded,
  doneWithThree,
  evaluating,
  failed,
  firstVisit,
  follow,
  goTo,
  guessing,
  imported,
  loaded,
  noServer,
  notARun,
  open,
  planned,
  probed,
  running,
  scoring,
  sheet,
  stopped,
  transferred,
  ofSomebodyElse,
  withKeys,
  withRecorded,
} from './reach.mjs';

/**
 * @typedef {object} State
 * @property {string} screen
 * @property {string} id part of the file's name
 * @property {string} title
 * @property {(page: import('playwright-core').Page, url: string) => Promise<void>} prepare
 * @property {boolean} [moves] it passes by itself: prepared anew for each picture
 * @property {(page: import('playwright-core').Page) => Promise<void>} [narrow] done at 390 px, ended by Escape
 * @property {string} [look] handle of what is scrolled into a window that does not show the whole page
 * @property {boolean} [present] it is there for a projector too
 */

/** @type {readonly State[]} */
export const STATES = [
  { screen: 'Explore', id: 'first', title: 'first visit', prepare: firstVisit, present: true },
  {
    screen: 'Explore',
    id: 'controls',
    title: 'controls, nothing asked yet',
    prepare: open(ask(`checkpoint=${FAMILY}&k=16&mode=think`)),
    narrow: sheet('open-controls'),
    present: true,
  },
  {
    screen: 'Explore',
    id: 'running',
    title: 'running, K = 1,024',
    prepare: running,
    moves: true,
    present: true,
  },
  {
    screen: 'Explore',
    id: 'done',
    title: 'done, three checkpoints',
    prepare: doneWithThree,
    present: true,
  },
  {
    screen: 'Explore',
    id: 'exact',
    title: 'exact bounds',
    prepare: bounded,
    look: 'answer-row',
    present: true,
  },
  { screen: 'Explore', id: 'stopped', title: 'stopped', prepare: stopped },
  { screen: 'Explore', id: 'error', title: 'a checkpoint did not come', prepare: failed },
  { screen: 'Explore', id: 'imported', title: 'a run from a file', prepare: imported },
  {
    screen: 'Explore',
    id: 'lesson',
    title: 'a step of the lesson',
    prepare: follow('rl-sharpens'),
  },
  {
    screen: 'Explore',
    id: 'guess',
    title: 'a step that asks for a guess first',
    prepare: guessing,
    present: true,
  },
  { screen: 'Explore', id: 'keys', title: 'the list of keys', prepare: withKeys },
  { screen: 'Explore', id: 'trace', title: 'a trace is scored', prepare: scoring },
  {
    screen: 'Explore',
    id: 'link',
    title: 'a link to what is not here',
    prepare: ofSomebodyElse,
  },
  {
    screen: 'Evaluate',
    id: 'empty',
    title: 'nothing stored',
    prepare: goTo('#/evaluate', 'recorded-offer'),
  },
  {
    screen: 'Evaluate',
    id: 'plan',
    title: 'a plan with its measured cost',
    prepare: planned,
    narrow: sheet('open-plan'),
  },
  { screen: 'Evaluate', id: 'running', title: 'running', prepare: evaluating },
  {
    screen: 'Evaluate',
    id: 'results',
    title: 'the recorded run',
    prepare: withRecorded('#/evaluate', 'item-row'),
  },
  { screen: 'Evaluate', id: 'problem', title: 'a file that is no run', prepare: notARun },
  {
    screen: 'Compare',
    id: 'empty',
    title: 'nothing stored',
    prepare: goTo('#/compare', 'recorded-offer'),
  },
  {
    screen: 'Compare',
    id: 'recorded',
    title: 'the recorded run',
    prepare: withRecorded('#/compare', 'compare-summary'),
  },
  {
    screen: 'Compare',
    id: 'transfer',
    title: 'where RL gained',
    prepare: transferred,
    look: 'transfer-map',
  },
  {
    screen: 'Recipe',
    id: 'empty',
    title: 'nothing stored',
    prepare: goTo('#/recipe', 'recorded-offer'),
  },
  {
    screen: 'Recipe',
    id: 'recorded',
    title: 'the recorded run',
    prepare: withRecorded('#/recipe', 'recipe-verdict'),
  },
  {
    screen: 'Probe',
    id: 'empty',
    title: 'nothing probed',
    prepare: goTo('#/probe', 'probe-empty'),
    narrow: sheet('open-probe-plan'),
  },
  { screen: 'Probe', id: 'study', title: 'a study of one set', prepare: probed },
  { screen: 'Models', id: 'list', title: 'as it is', prepare: goTo('#/models', 'model-row') },
  { screen: 'Models', id: 'loaded', title: 'one is loaded', prepare: loaded },
  {
    screen: 'Models',
    id: 'server',
    title: 'a server that does not answer',
    prepare: noServer,
    look: 'server-error',
  },
];
