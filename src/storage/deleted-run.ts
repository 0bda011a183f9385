/** What work on a run ends with when the run is deleted meanwhile, here or in another tab. */

import { NamedError } from '../protocol/errors.ts';

export const deleted = (): NamedError =>
  new NamedError('StorageFailed', 'The run was deleted in the meantime.');
