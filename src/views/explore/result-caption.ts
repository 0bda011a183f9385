/** What a saved picture of Explore states of its run, line by line. Pure. */

import { checkpointLine, deviceLine, samplerInFull } from '../../charts/caption-lines.ts';
import { answerLabel, optionLetter, rightAnswers } from '../../core/question.ts';
import type { ImageSource, ItemRecord, Question } from '../../core/types.ts';
import { unstatedSentence } from '../../core/unstated.ts';
import { datasetName } from '../../state/dataset-names.ts';
import { questionKind } from '../../state/question-kind.ts';
import type { RunGroup } from '../../state/run-groups.ts';
import { QUESTION_KIND_CHOICES } from './question-kind-choices.ts';

/** Free-form questions take many spellings: only the first ones are named. */
const MOST_RIGHT = 3;

/** Image, question, checkpoints with their n, sampler with the prompt, devices. */
export function resultCaption(group: RunGroup): readonly string[] {
  const { first, records } = group;
  const { record } = first;
  const answerers = records.map((one) => one.record.answerer);
  return [
    `Image: ${imageWords(record.image)}`,
    questionLine(record.question),
    `${checkpointLine(answerers)}; ${samplesWords(records.map((one) => one.record))}`,
    `Sampler: ${samplerInFull(record.sampler)}; prompt mode ${record.promptMode} (${record.promptVersion})`,
    deviceLine(answerers),
    ...unstatedLines(group),
  ];
}

/** What the servers among the checkpoints did not state of the samples, with the reasons; empty for nothing. */
export const unstatedLines = ({ records }: RunGroup): readonly string[] =>
  records.flatMap(({ record: { samples, answerer } }) => {
    const words = unstatedSentence(samples);
    return words === '' ? [] : [records.length > 1 ? `${answerer.checkpointId}: ${words}` : words];
  });

/** `BloodMNIST, test 332, 28 × 28 px`, or a file's name. */
function imageWords({ dataset, split, index, name, width, height }: ImageSource): string {
  const place = [split, index].filter((part) => part !== null).join(' ');
  return [
    dataset === null ? name : datasetName(dataset),
    ...(place === '' ? [] : [place]),
    `${String(width)} × ${String(height)} px`,
  ].join(', ');
}

function questionLine(question: Question): string {
  const kind = questionKind(question);
  const label = QUESTION_KIND_CHOICES.find(({ value }) => value === kind)?.label ?? kind;
  const options = question.options.map((option, at) => `${optionLetter(at)} ${option}`);
  const right = rightAnswers(question).map((answer) => answerLabel(answer, question));
  return [
    `Question (${label}): ${question.text}`,
    ...(options.length === 0 ? [] : [`Options: ${options.join(', ')}.`]),
    right.length === 0
      ? 'No truth is marked.'
      : `Right: ${right.slice(0, MOST_RIGHT).join(', ')}${right.length > MOST_RIGHT ? ' and others' : ''}.`,
  ].join(' ');
}

/** Fewer than K where a run was stopped. */
function samplesWords(records: readonly ItemRecord[]): string {
  const counts = [...new Set(records.map(({ samples }) => samples.length))];
  return `n = ${counts.join(' / ')} samples${records.length > 1 && counts.length === 1 ? ' each' : ''}`;
}
