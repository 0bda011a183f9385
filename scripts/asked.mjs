/** What the scripts that sample through the page may ask, and what they ask unless told otherwise. */

export const KINDS = ['options', 'yes-no', 'not', 'free-form'];

/** The sampler's knobs by the name of their option, as they are typed. */
export const SAMPLER_DEFAULTS = {
  k: '16',
  t: '1',
  p: '1',
  topk: '0',
  minp: '0',
  max: '96',
  seed: '7',
};
