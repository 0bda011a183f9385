/** What no server does, with the reason, whether it was asked already or not. */

import type { Ability, SampleReweighting, VisionFeatures } from '../answer-backend.ts';

export const NO_REWEIGHTING: Ability<SampleReweighting> = {
  calls: null,
  reason: 'A server does not keep the logits that its samples were drawn from.',
};

export const NO_FEATURES: Ability<VisionFeatures> = {
  calls: null,
  reason: 'A server does not give out what the model sees.',
};
