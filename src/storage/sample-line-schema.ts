/** The shape of one sample in a run file: what a worker drew, or what a server stated. */

import * as v from 'valibot';

export const Finite = v.pipe(v.number(), v.finite());
export const Index = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const Rule = v.picklist([
  'answer-tag',
  'unclosed-answer-tag',
  'answer-colon',
  'capital-letter',
  'unparsed',
]);

/**
 * An array with an entry per token. Nearly all are good, and seen so in one pass; the schema, which
 * takes ten times as long, is asked only to name the place of what is wrong.
 */
function longArray<Item>(
  item: v.GenericSchema<Item>,
  isGood: (value: unknown) => boolean,
): v.GenericSchema<Item[]> {
  const asked = v.array(item);
  const seen = v.custom<Item[]>(() => true);
  return v.lazy((value) => (Array.isArray(value) && value.every(isGood) ? seen : asked));
}

const isIndex = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;

const Reason = v.nullable(v.string());

const ServedLine = v.strictObject({
  path: v.picklist(['several', 'seeded', 'unseeded', 'greedy']),
  sent: v.string(),
  replyId: v.nullable(v.string()),
  choice: Index,
  tokenCount: v.nullable(Index),
  missing: v.strictObject({
    ...{ tokens: Reason, tokenIds: Reason, logProbs: Reason, modelLogProbs: Reason },
  }),
});

/** `answer`, `rule` and `correct` are there for readers in Python; an import parses anew. */
export const SampleLine = v.pipe(
  v.strictObject({
    index: Index,
    tokenIds: v.nullable(longArray(Index, isIndex)),
    tokenTexts: longArray(v.string(), (item) => typeof item === 'string'),
    logProbs: v.nullable(longArray(Finite, Number.isFinite)),
    modelLogProbs: v.nullable(longArray(Finite, Number.isFinite)),
    text: v.string(),
    finishReason: v.picklist(['answer-closed', 'end-of-sequence', 'length']),
    served: v.exactOptional(ServedLine),
    answer: v.optional(v.nullable(v.string())),
    rule: v.optional(Rule),
    correct: v.optional(v.nullable(v.boolean())),
  }),
  v.check(
    ({ tokenIds, tokenTexts, logProbs, modelLogProbs }) =>
      [tokenIds, logProbs, modelLogProbs].every(
        (values) => values === null || values.length === tokenTexts.length,
      ),
    'tokenIds, tokenTexts, logProbs and modelLogProbs differ in length',
  ),
  v.check(
    ({ tokenIds, logProbs, modelLogProbs, served }) =>
      served !== undefined || ![tokenIds, logProbs, modelLogProbs].includes(null),
    'only a sample of a server can have no token ids or log-probabilities',
  ),
  v.check(
    ({ tokenTexts, text }) => tokenTexts.join('') === text,
    'tokenTexts do not add up to text',
  ),
  v.transform(
    ({ index, tokenIds, tokenTexts, logProbs, modelLogProbs, text, finishReason, served }) => ({
      ...{ index, tokenIds, tokenTexts, logProbs, modelLogProbs, text, finishReason },
      ...(served && { served }),
    }),
  ),
);
